"""``Fn::Split``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import text, unexpected
from caboose.oos.kinds import LIST, TEXT


def call(delimiter: Any, whole: Any) -> list[str]:
    """The pieces of a string between the delimiters, empty ones too.

    Null, the output of a skipped task, has no pieces: the result is an empty list, which a loop runs over without harm.

    Source: built-in functions (120677).
    """
    between = text("delimiter", delimiter)
    if not between:
        raise unexpected("delimiter", "at least one character", between)
    return [] if whole is None else text("text", whole).split(between)


SPLIT = Function(
    "Fn::Split",
    call,
    (Argument("delimiter", TEXT), Argument("text", TEXT)),
    FIXED,
    result=LIST,
    example=([":", "09:30:00"], ["09", "30", "00"]),
)
