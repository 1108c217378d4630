"""``Fn::If``."""

from typing import Any

from caboose.oos.functions.calling import at, check_count, spread, truth
from caboose.oos.functions.declaration import FIXED, Argument, Evaluating, Function
from caboose.oos.kinds import ANY, CONDITION


async def call(evaluator: Evaluating, argument: Any) -> Any:
    """The second value when the condition holds, else the third.

    Only the chosen one is evaluated: the other one often refers to a task that was skipped. The condition is true or
    false (as words too), a reference or function that gives one of them, or the name of a condition.

    Source: built-in functions (120677).
    """
    if not isinstance(argument, list):
        holds, then, otherwise = spread(IF, argument, await evaluator.evaluate(argument))
        return then if truth(holds) else otherwise
    check_count(IF, argument)
    chosen = 1 if await at(0, evaluator.condition(argument[0])) else 2
    return await at(chosen, evaluator.evaluate(argument[chosen]))


IF = Function(
    "Fn::If",
    call,
    (Argument("condition", CONDITION), Argument("then", ANY), Argument("otherwise", ANY)),
    FIXED,
    result=ANY,
    example=([True, "yes", "no"], "yes"),
    lazy=True,
)
