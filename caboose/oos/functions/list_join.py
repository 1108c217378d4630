"""``Fn::ListJoin``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.kinds import ANY, LIST


def call(*values: Any) -> list[Any]:
    """The list of its arguments, nulls and lists among them as they are.

    As the AggregateType of a loop's output it is the list of what the items gave, in their order.

    Source: built-in functions (120677).
    """
    return list(values)


LIST_JOIN = Function(
    "Fn::ListJoin", call, (Argument("value", ANY),), MANY, result=LIST, example=(["a", None, ["b"]], ["a", None, ["b"]])
)
