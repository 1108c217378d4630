"""Loading: template text to plain values, with the line and column of every node.

One loader for YAML 1.1 and JSON (JSON is read as YAML, so that it has positions too). Timestamps stay strings, keys are
always text, no tag makes an object. Bounds on size, depth and number of nodes are checked on the event stream before
anything recursive runs; aliases count as often as they are used, so they can't blow up.

Road not taken: ``yaml.safe_load``. It keeps no positions, lets the last of two equal keys win and turns dates into
objects that JSON doesn't know.
"""

import sys
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError
from yaml.resolver import Resolver

from caboose.oos.problems import Problem

MAX_BYTES = 64 * 1024
"""Source: CreateTemplate, Content (oos-20190601)."""
MAX_DEPTH = 50
MAX_NODES = 20_000

Path = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_SCALARS = {_TAG + kind for kind in ("null", "bool", "int", "float", "str")}


@dataclass(frozen=True)
class Mark:
    """A place in the text; line and column count from 1."""

    line: int
    column: int


@dataclass
class Document:
    """A loaded template: its plain value, and where each node of it stands."""

    value: Any
    marks: dict[Path, Mark] = field(default_factory=dict)
    text: str = ""

    def mark(self, path: Path) -> Mark:
        """The place of the node at ``path``, or of the nearest node above it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(0, 0))


class _Loader(yaml.SafeLoader):
    """YAML 1.1 without timestamps: dates stay strings, as in the templates' JSON twins."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- PyYAML looks for a class attribute of this name
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TAG + "timestamp"]
        for first, resolvers in Resolver.yaml_implicit_resolvers.items()
    }


def load(text: str) -> tuple[Document | None, list[Problem]]:
    """The document in ``text``, or the problems that stop it from being read.

    Args:
        text: a template, YAML or JSON, at most 64 KB in UTF-8.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        hint = "Split it, or move long scripts out of it."
        return None, [Problem("TemplateTooLarge", f"the template has {size} bytes, at most {MAX_BYTES}", hint=hint)]
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        text = text.replace("\t", " ")  # JSON's blanks; YAML doesn't take tabs between tokens
    try:
        problem = _measure(text)
        if problem:
            return None, [problem]
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_problem(error)]
    except ReaderError as error:
        return None, [_character_problem(text, error)]
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an escape of a character that doesn't exist
        return None, [Problem("InvalidYaml", f"not readable as YAML or JSON: {error}")]
    if node is None:
        return None, [Problem("InvalidYaml", "the template is empty", hint="It needs FormatVersion and Tasks.")]
    builder = _Builder()
    document = Document(builder.build(node, ()), builder.marks, text)
    return (None if builder.problems else document), builder.problems


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    message = error.problem or error.context or "syntax error"
    if mark is None:
        return Problem("InvalidYaml", message)
    return Problem("InvalidYaml", message, line=mark.line + 1, column=mark.column + 1)


def _character_problem(text: str, error: ReaderError) -> Problem:
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    message = f"the character U+{ord(text[error.position]):04X} can't stand in a template"
    return Problem("InvalidYaml", message, line=line, column=column)


def _measure(text: str) -> Problem | None:
    """Depth and number of nodes, from the event stream: nothing here recurses."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        fault: tuple[str, str] | None = None
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                fault = "InvalidYaml", "a second document begins here; a template is one document"
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            nodes += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            nodes += 1
        if depth > MAX_DEPTH:
            fault = "TooDeep", f"nested more than {MAX_DEPTH} levels"
        if nodes > MAX_NODES:
            fault = "TooManyNodes", f"more than {MAX_NODES} values"
        if fault:
            mark = event.start_mark
            return Problem(*fault, line=mark.line + 1 if mark else 0, column=mark.column + 1 if mark else 0)
    return None


class _Builder:
    """Turns YAML nodes into plain values; collects positions and problems on the way."""

    def __init__(self) -> None:
        self.marks: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self._scalars = SafeConstructor()
        self._built = 0

    def build(self, node: Node, path: Path) -> Any:
        self.marks[path] = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
        self._built += 1
        if self._built > MAX_NODES or len(path) > MAX_DEPTH:
            if not self.problems:
                self._problem("TooManyNodes", f"aliases make more than {MAX_NODES} values of this", node)
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            if node.tag != _TAG + "seq":
                self._unknown_tag(node)
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        if node.tag != _TAG + "map":
            self._unknown_tag(node)
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode) or key_node.tag not in _SCALARS:
                self._problem("InvalidKey", "a key is a plain name; merge keys and compound keys are not", key_node)
                continue
            key = _whole_characters(key_node.value)
            if key in result:
                self._problem("DuplicateKey", f'the key "{key}" stands here a second time', key_node)
                continue
            result[key] = self.build(value_node, (*path, key))
            self.marks[(*path, key)] = Mark(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        return result

    def _scalar(self, node: Node) -> Any:
        if node.tag == _TAG + "str":
            return _whole_characters(node.value)
        if node.tag not in _SCALARS:
            self._unknown_tag(node)
            return None
        try:
            value = self._scalars.construct_object(node)
        except (ConstructorError, LookupError, ValueError, OverflowError):
            kind = node.tag.removeprefix(_TAG)
            self._problem("InvalidYaml", f"{node.value!r:.80} is no {kind}", node)
            return None
        if isinstance(value, (int, float)) and not abs(value) <= sys.float_info.max:
            self._problem("InvalidYaml", f"{node.value!r:.80} is not a number that JSON knows", node)
            return None
        return value

    def _unknown_tag(self, node: Node) -> None:
        hint = "Write plain maps, lists, strings, numbers, true, false and null."
        self._problem("UnknownTag", f"the tag {node.tag} is not allowed", node, hint)

    def _problem(self, id: str, message: str, node: Node, hint: str = "") -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self.problems.append(Problem(id, message, line=line, column=column, hint=hint))


def _whole_characters(text: str) -> str:
    r"""JSON's ``\ud83d\ude00`` arrives as two halves of a character; a half that stays alone becomes U+FFFD."""
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
