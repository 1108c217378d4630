"""A reader for tests of what reads properties, and its problems in short."""

from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path, load
from caboose.oos.problems import Problem

PATH: Path = ("Properties",)


def a_reader() -> Reader:
    """A reader of an empty template."""
    document, _ = load("Properties: {}")
    assert document
    return Reader(document)


def found(problems: list[Problem]) -> list[str]:
    """``Id Path`` of each; warnings in brackets."""
    texts = [f"{each.id} {each.path}".replace("Properties.", "").replace(" Properties", "") for each in problems]
    return [f"({text})" if each.severity == "warning" else text for text, each in zip(texts, problems, strict=True)]
