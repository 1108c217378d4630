"""``Fn::Intersection``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.membership import elements
from caboose.oos.kinds import LIST


def call(*lists: Any) -> list[Any]:
    """The elements that all lists have, once each and in the order of the first list; null is an empty list.

    Source: built-in functions (120677).
    """
    return [value for value, count in elements(lists) if count == len(lists)]


INTERSECTION = Function(
    "Fn::Intersection",
    call,
    (Argument("list", LIST),),
    MANY,
    result=LIST,
    example=([["i-1", "i-2", "i-3"], ["i-3", "i-2"]], ["i-2", "i-3"]),
)
