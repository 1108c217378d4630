"""What is right in the language and still can't start: not built yet, or something that it needs isn't known."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from caboose.oos.checks import CHECKS
from caboose.oos.compiling.compiler import STOPS_A_START
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.problems import ERROR, Problem
from caboose.oos.references import PSEUDO, references
from caboose.oos.start.binding import every_task
from caboose.oos.start.names import SETTINGS, Start

_CLOUD_CALLS = ("ACS::ExecuteAPI", "ACS::WaitFor", "ACS::CheckFor", "ACS::SelectTargets")


def stopping(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of compiling, as they weigh for a start; advice on how to write a template is its author's."""
    return [
        replace(each, severity=ERROR) if each.id in STOPS_A_START else each
        for each in problems
        if each.severity == ERROR or each.id not in CHECKS
    ]


def refusals(plan: Plan, start: Start) -> Iterator[Problem]:
    """Everything in the plan that this start can't run."""
    tasks = [task for body in plan.bodies.values() for _, task in every_task(body.tasks)]
    if not start.region_id and any(_needs_region(task) for task in tasks):
        hint = "Give RegionId at the start, or set CABOOSE_REGION."
        yield Problem("MissingRegion", "no region is known for the cloud calls", "RegionId", hint=hint)
    known = {"ACS::AccountId": start.account_id, "ACS::OOSUtilVersion": start.oosutil_version}
    for name, value in known.items():
        place = "" if value else _first_use(name, plan)
        if place:
            yield Problem("MissingSetting", f"{name} isn't known here", place, hint=f"Set {SETTINGS[name]}.")


def _within(plan: Plan, body: Body, place: str) -> str:
    return place if body is plan.body else f"{body.name}.{place}"


def _needs_region(task: Task) -> bool:
    """Whether a task makes a cloud call; one that names its region in so many words does without the start's."""
    if task.action not in _CLOUD_CALLS:
        return False
    holder = task.properties if task.action == "ACS::SelectTargets" else task.properties.get("Parameters")
    region = holder.get("RegionId") if isinstance(holder, dict) else None
    return not isinstance(region, str) or not region or any(references(region))


def _first_use(name: str, plan: Plan) -> str:
    """Where a pseudo parameter is used first; nothing when no task, role, output or condition uses it.

    The defaults and the role of the started template aren't looked at: they say so when they are made.
    """
    for body in plan.bodies.values():
        for place, task in every_task(body.tasks):
            if _uses(name, asdict(task)) or _uses(name, _defaults_taken(plan, task)):
                return _within(plan, body, place)
        if body is not plan.body and _uses(name, body.ram_role):
            return _within(plan, body, "RamRole")
        for section, values in (("Outputs", body.outputs), ("Conditions", body.conditions)):
            for key, value in values.items():
                if _uses(name, value.value if section == "Outputs" else value):
                    return _within(plan, body, f"{section}.{key}")
    return ""


def _defaults_taken(plan: Plan, task: Task) -> list[Any]:
    """The defaults that a product action or a nested template takes because the task gives no value."""
    body = plan.bodies.get(task.body)
    given = task.properties if body else {}
    return [each.default for name, each in body.parameters.items() if name not in given] if body else []


def _uses(name: str, value: Any) -> bool:
    return any(reference.kind == PSEUDO and reference.name == name for _, reference in references(value))
