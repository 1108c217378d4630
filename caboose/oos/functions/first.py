"""``Fn::First``."""

from typing import Any

from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import items
from caboose.oos.kinds import ANY, LIST


def call(values: Any) -> Any:
    """The first element of a list; null of an empty one, and of null.

    Source: built-in functions (120677).
    """
    found = items("list", values)
    return found[0] if found else None


FIRST = Function("Fn::First", call, (Argument("list", LIST),), VALUE, result=ANY, example=(["a", "b", "c"], "a"))
