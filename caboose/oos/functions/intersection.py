"""``Fn::Intersection``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.membership import distinct, in_how_many
from caboose.oos.kinds import LIST


def call(*lists: Any) -> list[Any]:
    """The elements that all lists have, once each and in the order of the first list; null is an empty list.

    Source: built-in functions (120677).
    """
    counted = in_how_many(lists)
    return [value for key, value in distinct(lists[:1]).items() if counted[key] == len(lists)]


INTERSECTION = Function(
    "Fn::Intersection",
    call,
    (Argument("list", LIST),),
    MANY,
    result=LIST,
    example=([["i-1", "i-2", "i-3"], ["i-3", "i-2"]], ["i-2", "i-3"]),
)
