"""The little Markdown that the reference pages consist of."""

import json
import re
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any

_WIDTH = 120


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def block(text: str, language: str = "yaml") -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```"


def code(value: Any) -> str:
    """A value as JSON within a line."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def one_of(words: Sequence[str]) -> str:
    """Words of which one may stand: ``a, b or c``."""
    quoted = [f"`{word}`" for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def link(title: str) -> str:
    """A link to the section of this title on the same page."""
    anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return f"[{title}](#{anchor})"


def prose(text: str) -> str:
    """Text for people: lines of a readable length; the double backticks of docstrings become single ones."""
    paragraphs = text.replace("``", "`").split("\n\n")
    return "\n\n".join(fill(" ".join(each.split()), _WIDTH, break_on_hyphens=False) for each in paragraphs)


def source(text: str) -> str:
    """A source: a link where it is an address."""
    return f"Source: <{text}>." if text.startswith("https://") else f"Source: {text}."


def page(title: str, *parts: str) -> str:
    """A page that says that it is made."""
    note = "<!-- Made by `make docs` from the declarations in the code; change those. -->"
    return "\n\n".join([f"# {title}", note, *(part for part in parts if part)]) + "\n"
