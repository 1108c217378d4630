"""``Fn::And``."""

from typing import Any

from caboose.oos.functions.conditions import any_is
from caboose.oos.functions.declaration import MANY, Argument, Evaluating, Function
from caboose.oos.kinds import CONDITION, FLAG


async def call(evaluator: Evaluating, argument: Any) -> bool:
    """Whether all conditions hold; those after the first that doesn't are left alone.

    Source: built-in functions (120677).
    """
    return not await any_is(False, AND, evaluator, argument)


AND = Function(
    "Fn::And",
    call,
    (Argument("condition", CONDITION),),
    MANY,
    result=FLAG,
    example=([True, "true", False], False),
    lazy=True,
)
