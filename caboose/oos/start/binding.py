"""The values of a start: its parameters, its role, and the rate controls that are known before the first task."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from caboose.oos import rate_control
from caboose.oos.names import resolve_name
from caboose.oos.parameters import MASKED, bind_parameters, secret_names
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.problems import Problem
from caboose.oos.redact import redact
from caboose.oos.references import STORE, is_open, references
from caboose.oos.selectors import Engine
from caboose.oos.start.fields import given_parameters
from caboose.oos.start.names import Names, NotKnown, Start
from caboose.oos.values import EvaluationError, Room, json_fault, same_json

_MAX_ROLE = 200
_LOOP_CONTROL = "LoopRateControl"
"""The rate control of the action ``ACS::Loop``."""


def bound_parameters(request: dict[str, Any], plan: Plan, start: Start) -> dict[str, Any]:
    """Every parameter's value: as it was given where that is the value, else as ``start`` says."""
    given = _given(request, plan.body)
    return {name: start.parameters.get(name, given.get(name)) for name in plan.body.parameters}


async def bind_values(
    body: Body, request: dict[str, Any], names: Names, engine: Engine
) -> tuple[dict[str, Any], list[Problem]]:
    """The value of every parameter, and everything that is wrong with those given."""
    given = given_parameters(request)
    if not isinstance(given, dict) or json_fault(given):
        return {}, []  # reported as a field
    room = Room()

    async def resolve_default(value: str, bound: Mapping[str, Any]) -> Any:
        return await names.evaluator(bound, engine, room=room).evaluate(value)

    values, problems = await bind_parameters(body.parameters, given, resolve_default, engine)
    named = _given(request, body)
    return values, [*problems, *_store_problems({name: values[name] for name in values if name in named})]


def _store_problems(given: dict[str, Any]) -> Iterator[Problem]:
    for name, value in given.items():
        found = [reference for _, reference in references(value) if reference.kind == STORE]
        nameless = [each for each in found if not each.name.partition(":")[2].strip()]
        if nameless:
            message = f'"{{{{ {nameless[0]} }}}}" names no parameter of the parameter store'
            yield Problem("InvalidReference", message, f"Parameters.{name}")
        elif found:
            message = "a value from the parameter store isn't supported yet"
            yield Problem("NotSupportedYet", message, f"Parameters.{name}", hint="Give the value itself.")


async def ram_role(body: Body, values: dict[str, Any], names: Names, engine: Engine) -> tuple[str, list[Problem]]:
    """The role to assume, '' for the worker's own credentials: never by accident, as an empty list would be."""
    try:
        role = await names.evaluator(values, engine, body).evaluate(body.ram_role)
    except NotKnown:
        return "", []  # the parameter itself is a problem already
    except EvaluationError as error:
        return "", [Problem(error.code, str(error), "RamRole")]
    if role is not None and (not isinstance(role, str) or len(role) > _MAX_ROLE):
        return "", [Problem("InvalidType", f"RamRole is the name of a role, not {role!r:.80}", "RamRole")]
    return role or "", []


async def rate_control_problems(
    body: Body, values: dict[str, Any], names: Names, engine: Engine
) -> AsyncIterator[Problem]:
    """What is wrong with a rate control that depends on the start only; one that depends on tasks is checked when it
    is reached, and one that is written out was checked while compiling."""
    for path, written in _rate_controls(body):
        try:
            rate_control.parse(await names.evaluator(values, engine, body).evaluate(written))
        except NotKnown:
            continue
        except (rate_control.RateControlError, EvaluationError) as error:
            yield Problem(error.code, str(error), path)


def _rate_controls(body: Body) -> Iterator[tuple[str, Any]]:
    """(the rate control's place, what is written there) of those that aren't written out."""
    for place, task in every_task(body.tasks):
        if task.loop and is_open(task.loop.rate_control):
            yield f"{place}.Loop.RateControl", task.loop.rate_control
        if is_open(task.properties.get(_LOOP_CONTROL)):
            yield f"{place}.Properties.{_LOOP_CONTROL}", task.properties[_LOOP_CONTROL]


def every_task(tasks: list[Task], prefix: str = "Tasks") -> Iterator[tuple[str, Task]]:
    """Every task with its place, the inner tasks of ``ACS::Loop`` too."""
    for task in tasks:
        place = f"{prefix}.{task.name}"
        yield place, task
        yield from every_task(task.tasks, f"{place}.Properties.LoopTasks")


def with_parameters(start: Start, body: Body, request: dict[str, Any], values: dict[str, Any]) -> Start:
    """The start with the values that aren't as they were given, and with all of them as they may be shown."""
    given = _given(request, body)
    made = {name: value for name, value in values.items() if name not in given or not same_json(given[name], value)}
    secret = secret_names(body.parameters, given)
    shown = {
        name: MASKED if name in secret and value not in (None, "") else redact(value) for name, value in values.items()
    }
    return replace(start, parameters=made, public_parameters=shown)


def _given(request: dict[str, Any], body: Body) -> dict[str | None, Any]:
    return {resolve_name(name, body.parameters): value for name, value in given_parameters(request).items()}
