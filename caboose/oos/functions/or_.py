"""``Fn::Or``."""

from typing import Any

from caboose.oos.functions.conditions import any_is
from caboose.oos.functions.declaration import MANY, Argument, Evaluating, Function
from caboose.oos.kinds import CONDITION, FLAG


async def call(evaluator: Evaluating, argument: Any) -> bool:
    """Whether at least one condition holds; those after the first that does are left alone.

    Source: built-in functions (120677).
    """
    return await any_is(True, OR, evaluator, argument)


OR = Function(
    "Fn::Or",
    call,
    (Argument("condition", CONDITION),),
    MANY,
    result=FLAG,
    example=([False, "true"], True),
    lazy=True,
)
