"""``Fn::Not``."""

from typing import Any

from caboose.oos.functions.calling import at
from caboose.oos.functions.declaration import VALUE, Argument, Evaluating, Function, FunctionError
from caboose.oos.kinds import CONDITION, FLAG


async def call(evaluator: Evaluating, argument: Any) -> bool:
    """Whether a condition doesn't hold; it stands bare or as the only element of a list.

    Source: built-in functions (120677).
    """
    if not isinstance(argument, list):
        return not await evaluator.condition(argument)
    if len(argument) != 1:
        raise FunctionError(f"expected one condition, got {len(argument)}")
    return not await at(0, evaluator.condition(argument[0]))


NOT = Function(
    "Fn::Not",
    call,
    (Argument("condition", CONDITION),),
    VALUE,
    result=FLAG,
    example=(False, True),
    lazy=True,
)
