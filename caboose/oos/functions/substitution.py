"""Substitution in one pass, with an eye on the size of the result."""

import re
from collections.abc import Callable

from caboose.oos.functions.reading import room_for


def substitute(pattern: re.Pattern[str], text: str, value_of: Callable[[re.Match[str]], str]) -> str:
    """The text with each match replaced by what ``value_of`` says.

    Raises:
        FunctionError: as soon as the result would be too large.
    """
    size = len(text)

    def counted(match: re.Match[str]) -> str:
        nonlocal size
        value = value_of(match)
        size += len(value) - len(match[0])
        room_for(size)
        return value

    return pattern.sub(counted, text)
