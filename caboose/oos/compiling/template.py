"""Reading one template, section by section, into a body of the plan."""

from dataclasses import replace
from typing import Any

from caboose.oos.actions import ACTIONS
from caboose.oos.checks import Template, run_checks
from caboose.oos.compiling.conditions import needs_of, read_conditions
from caboose.oos.compiling.expressions import check_value
from caboose.oos.compiling.outputs import read_outputs
from caboose.oos.compiling.reader import Reader, description_of
from caboose.oos.compiling.scope import Scope
from caboose.oos.compiling.tasks import Bodies, read_tasks, with_raw_outputs
from caboose.oos.loading import Path
from caboose.oos.parameters.declarations import read_parameters
from caboose.oos.plan import Body, Task
from caboose.oos.problems import errors

FORMAT_VERSION = "OOS-2019-06-01"
_KEYS = ("FormatVersion", "Description", "Parameters", "Conditions", "RamRole", "Tasks", "Outputs", "Metadata")


def read_body(reader: Reader, name: str, bodies: Bodies, *, nested: bool) -> Body:
    """The body; ``nested`` says that another template uses it, so that lint rules and triggers are out of place.

    Raises:
        TooManyProblems: reading has stopped.
    """
    template = reader.document.value
    if not isinstance(template, dict):
        reader.error("InvalidType", "a template is a map with FormatVersion and Tasks", ())
        return Body(name, [])
    reader.unknown_keys(template, _KEYS, ())
    version = template.get("FormatVersion")
    if version != FORMAT_VERSION:
        message = f"FormatVersion is {FORMAT_VERSION}, not {version!r:.80}" if version else "FormatVersion is missing"
        reader.error("FormatVersion", message, ("FormatVersion",), f"Write FormatVersion: {FORMAT_VERSION}.")
    parameters = read_parameters(reader, template.get("Parameters"))
    needs = needs_of(reader, template.get("Conditions"))
    scope = Scope(parameters, conditions=needs)
    tasks, after = read_tasks(reader, template.get("Tasks"), ("Tasks",), scope, bodies)
    _no_trigger(reader, tasks, nested=nested)
    body = Body(
        name=name,
        tasks=tasks,
        parameters=parameters,
        outputs=read_outputs(reader, template.get("Outputs"), after),
        conditions=read_conditions(reader, template.get("Conditions"), after),
        ram_role=_ram_role(reader, template.get("RamRole"), scope),
        description=description_of(template.get("Description")),
    )
    body = replace(body, tasks=with_raw_outputs(tasks, scope.raw))
    if not nested and not errors(reader.problems):
        run_checks(reader, Template(template, body, bodies.used()))
    return body


def _no_trigger(reader: Reader, tasks: list[Task], *, nested: bool) -> None:
    """A template that another one uses has no trigger (reference section 5.8)."""
    first = tasks[0].action if tasks else ""
    if nested and first in ACTIONS and ACTIONS[first].first_only:
        hint = "Start the template that has the trigger by itself."
        reader.error(
            "TriggerInNested", f"a template that another one uses can't begin with {first}", ("Tasks", 0), hint
        )


def _ram_role(reader: Reader, value: Any, scope: Scope) -> Any:
    path: Path = ("RamRole",)
    if value is None:
        return ""
    if not isinstance(value, (str, dict)):
        reader.error("InvalidType", f"RamRole is the name of a role, not {value!r:.80}", path)
        return ""
    return check_value(reader, value, path, scope)
