"""Which real templates can be run here, and what keeps the others: found from their plans, without running anything."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from caboose.library_folders import load_library
from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.plan import Plan, Task
from caboose.oos.problems import errors
from caboose.simulator.keys import Keys
from caboose.simulator.state import Options, World
from tests.corpus.templates import CORPUS

CALLS = ("ACS::ExecuteAPI", "ACS::WaitFor", "ACS::CheckFor")
NOT_HERE = ("NotSupportedYet", "UnknownAction", "UnknownTemplate", "ProductActionInvalid")


@cache
def real_library() -> Library:
    """Our own actions, and those of the folder; no stand-ins."""
    return load_library([CORPUS])


@cache
def answered() -> frozenset[str]:
    """The calls that the simulator answers, in small letters."""
    return frozenset(action.lower() for action in World(Options(), Keys()).ecs.actions)


def why_not(path: Path) -> str:
    """What keeps a template from running here, '' for one that can run."""
    found = compile_template(path.read_text("utf-8"), real_library())
    problems = [problem for problem in found.problems if problem.id in NOT_HERE] or errors(found.problems)
    if problems:
        return f"{problems[0].id}: {problems[0].message}"
    assert found.plan
    missing = sorted({api for api in apis(found.plan) if api.lower() not in answered()})
    return f"the simulator doesn't answer {', '.join(missing)}" if missing else ""


def apis(plan: Plan) -> Iterator[str]:
    """The APIs of ECS that a plan names, wherever in it."""
    for body in plan.bodies.values():
        yield from _apis(body.tasks)


def _apis(tasks: list[Task]) -> Iterator[str]:
    for task in tasks:
        if task.action in CALLS:
            yield str(task.properties["API"])
        yield from _apis(task.tasks)
