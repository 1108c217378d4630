"""What tests of the flow are made of: tasks that make one call each, and failures by name."""

import json
from typing import Any

from caboose.engine.errors import TaskFailed
from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library, Source
from tests.engine.running import Execution
from tests.oos.templates import template

ITEM = "{{ ACS::TaskLoopItem }}"


def act(name: str, parameters: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A task whose call changes something; its API is the task's name: ``Modify-a``."""
    properties = {"Service": "ECS", "API": f"Modify-{name}", "Parameters": parameters or {}}
    return {"Name": name, "Action": "ACS::ExecuteAPI", "Properties": properties, **fields}


def choose(name: str, default: str, *choices: tuple[Any, str]) -> dict[str, Any]:
    """A task that chooses."""
    made = [{"When": when, "NextTask": task} for when, task in choices]
    return {"Name": name, "Action": "ACS::Choice", "Properties": {"DefaultTask": default, "Choices": made}}


def nested(name: str, *tasks: dict[str, Any], given: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A task that runs a template of these tasks; its template's sections are ``Parameters_`` and ``Outputs_``."""
    sections = {key: fields.pop(f"{key}_") for key in ("Parameters", "Outputs") if f"{key}_" in fields}
    content = json.loads(template(tasks, **sections))
    properties = {"TemplateContent": content, "Parameters": given or {}}
    return {"Name": name, "Action": "ACS::Template", "Properties": properties, **fields}


def inner_loop(name: str, items: Any, *tasks: dict[str, Any], control: Any = None, **fields: Any) -> dict[str, Any]:
    """A task ``ACS::Loop`` of these tasks."""
    properties = {"LoopItems": items, "LoopTasks": [*tasks], **({"LoopRateControl": control} if control else {})}
    return {"Name": name, "Action": "ACS::Loop", "Properties": properties, **fields}


def product(name: str, *tasks: dict[str, Any], **sections: Any) -> Library:
    """A library with one product action."""
    text = template(tasks, **sections)
    assert compile_template(text, Library()).plan, "the sample is in order"
    return Library([Source(name, text)])


def fails(*names: str) -> dict[str, Any]:
    """A script in which the calls of these tasks fail."""
    return {f"Modify-{name}": TaskFailed("Bad", f"no {name}", f"request-{name}") for name in names}


def called(done: Execution) -> str:
    """The names of the tasks that made calls, in order."""
    return " ".join(call.api.removeprefix("Modify-") for call in done.effects.calls)


def parameters(done: Execution, name: str) -> list[dict[str, Any]]:
    """What the calls of a task were given, in order."""
    return [call.parameters for call in done.effects.calls if call.api == f"Modify-{name}"]
