"""Substitution in one pass, with an eye on the size of the result."""

import re
from collections.abc import Callable

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.functions.reading import room_for

_MAX_MATCHES = 500_000
"""What a fraction of a second is enough for."""


def substitute(pattern: re.Pattern[str], text: str, value_of: Callable[[re.Match[str]], str]) -> str:
    """The text with each match replaced by what ``value_of`` says.

    Raises:
        FunctionError: as soon as the result would be too large, or take too long.
    """
    size, matches = len(text), 0

    def counted(match: re.Match[str]) -> str:
        nonlocal size, matches
        value = value_of(match)
        size += len(value) - len(match[0])
        matches += 1
        room_for(size)
        if matches > _MAX_MATCHES:
            raise FunctionError(f"more than {_MAX_MATCHES} replacements would take too long")
        return value

    return pattern.sub(counted, text)
