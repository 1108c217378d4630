"""``Fn::Join``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import items, room_for, text, text_form
from caboose.oos.kinds import LIST, TEXT


def call(delimiter: Any, values: Any) -> str:
    """The values in one string, the delimiter between them.

    Values that aren't strings become their compact JSON, null becomes nothing. A null list, the output of a skipped
    task, is empty, and so is the result.

    Source: built-in functions (120677).
    """
    between = text("delimiter", delimiter)
    parts = [text_form(each) for each in items("values", values)]
    room_for(sum(len(part) for part in parts) + len(between) * len(parts))
    return between.join(parts)


JOIN = Function(
    "Fn::Join",
    call,
    (Argument("delimiter", TEXT), Argument("values", LIST)),
    FIXED,
    result=TEXT,
    example=([",", ["i-1", "i-2", 3]], "i-1,i-2,3"),
)
