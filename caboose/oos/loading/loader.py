"""Loading: template text to plain values, with the line and column of every node.

YAML 1.1 and JSON, each with a reader of its own, into one builder (``caboose.oos.loading``). Timestamps stay strings,
keys are always text, no tag makes an object. Bounds on size, depth and number of nodes stop the reading where they are
passed; aliases count as often as they are used, so they can't blow up.

Road not taken: ``yaml.safe_load``. It keeps no positions, lets the last of two equal keys win and turns dates into
objects that JSON doesn't know.
"""

import re

import yaml
from yaml.reader import ReaderError

from caboose.oos.loading.advice import character_problem, json_problem, syntax_problem, with_references_named
from caboose.oos.loading.builder import MAX_DEPTH, MAX_NODES, Builder, Refused
from caboose.oos.loading.document import Document, Mark, Path
from caboose.oos.loading.json_text import LINE_END, NotJson, read_json
from caboose.oos.loading.scalars import HALVES
from caboose.oos.loading.yaml_text import read_yaml
from caboose.oos.problems import Problem

__all__ = ["LINE_END", "MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Document", "Mark", "Path", "load"]

MAX_BYTES = 64 * 1024
"""Source: CreateTemplate, Content (oos-20190601)."""

_JSON = re.compile("\ufeff?[ \t\r\n]*[{[]")
_SURELY_JSON = re.compile('\ufeff?[ \t\r\n]*\\{[ \t\r\n]*["}]')
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def load(text: str, max_bytes: int = MAX_BYTES) -> tuple[Document | None, list[Problem]]:
    """The document in ``text``, or the problems that stop it from being read.

    Args:
        text: a template, YAML or JSON. Bytes that aren't UTF-8 may stand in it as ``surrogateescape`` makes them.
        max_bytes: how large it may be in UTF-8.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        return None, [too_large(size, max_bytes)]
    half = None if text.isascii() else HALVES.search(text)
    if half:
        return None, [character_problem(text, half.start())]
    try:
        builder = _read(text)
    except Refused as refused:
        return None, with_references_named(refused.problems, text)
    except yaml.MarkedYAMLError as error:
        return None, [syntax_problem(error, text)]
    except ReaderError as error:
        return None, [character_problem(text, error.position)]
    except NotJson as error:
        return None, [json_problem(error, text)]
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an escape of a character that doesn't exist
        return None, [Problem("InvalidYaml", f"not readable as YAML or JSON: {error}")]
    if builder.problems:
        return None, with_references_named(builder.problems, text)
    if builder.value is None:
        return None, [Problem("InvalidYaml", "the template is empty", hint="It needs FormatVersion and Tasks.")]
    return Document(builder.value, builder.marks, text), []


def too_large(size: int, max_bytes: int) -> Problem:
    """What is said against a template of this many bytes."""
    hint = "Split it, or move long scripts out of it; CABOOSE_MAX_TEMPLATE_BYTES changes the limit."
    return Problem("TemplateTooLarge", f"the template has {size} bytes, at most {max_bytes}", hint=hint)


def _read(text: str) -> Builder:
    """JSON when it is that; what only looks like JSON is YAML's flow style, which takes no tabs for indentation."""
    if not _JSON.match(text):
        return read_yaml(text)
    try:
        return read_json(text)
    except NotJson as not_json:
        try:
            return read_yaml(_INDENTATION.sub(lambda blanks: blanks[0].replace("\t", " "), text))
        except (yaml.YAMLError, ValueError):
            if _SURELY_JSON.match(text):
                raise not_json from None
            raise
