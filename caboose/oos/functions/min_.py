"""``Fn::Min``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.ordering import comparable
from caboose.oos.kinds import ANY


def call(*values: Any) -> Any:
    """The smallest of numbers, or the first of strings in order of their characters; null of none.

    Nulls are passed over. Numbers and strings together have no order, lists and booleans neither.

    Source: built-in functions (120677), which names the function only.
    """
    return min(comparable(values), default=None)


MIN = Function("Fn::Min", call, (Argument("value", ANY),), MANY, result=ANY, example=([3, 1.5, 2], 1.5))
