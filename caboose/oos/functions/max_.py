"""``Fn::Max``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.ordering import comparable
from caboose.oos.kinds import ANY


def call(*values: Any) -> Any:
    """The largest of numbers, or the last of strings in order of their characters; null of none.

    Nulls are passed over. Numbers and strings together have no order, lists and booleans neither.

    Source: built-in functions (120677), which names the function only.
    """
    return max(comparable(values), default=None)


MAX = Function("Fn::Max", call, (Argument("value", ANY),), MANY, result=ANY, example=([3, 1.5, 2], 3))
