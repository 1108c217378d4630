"""Conditions of ``Fn::And`` and ``Fn::Or``, asked one after another."""

from typing import Any

from caboose.oos.functions.calling import at, spread, truth
from caboose.oos.functions.declaration import Evaluating, Function, FunctionError


async def any_is(wanted: bool, function: Function, evaluator: Evaluating, argument: Any) -> bool:
    """Whether one of the argument's conditions is as wanted; those after the first such one aren't asked.

    Raises:
        FunctionError: when there is no condition at all.
    """
    written = isinstance(argument, list)
    found = argument if written else spread(function, argument, await evaluator.evaluate(argument))
    if not found:
        raise FunctionError("expected at least one condition, got none")
    for index, each in enumerate(found):
        # what a reference brought in place of the list is data, and no conditions to be looked up
        holds = await at(index, evaluator.condition(each)) if written else truth(each)
        if holds == wanted:
            return True
    return False
