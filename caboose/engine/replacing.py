"""Which properties of a task people may replace by ``Parameters``: a name that nothing reads must not look accepted.

Those of an atomic action are declared. A product action's and a template's are its parameters, which are checked where
they are bound.
"""

from collections.abc import Iterable

from caboose.oos.actions import ACTIONS
from caboose.oos.problems import did_you_mean

_MAX_NAME = 60
_TEMPLATE = "ACS::Template"
_TASKS_OF_LOOP = "LoopTasks"
"""Compiled with the template: another text can't take their place."""
_CALLED = "Parameters"


def replaceable(action: str) -> list[str] | None:
    """The names of the properties that may be replaced; None where the action's template knows them."""
    declared = ACTIONS.get(action)
    if declared is None or action == _TEMPLATE:
        return None
    return [name for name, each in declared.properties.items() if each.runs_here and name != _TASKS_OF_LOOP]


def unknown_name(task_name: str, action: str, names: Iterable[str]) -> str:
    """What is wrong with the names of replaced properties, and which there are; '' when all of them are known."""
    known = replaceable(action)
    wrong = next((name for name in names if known is not None and name not in known), None)
    if known is None or wrong is None:
        return ""
    hint = did_you_mean(wrong, known)
    there = f"it has {', '.join(known)}" if known else "it has none"
    if _CALLED in known:
        there += f" (what the API takes stands within {_CALLED})"
    message = f'{task_name} ({action}) has no property "{wrong[:_MAX_NAME]}" that could be replaced: {there}'
    return f"{message}. {hint}" if hint else message
