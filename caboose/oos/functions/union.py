"""``Fn::Union``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.membership import elements
from caboose.oos.kinds import LIST


def call(*lists: Any) -> list[Any]:
    """The elements of all lists, once each and in the order in which they come first; null is an empty list.

    Source: built-in functions (120677).
    """
    return [value for value, _ in elements(lists)]


UNION = Function(
    "Fn::Union",
    call,
    (Argument("list", LIST),),
    MANY,
    result=LIST,
    example=([["i-1", "i-2"], ["i-2", "i-3"]], ["i-1", "i-2", "i-3"]),
)
