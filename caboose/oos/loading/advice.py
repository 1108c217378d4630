"""What is wrong with text that isn't YAML, in words that help.

A YAML parser says what it expected where it gave up. People want to know what they did: used a tab, forgot the quotes
round ``{{ x }}``, began a text with ``*``. This module looks at the parser's words and at the line, and says that; what
it doesn't know it passes on as the parser said it.
"""

import re
from collections.abc import Iterator

import yaml

from caboose.oos.loading.document import NOWHERE, Mark
from caboose.oos.loading.json_text import LINE_END, NotJson
from caboose.oos.problems import Problem

_ID = "InvalidYaml"
_BEFORE_REFERENCE = re.compile(r"\s*(?:- +)*(?:[^\s'\"#{][^:]*:\s+)?(?=\{\{)")
_SEEN = 500
"""How much of a line these patterns look at: on one of 64 KB they would search for minutes."""
_COMMENT = re.compile(r"\s#")
_CLOSING = re.compile(r"\}\}[]},\s]+\Z")
"""Behind a reference what closes the maps and lists round it."""
_WIDE_COLON = re.compile(r"\s*(?:- +)*[\w.-]+：")
_TIGHT_COLON = re.compile(r"\s*(?:- +)*[\w.-]+(?P<colon>:)[^\s:]")
_INDENTATION = (
    "The keys of one map begin in the same column, and so do the dashes of one list: check this line and those above."
)
_UNQUOTED = "a reference without quotes"
_QUOTES = "Put the text in quotes."

_KNOWN = (
    # the parser's problem or context begins with, what it means, the way out ('' for the parser's own words)
    ("found character '\\t'", "a tab stands here, and YAML is indented with spaces", "Replace the tab by spaces."),
    ("found character", "a text can't begin with this character", _QUOTES),
    ("while scanning an alias", 'a text that begins with "*" is taken for an alias', _QUOTES),
    ("while scanning an anchor", 'a text that begins with "&" is taken for an anchor', _QUOTES),
    ("found unknown escape character", "", "In double quotes write \\\\ for a backslash, or use single quotes."),
    ("found unexpected end of stream", "the quote that opens here is never closed", "Close it."),
    ("could not find expected ':'", "a key without a colon, or a line of a text that isn't indented", _INDENTATION),
    ("expected '<document start>'", "this doesn't belong to what stands above", _INDENTATION),
    ("sequence entries are not allowed here", "a list can't begin here", "Begin it on the next line, or use quotes."),
    ("mapping keys are not allowed here", 'a text can\'t begin with "?"', _QUOTES),
    ("expected chomping or indentation", "", "Behind | or > the line ends; the text begins on the next one."),
    ("expected the node content", "", "A text that begins with ] } or , needs quotes."),
    ("expected ',' or", "", "Members are separated by commas; a text that holds { } [ ] or : needs quotes."),
)
_END = ("'\\x00'", "'<stream end>'")
"""The parser's signs for the end."""
_AT_CONTEXT = (
    "while scanning an alias",
    "while scanning an anchor",
    "while scanning a quoted",
    "while scanning a simple",
)
"""What begins at the context's mark; the parser gave up further on."""


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """The problem that stands for a parser's error."""
    lines = LINE_END.split(text)
    words = error.problem or error.context or "a syntax error"
    for sign in _END:
        words = words.replace(sign, "the end of the text")
    at_context = (error.context or "").startswith(_AT_CONTEXT) and not words.startswith("found unknown")
    mark = _mark(error.context_mark if at_context and error.context_mark else error.problem_mark)
    for look in (_reference_here, _wide_colon, _colon):
        for problem in look(words, mark, lines):
            return problem
    for beginning, message, hint in _KNOWN:
        if words.startswith(beginning) or (error.context or "").startswith(beginning):
            return _problem(message or words, mark, hint)
    return _block_end(words, mark, lines)


def json_problem(error: NotJson, text: str) -> Problem:
    """The problem that stands for text that begins like JSON and isn't."""
    found = _reference_in_braces(error.mark, LINE_END.split(text))
    return found or _problem(f"not readable as JSON: {error}", error.mark)


