"""``Fn::RangeSelect``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import items, whole_number
from caboose.oos.kinds import LIST, NUMBER


def call(start: Any, end: Any, values: Any) -> list[Any]:
    """The elements of a list from the start on and before the end.

    Indexes count from 0, or from the list's end when they are negative; null in place of one is the list's own start or
    end. What lies beyond the list is left out. A null list is empty.

    Source: undocumented. Chosen so that ``[0, -1, pieces of a path]``, joined again, is the folder of the path.
    """
    first = None if start is None else whole_number("start", start)
    beyond = None if end is None else whole_number("end", end)
    return items("list", values)[first:beyond]


RANGE_SELECT = Function(
    "Fn::RangeSelect",
    call,
    (Argument("start", NUMBER), Argument("end", NUMBER), Argument("list", LIST)),
    FIXED,
    result=LIST,
    example=([0, -1, ["build", "image", "Dockerfile"]], ["build", "image"]),
    undocumented=True,
)
