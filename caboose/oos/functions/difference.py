"""``Fn::Difference``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.membership import elements
from caboose.oos.kinds import LIST


def call(*lists: Any) -> list[Any]:
    """The elements that some lists have but not all of them: the union without the intersection.

    They come once each, in the order of the union; null is an empty list. So with all instances and those that have a
    tag it gives those without.

    Source: built-in functions (120677).
    """
    return [value for value, count in elements(lists) if count < len(lists)]


DIFFERENCE = Function(
    "Fn::Difference",
    call,
    (Argument("list", LIST),),
    MANY,
    result=LIST,
    example=([["i-1", "i-2"], ["i-2", "i-3"]], ["i-1", "i-3"]),
)
