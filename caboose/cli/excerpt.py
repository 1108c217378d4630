"""The line of a text that a problem is about, with a caret under the column.

What stands in a template may be anything: tabs, letters of two columns, lines of thousands of characters, control
characters, a webhook's token. An excerpt is one line of the terminal, its caret stands where the eye looks for it, and
it shows no secret and steers no terminal.
"""

import re

from rich.cells import cell_len

from caboose.cli.output import clean
from caboose.oos.loading import LINE_END
from caboose.oos.redact import redact_text

WIDTH = 100
"""Columns of the source that are shown at most."""
_LEAST = 20
_MARGIN = len("    1 | ")

_TAB = "    "
_CUT = "…"
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of writing round, and with it what a line seems to say."""


class Source:
    """The lines of a text, of which excerpts are shown, so narrow that a terminal of ``columns`` wraps none."""

    def __init__(self, text: str, columns: int = WIDTH + _MARGIN) -> None:
        self._lines = LINE_END.split(text.removeprefix("\ufeff"))
        self._width = min(WIDTH, max(_LEAST, columns - _MARGIN))

    def excerpt(self, line: int, column: int) -> list[str]:
        """The line with its number, and the line below it with the caret; nothing when there is no such line.

        Args:
            line: counts from 1, as the loader counts lines.
            column: characters, from 1.
        """
        if not 0 < line <= len(self._lines) or column < 1:
            return []
        before, after = _around(self._lines[line - 1], column, self._width)
        number = f"{line:5}"
        return [f"{number} | {before}{after}".rstrip(), f"{' ' * len(number)} | {' ' * cell_len(before)}^"]


def _around(line: str, column: int, width: int) -> tuple[str, str]:
    """What stands before the column and from it on, as much of both as fits."""
    whole = redact_text(line)
    before = _common(whole, redact_text(line[: column - 1]))
    after = _printable(whole[len(before) :])
    before = _printable(before)
    if cell_len(before) + cell_len(after) <= width:
        return before, after
    if cell_len(before) > width // 2:
        before = _CUT + _head(before[::-1], width // 2 - 1)[::-1]
    room = width - cell_len(before)
    return before, after if cell_len(after) <= room else _head(after, room - 1) + _CUT


def _common(one: str, other: str) -> str:
    """What both begin with: a secret that ends behind the column is masked in the whole line only."""
    shorter = min(len(one), len(other))
    return one[: next((index for index in range(shorter) if one[index] != other[index]), shorter)]


def _printable(text: str) -> str:
    return clean(_DIRECTION.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", _TAB)))


def _head(text: str, cells: int) -> str:
    """As many characters of the beginning as fit into so many columns."""
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > cells:
            return text[:index]
    return text