def with_references_named(problems: list[Problem], text: str) -> list[Problem]:
    """The problems, with better ones where ``{{ x }}`` without quotes was read as a map in the place of a key."""
    lines = LINE_END.split(text)
    named = []
    for problem in problems:
        key = problem.id == "InvalidKey"
        found = _reference_in_braces(Mark(problem.line, problem.column), lines) if key else None
        named.append(found or problem)
    return list(dict.fromkeys(named))


def _reference_in_braces(brace: Mark, lines: list[str]) -> Problem | None:
    """What is said when this brace is the first or the second of ``{{``."""
    line = _line(lines, brace.line)
    for column in (brace.column, brace.column - 1):
        if column and line.startswith("{{", column - 1):
            mark = Mark(brace.line, column)
            return _unquoted(line, mark) or _problem(_UNQUOTED, mark, f"{_QUOTES} Without them {{ begins a map.")
    return None


def character_problem(text: str, position: int) -> Problem:
    """What is said against a character that no template may hold, at this position of the text."""
    before = LINE_END.split(text[:position])
    column = len(before[-1].removeprefix("\ufeff") if len(before) == 1 else before[-1]) + 1
    code = ord(text[position])
    if 0xDC80 <= code <= 0xDCFF:  # Python's sign for a byte that isn't UTF-8
        utf_16 = text.startswith(("\udcff\udcfe", "\udcfe\udcff"))
        message = "this is UTF-16 text" if utf_16 else f"the byte 0x{code - 0xDC00:02X} is not UTF-8 text"
        return _problem(message, Mark(len(before), column), "Save the file as UTF-8.")
    message = f"the character U+{code:04X} can't stand in a template"
    return _problem(message, Mark(len(before), column), 'In double quotes write it as an escape such as "\\u0007".')


def _reference_here(words: str, mark: Mark, lines: list[str]) -> Iterator[Problem]:
    found = _unquoted(_line(lines, mark.line), mark)
    if found:
        yield found


def _unquoted(line: str, mark: Mark) -> Problem | None:
    """What is said when the value of this line begins with ``{{``, and not behind the mark."""
    match = _BEFORE_REFERENCE.match(line, 0, _SEEN)
    if match is None or mark.column <= match.end():
        return None
    value = line[match.end() :]
    comment = _COMMENT.search(value)
    quoted = _CLOSING.sub("}}", value[: comment.start() if comment else None].rstrip()).replace("'", "''")
    hint = f"Put the value in quotes: '{quoted}'. Without them {{ begins a map."
    return _problem(_UNQUOTED, Mark(mark.line, match.end() + 1), hint)


def _wide_colon(words: str, mark: Mark, lines: list[str]) -> Iterator[Problem]:
    for number in (mark.line, mark.line - 1):
        match = _WIDE_COLON.match(_line(lines, number), 0, _SEEN)
        if match:
            place = Mark(number, match.end())
            yield _problem("a full-width colon (：) is no colon of YAML", place, 'Write ":" and a blank behind it.')


def _colon(words: str, mark: Mark, lines: list[str]) -> Iterator[Problem]:
    if not words.startswith("mapping values are not allowed"):
        return
    here, above = _line(lines, mark.line)[: mark.column - 1], _line(lines, mark.line - 1)
    match = _TIGHT_COLON.match(above, 0, _SEEN)
    if match:
        place = Mark(mark.line - 1, match.start("colon") + 1)
        yield _problem("a colon without a blank behind it makes no key", place, 'Write "key: value".')
    elif ": " in here:
        yield _problem('a second ": " stands in this line', mark, f'{_QUOTES} A text that holds ": " needs them.')
    else:
        yield _problem("a key can't stand here", mark, _INDENTATION)


def _block_end(words: str, mark: Mark, lines: list[str]) -> Problem:
    before = _line(lines, mark.line)[: mark.column - 1].rstrip()
    if not words.startswith("expected <block end>"):
        return _problem(words, mark)
    if before.endswith(("'", '"')):
        hint = "Put the whole value in quotes; a single quote inside of single quotes is written twice ('')."
        return _problem("text stands behind the closing quote", mark, hint)
    return _problem("this doesn't belong to the map or list above", mark, _INDENTATION)


def _problem(message: str, mark: Mark, hint: str = "") -> Problem:
    return Problem(_ID, message, "", mark.line, mark.column, hint)


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _mark(mark: yaml.Mark | None) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else NOWHERE
