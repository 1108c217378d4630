"""Programs: what can be said of their text without running them.

Some words of jq reach for what isn't part of the value: the environment, files, the clock. They are found by a scan of
the tokens, so that ``.env`` (a member), ``{env: 1}`` (a key), text and comments stay allowed. The scan serves the
message; what holds such programs back is the empty environment and the limits of the process that they run in.

Road not taken: searching for programs without end the same way. ``(.,.)|(.,.)|…`` doubles without a single word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from caboose.oos.problems import Problem
from caboose.oos.selectors.port import Checker

MAX_PROGRAM_LENGTH = 20_000

_OTHER_INPUT = "reads other input than the value"
_FILES = "reads files"
FORBIDDEN = {
    "env": "reads the environment of the process",
    "$ENV": "reads the environment of the process",
    "input": _OTHER_INPUT,
    "inputs": _OTHER_INPUT,
    "input_filename": _OTHER_INPUT,
    "input_line_number": _OTHER_INPUT,
    "import": _FILES,
    "include": _FILES,
    "modulemeta": _FILES,
    "get_search_list": _FILES,
    "get_jq_origin": _FILES,
    "get_prog_origin": _FILES,
    "now": "reads the clock, which is another one in every replay",
    "halt": "ends the process",
    "halt_error": "ends the process",
}
"""Words that no program may use, with what they would do."""

Kind = Literal["word", "key", "field", "variable", "mark", "text", "foreign"]
_TOKEN = re.compile(
    r"""
    (?P<blank> \s+ | \#(?:\\(?:\r\n|[\\\r\n])|[^\n])* )
  | (?P<field> \.[A-Za-z_][A-Za-z0-9_]* )
  | (?P<variable> \$\s*[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)* )
  | (?P<word> [A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)* )
  | (?P<foreign> ['`&] | \[\s*[?*] )
  | (?P<mark> . )
    """,
    re.VERBOSE | re.DOTALL,
)
"""Tokens of jq 1.8, whose comments go on after a backslash; ``foreign`` is what occurs only in JMESPath."""
_REST_OF_TEXT = re.compile(r'(?:[^"\\]|\\[^(])*(?P<end>"|\\\(|\\?\Z)', re.DOTALL)
_BEFORE_A_TERM = ("and", "catch", "elif", "else", "foreach", "if", "or", "reduce", "then", "try")
_CLOSING = {"(": ")", "[": "]", "{": "}", "if": "end", "\\(": ")"}


@dataclass(frozen=True)
class ProgramUse:
    """A program that stands as it is in a template: its text and where it stands."""

    program: str
    path: str
    line: int
    column: int


async def check_programs(programs: Iterable[ProgramUse], engine: Checker) -> list[Problem]:
    """``InvalidSelector`` for each program that is neither jq nor JMESPath, or that may not run."""
    verdicts: dict[str, str] = {}
    problems = []
    for use in programs:
        if use.program not in verdicts:
            verdicts[use.program] = await engine.check(use.program)
        if verdicts[use.program]:
            problems.append(Problem("InvalidSelector", verdicts[use.program], use.path, use.line, use.column))
    return problems


def program_fault(program: str) -> str:
    """What can be said against a program's text without running it; '' when nothing can."""
    if len(program) > MAX_PROGRAM_LENGTH:
        return f"the program has {len(program)} characters, at most {MAX_PROGRAM_LENGTH} are allowed"
    word = forbidden_word(program)
    if not word:
        return ""
    hint = "" if word.startswith("$") else f"; a member of that name is .{word}"
    return f"the program uses {word}, which {FORBIDDEN[word]}{hint}"


def forbidden_word(program: str) -> str:
    """The first word of jq that the program must not use, '' when there is none; JMESPath has no such words."""
    found = ""
    for kind, text in _tokens(program):
        if kind == "foreign":
            return ""
        if kind in ("word", "variable") and text in FORBIDDEN and not found:
            found = text
    return found


def takes(program: str, names: Iterable[str]) -> bool:
    """Whether a program takes one of these members of the value itself, as far as its text tells.

    ``.Code`` and ``.Items[]|.Code`` take Code, ``.Items[].Code`` doesn't.
    """
    wanted = list(names)
    begins = True
    for kind, text in _tokens(program):
        if begins and kind in ("word", "field") and text.removeprefix(".") in wanted:
            return True
        begins = text in _BEFORE_A_TERM if kind == "word" else kind in ("mark", "foreign") and text not in ".)]}?"
    return False


def _tokens(program: str) -> Iterator[tuple[Kind, str]]:
    """The tokens, without blanks and comments; a word in a key's place is a ``key``, a string is one ``text``.

    Programs inside a string (``"\\(...)"``) are scanned like any other.
    """
    opened: list[str] = []
    before = ""
    position = 0
    while match := _TOKEN.match(program, position):
        position = match.end()
        kind, text = match.lastgroup, match[0]
        if kind == "blank":
            continue
        closes_text = bool(opened) and opened[-1] == "\\(" and text == ")"
        if opened and text == _CLOSING[opened[-1]] and kind in ("mark", "word"):
            opened.pop()
        if text == '"' or closes_text:
            rest = next(_REST_OF_TEXT.finditer(program, position))
            position = rest.end()
            if rest["end"] == "\\(":
                opened.append("\\(")
            before, kind, text = '"', "text", '"'
        elif kind == "word" and opened[-1:] == ["{"] and before in ("{", ","):
            before, kind = text, "key"
        else:
            before = text
            if kind == "foreign" and text.startswith("["):
                opened.append("[")
            elif text in _CLOSING:
                opened.append(text)
        yield kind, text  # type: ignore[misc] # the names of the groups
