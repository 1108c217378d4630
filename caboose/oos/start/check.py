"""Checking a start, in two halves: what waits for the store and takes time, and what asks the port.

``examine_start`` may be run in a thread; ``check_examined`` belongs to the event loop. ``check_start`` is both in one.
"""

from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, Protocol

from caboose.oos.compiling.compile import Compiled, compile_template
from caboose.oos.hiding import hide, secret_texts
from caboose.oos.library import Library
from caboose.oos.parameters import secret_names
from caboose.oos.plan import Plan
from caboose.oos.problems import MAX_PROBLEMS, Problem, bounded, errors
from caboose.oos.selectors import Checker, Engine, check_programs
from caboose.oos.start.approvals import approval_problems
from caboose.oos.start.binding import bind_values, ram_role, rate_control_problems, with_parameters
from caboose.oos.start.fields import field_problems, text_field
from caboose.oos.start.lookup import StoredTemplate, TemplateSource, find_nested_text, find_template
from caboose.oos.start.names import Names, Start, StartDefaults
from caboose.oos.start.refusals import refusals, stopping
from caboose.oos.values import json_fault, json_size

_MAX_PREPARED_BYTES = 10_000_000
"""Plan and start travel as one payload; the parameters are in it as they are and as they are shown."""


class Port(Engine, Checker, Protocol):
    """Runs programs and patterns, and says whether a program is one."""


@dataclass(frozen=True)
class Checked:
    """What came of checking a start: a plan and a start, or problems."""

    problems: list[Problem]
    plan: Plan | None = None
    start: Start | None = None


@dataclass(frozen=True)
class Examined:
    """A start half-way: its fields are read and its template is compiled; its values aren't bound yet."""

    request: Any
    defaults: StartDefaults
    problems: list[Problem]
    template: StoredTemplate | None = None
    compiled: Compiled | None = None


async def check_start(
    request: Any, templates: TemplateSource, library: Library, defaults: StartDefaults, engine: Port
) -> Checked:
    """Checks everything that a start says.

    Args:
        request: StartExecution's fields as one JSON object, unchecked.
        templates: the stored templates.
        library: the product actions and the public templates.
        defaults: the server's own values.
        engine: runs the programs and patterns that the values need, and checks those of the template.
    """
    return await check_examined(examine_start(request, templates, library, defaults), engine)


def examine_start(request: Any, templates: TemplateSource, library: Library, defaults: StartDefaults) -> Examined:
    """The first half: everything that needs no port. It reads the store and compiles, so it may take a while."""
    problems = list(islice(field_problems(request), MAX_PROBLEMS))
    if not isinstance(request, dict) or json_fault(request):
        return Examined(request, defaults, problems)
    template, template_problems = find_template(request, templates, library)
    problems.extend(template_problems)
    if template is None:
        return Examined(request, defaults, problems)
    compiled = compile_template(template.content, library, template.name, find_nested_text(templates))
    problems.extend(stopping(compiled.problems))
    return Examined(request, defaults, problems, template, compiled)


async def check_examined(examined: Examined, engine: Port) -> Checked:
    """The second half: programs, values, and what this version can't run of them."""
    checked = await _check(examined, engine)
    if checked.start is None:
        return Checked(bounded(checked.problems))
    own_size = json_size([asdict(checked.start), *(asdict(problem) for problem in checked.problems)])
    if own_size + (examined.compiled.size if examined.compiled else 0) > _MAX_PREPARED_BYTES:
        message = f"the template and the parameters have more than {_MAX_PREPARED_BYTES} bytes together"
        return Checked(bounded([*checked.problems, Problem("StartTooLarge", message, "Parameters")]))
    return checked


async def _check(examined: Examined, engine: Port) -> Checked:
    problems = list(examined.problems)
    template, compiled = examined.template, examined.compiled
    if template is None or compiled is None:
        return Checked(problems)
    problems.extend(await check_programs(compiled.programs, engine))
    plan = compiled.plan
    if plan is None:
        return Checked(problems)
    start = _start(examined.request, template, examined.defaults)
    names = Names(start, examined.defaults)
    values, bind_problems = await bind_values(plan.body, examined.request, names, engine)
    problems.extend(bind_problems)
    problems.extend(refusals(plan, start))
    told = [each async for each in rate_control_problems(plan.body, values, names, engine)]
    told += [each async for each in approval_problems(plan, values, names, engine)]
    role, role_problems = await ram_role(plan.body, values, names, engine)
    secrets = secret_texts(values.get(name) for name in secret_names(plan.body.parameters, ()))
    problems.extend(replace(each, message=hide(each.message, secrets)) for each in [*told, *role_problems])
    if errors(problems):
        return Checked(problems)
    return Checked(problems, plan, with_parameters(replace(start, ram_role=role), plan.body, examined.request, values))


def _start(request: dict[str, Any], template: StoredTemplate, defaults: StartDefaults) -> Start:
    return Start(
        template_name=template.name,
        template_version=template.version,
        template_hash=template.hash,
        mode=request.get("Mode") or "Automatic",
        loop_mode=request.get("LoopMode") or "Automatic",
        safety_check=request.get("SafetyCheck") or defaults.safety_check,
        region_id=text_field(request, "RegionId") or defaults.region_id,
        executed_by=text_field(request, "ExecutedBy") or defaults.executed_by,
        description=text_field(request, "Description"),
        ram_role="",
        account_id=defaults.account_id,
        oosutil_version=defaults.oosutil_version,
        trust_names=defaults.trust_names,
        tags=request["Tags"] if isinstance(request.get("Tags"), dict) else {},
    )
