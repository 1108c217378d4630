"""``Fn::Last``."""

from typing import Any

from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import items
from caboose.oos.kinds import ANY, LIST


def call(values: Any) -> Any:
    """The last element of a list; null of an empty one, and of null.

    Source: built-in functions (120677).
    """
    found = items("list", values)
    return found[-1] if found else None


LAST = Function("Fn::Last", call, (Argument("list", LIST),), VALUE, result=ANY, example=(["a", "b", "c"], "c"))
