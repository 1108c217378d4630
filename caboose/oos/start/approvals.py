"""The approvals of a start: how many must agree and who may, as far as the start tells it.

Nothing proves the names that people give with a decision. A template that counts on them runs only where the server is
set to take them as they are, and the record says so; it never runs without what it asks for.
"""

from collections.abc import AsyncIterator
from typing import Any

from caboose.oos.approvers import APPROVERS, NAMES_SETTING, REQUIRED, Quorum, quorum
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.problems import Problem
from caboose.oos.references import is_open
from caboose.oos.selectors import Engine
from caboose.oos.start.binding import every_task
from caboose.oos.start.names import Names, NotKnown
from caboose.oos.values import EvaluationError

APPROVE = "ACS::Approve"
UNPROVEN_NAMES = "UnprovenNames"
WAY_OUT = f"Set {NAMES_SETTING}=true to take names as they are, or require one approval and name no Approvers."


def unproven(task_name: str, wanted: Quorum) -> str:
    """Why an approval can't be asked for where names aren't trusted."""
    asks = "names its Approvers" if wanted.approvers else f"needs {wanted.required} different people"
    return f"{task_name} {asks}, and nothing proves the name that comes with a decision"


async def approval_problems(plan: Plan, values: dict[str, Any], names: Names, engine: Engine) -> AsyncIterator[Problem]:
    """What is wrong with an approval that the start tells; one that depends on tasks is checked when it is reached, and
    one that is written out was checked while compiling."""
    for body in plan.bodies.values():
        for place, task in every_task(body.tasks):
            if task.action != APPROVE:
                continue
            path = f"{place}.Properties" if body is plan.body else f"{body.name}.{place}.Properties"
            try:
                wanted = quorum(await _known(task, body, plan, values, names, engine))
            except EvaluationError as error:
                yield Problem(error.code, str(error), path)
                continue
            if wanted.needs_names and not names.start.trust_names:
                yield Problem(UNPROVEN_NAMES, unproven(task.name, wanted), path, hint=WAY_OUT)


async def _known(
    task: Task, body: Body, plan: Plan, values: dict[str, Any], names: Names, engine: Engine
) -> dict[str, Any]:
    """What is known of an approval: in a nested template only what is written out.

    Raises:
        EvaluationError: what it is made of can't be made.
    """
    known = {}
    for name in (APPROVERS, REQUIRED):
        written = task.properties.get(name)
        if not is_open(written):
            known[name] = written
        elif body is plan.body:
            try:
                known[name] = await names.evaluator(values, engine, body).evaluate(written)
            except NotKnown:
                continue
    return known
