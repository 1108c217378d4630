"""``Fn::Sum``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.reading import number
from caboose.oos.kinds import NUMBER


def call(*values: Any) -> int | float:
    """The sum of numbers; nulls, what failed items of a loop give, are passed over, and the sum of none is 0.

    Strings of digits are numbers too. Mostly it is the AggregateType of a loop's output.

    Source: undocumented as a function. Chosen so that a template which adds up the errors that its items count gets
    their number.
    """
    total: int | float = 0
    for value in values:
        if value is not None:
            total = number("sum", total + number("every value", value))
    return total


SUM = Function(
    "Fn::Sum", call, (Argument("value", NUMBER),), MANY, result=NUMBER, example=([1, None, 2.5], 3.5), undocumented=True
)
