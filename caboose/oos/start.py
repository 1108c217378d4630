"""A start: StartExecution's fields checked against a template, every violation at once.

The API calls ``check_start`` to answer 400 before anything starts; the first activity of the execution calls it again
to run. What this version doesn't run is refused here when it depends on the start (modes, high-risk calls, rate control
given as a parameter), so that nothing is half-done (source: StartExecution, oos-20190601; design sections 4 and 6).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any, Protocol

from caboose.oos import rate_control
from caboose.oos.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.names import resolve_name
from caboose.oos.parameters import MASKED, bind_parameters, secret_names
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.problems import MAX_PROBLEMS, Problem, bounded, did_you_mean, errors
from caboose.oos.properties import call_is_high_risk
from caboose.oos.redact import redact
from caboose.oos.references import OUTPUT, PARAMETER, STORE, Reference, references
from caboose.oos.resolve import MAX_VALUE_BYTES, ResolveError, Room, compact_json, json_fault, json_size, resolve

CONFIRM_HIGH_RISK = "ConfirmEveryHighRiskAction"
FIELDS = (
    "TemplateName",
    "TemplateVersion",
    "TemplateContent",
    "Parameters",
    "RegionId",
    "Mode",
    "LoopMode",
    "SafetyCheck",
    "Description",
    "Tags",
    "ExecutedBy",
    "ClientToken",
)
_TEXT_FIELDS = tuple(name for name in FIELDS if name not in ("Parameters", "Tags", "Mode", "LoopMode", "SafetyCheck"))
_CHOICES = {
    "Mode": ("Automatic", "FailurePause", "Debug"),
    "LoopMode": ("Automatic", "FirstBatchPause", "EveryBatchPause"),
    "SafetyCheck": (CONFIRM_HIGH_RISK, "Skip"),
}
_MAX_TAGS = 20
_MAX_TAGS_BYTES = 20_000
_MAX_TEXT = 1_000
_MAX_ROLE = 200
_MAX_PREPARED_BYTES = 1_900_000
"""Plan and start travel as one payload; the server's wall is 2 MB."""


@dataclass(frozen=True)
class StoredTemplate:
    """One immutable version of a template in the store; ``hash`` is the SHA-256 of its content in hex."""

    name: str
    version: str
    content: str
    hash: str


class TemplateSource(Protocol):
    """Where stored templates are looked up."""

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """A template by name and version; the latest version when none is named."""

    def names(self) -> list[str]:
        """The names of all stored templates."""


@dataclass(frozen=True)
class StartDefaults:
    """What a start takes from the server when it doesn't say it itself."""

    execution_id: str
    region_id: str = ""
    safety_check: str = CONFIRM_HIGH_RISK
    executed_by: str = ""


@dataclass(frozen=True)
class Start:
    """A checked start. ``parameters`` holds the values that differ from those given (defaults, conversions), so that
    history keeps no second copy of what was given; ``public_parameters`` is what may be shown."""

    template_name: str
    template_version: str
    template_hash: str
    mode: str
    loop_mode: str
    safety_check: str
    region_id: str
    executed_by: str
    description: str
    ram_role: str
    tags: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    public_parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What came of checking a start: a plan and a start, or problems."""

    problems: list[Problem]
    plan: Plan | None = None
    start: Start | None = None


def check_start(request: Any, templates: TemplateSource, library: Library, defaults: StartDefaults) -> Checked:
    """Checks everything that a start says.

    Args:
        request: StartExecution's fields as one JSON object, unchecked.
        templates: the stored templates.
        library: the product actions.
        defaults: the server's own values.
    """
    checked = _check(request, templates, library, defaults)
    if checked.plan is None:
        return Checked(bounded(checked.problems))
    if json_size(asdict(checked)) > _MAX_PREPARED_BYTES:
        message = f"the template and the parameters have more than {_MAX_PREPARED_BYTES} bytes together"
        return Checked(bounded([*checked.problems, Problem("StartTooLarge", message, "Parameters")]))
    return checked


def _check(request: Any, templates: TemplateSource, library: Library, defaults: StartDefaults) -> Checked:
    problems = list(islice(_field_problems(request), MAX_PROBLEMS))
    if not isinstance(request, dict) or json_fault(request):
        return Checked(problems)
    template, template_problems = _template(request, templates)
    problems.extend(template_problems)
    if template is None:
        return Checked(problems)
    compiled = compile_template(template.content, library, template.name)
    problems.extend(compiled.problems)
    if compiled.plan is None:
        return Checked(problems)
    start = _start(request, template, defaults)
    values, bind_problems = _bind(compiled.plan.body, request, start, defaults)
    problems.extend(bind_problems)
    problems.extend(_refused_by_this_start(compiled.plan, start, values))
    role, role_problems = _ram_role(compiled.plan.body, start, values, defaults)
    problems.extend(role_problems)
    if errors(problems):
        return Checked(problems)
    start = _with_parameters(replace(start, ram_role=role), compiled.plan.body, request, values)
    return Checked(problems, compiled.plan, start)


def given_parameters(request: dict[str, Any]) -> Any:
    """The ``Parameters`` of a start as a value: they may be given as JSON text too."""
    given = request.get("Parameters")
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else {}
        except (ValueError, RecursionError):
            return given
    return {} if given is None else given


def bound_parameters(request: dict[str, Any], plan: Plan, start: Start) -> dict[str, Any]:
    """Every parameter's value: as it was given where that is the value, else as ``start`` says."""
    given = {resolve_name(name, plan.body.parameters): value for name, value in given_parameters(request).items()}
    return {name: start.parameters.get(name, given.get(name)) for name in plan.body.parameters}


def _field_problems(request: Any) -> Iterator[Problem]:
    if not isinstance(request, dict):
        yield Problem("InvalidRequest", f"the input is one JSON object with {', '.join(FIELDS[:4])} and so on")
        return
    fault = json_fault(request)
    if fault:
        yield Problem("InvalidRequest", f"the input can't be read as JSON: {fault}")
        return
    for name in request:
        if name not in FIELDS:
            hint = did_you_mean(name, FIELDS) or f"The fields are {', '.join(FIELDS)}."
            yield Problem("UnknownField", f'a start has no field "{name}"', name, hint=hint)
    for name in _TEXT_FIELDS:
        value = request.get(name)
        if value is not None and not isinstance(value, str):
            yield Problem("InvalidField", f"{name} is a string", name)
        elif value and name != "TemplateContent" and len(value) > _MAX_TEXT:
            yield Problem("InvalidField", f"{name} has {len(value)} characters, at most {_MAX_TEXT}", name)
    for name, choices in _CHOICES.items():
        if request.get(name) is not None and request[name] not in choices:
            yield Problem("InvalidField", f"{name} is one of {', '.join(choices)}", name)
    for name in ("Mode", "LoopMode"):
        if request.get(name) in _CHOICES[name][1:]:
            message = f"{name} {request[name]} isn't supported yet"
            yield Problem("NotSupportedYet", message, name, hint="Use Automatic.")
    tags = request.get("Tags")
    if tags is not None and (not isinstance(tags, dict) or len(tags) > _MAX_TAGS or json_size(tags) > _MAX_TAGS_BYTES):
        message = f"Tags is a map of at most {_MAX_TAGS} tags and {_MAX_TAGS_BYTES} bytes"
        yield Problem("InvalidField", message, "Tags")
    given = given_parameters(request)
    if not isinstance(given, dict):
        yield Problem("InvalidField", "Parameters is a JSON object, or its text", "Parameters")
    elif json_fault(given):
        yield Problem("InvalidField", f"Parameters can't be read as JSON: {json_fault(given)}", "Parameters")
    elif len(compact_json(given)) > MAX_VALUE_BYTES:
        yield Problem("InvalidField", f"Parameters has more than {MAX_VALUE_BYTES} characters", "Parameters")


def _template(request: dict[str, Any], templates: TemplateSource) -> tuple[StoredTemplate | None, list[Problem]]:
    name, version, content = (request.get(key) or "" for key in ("TemplateName", "TemplateVersion", "TemplateContent"))
    if not all(isinstance(each, str) for each in (name, version, content)):
        return None, []  # reported as a field of the wrong type
    if bool(name) == bool(content):
        hint = "TemplateName for a stored template, TemplateContent for the text of one."
        return None, [Problem("InvalidField", "give either TemplateName or TemplateContent", "TemplateName", hint=hint)]
    if content:
        return StoredTemplate("", "", content, ""), []
    found = templates.find(name, version or None)
    if found:
        return found, []
    known = templates.names()
    if name in known:
        return None, [
            Problem("UnknownTemplate", f'the template "{name}" has no version "{version}"', "TemplateVersion")
        ]
    hint = did_you_mean(name, known) or "Store it with: caboose templates put."
    return None, [Problem("UnknownTemplate", f'there is no template "{name}"', "TemplateName", hint=hint)]


def _start(request: dict[str, Any], template: StoredTemplate, defaults: StartDefaults) -> Start:
    return Start(
        template_name=template.name,
        template_version=template.version,
        template_hash=template.hash,
        mode=request.get("Mode") or "Automatic",
        loop_mode=request.get("LoopMode") or "Automatic",
        safety_check=request.get("SafetyCheck") or defaults.safety_check,
        region_id=_text(request, "RegionId") or defaults.region_id,
        executed_by=_text(request, "ExecutedBy") or defaults.executed_by,
        description=_text(request, "Description"),
        ram_role="",
        tags=request["Tags"] if isinstance(request.get("Tags"), dict) else {},
    )


def _text(request: dict[str, Any], name: str) -> str:
    value = request.get(name)
    return value if isinstance(value, str) else ""


def _bind(
    body: Body, request: dict[str, Any], start: Start, defaults: StartDefaults
) -> tuple[dict[str, Any], list[Problem]]:
    given = given_parameters(request)
    if not isinstance(given, dict) or json_fault(given):
        return {}, []  # reported as a field
    room = Room()
    try:
        values, problems = bind_parameters(
            body.parameters,
            given,
            lambda value, bound: resolve(value, _lookup(bound, start, defaults.execution_id), room),
        )
    except ResolveError as error:
        return {}, [Problem(error.code, str(error), "Parameters")]
    for name, value in values.items():
        if any(reference.kind == STORE for _, reference in references(value)):
            message = "a value from the parameter store isn't supported yet"
            problems.append(Problem("NotSupportedYet", message, f"Parameters.{name}", hint="Give the value itself."))
    return values, problems


def _lookup(values: dict[str, Any], start: Start, execution_id: str) -> Any:
    pseudo = {
        "ACS::RegionId": start.region_id,
        "ACS::ExecutionId": execution_id,
        "ACS::ExecuteUser": start.executed_by,
    }

    def find(reference: Reference) -> Any:
        return values.get(reference.name) if reference.kind == PARAMETER else pseudo.get(reference.name)

    return find


def _refused_by_this_start(plan: Plan, start: Start, values: dict[str, Any]) -> Iterator[Problem]:
    for body in plan.bodies.values():
        for task in body.tasks:
            place = f"{body.name}.Tasks.{task.name}" if body is not plan.body else f"Tasks.{task.name}"
            risky = task.action == "ACS::ExecuteAPI" and call_is_high_risk(task.properties)
            if risky and start.safety_check == CONFIRM_HIGH_RISK:
                message = f"a high-risk call ({task.properties['API']}) under SafetyCheck {CONFIRM_HIGH_RISK}"
                hint = "Start with SafetyCheck Skip to run it without being asked."
                yield Problem("NotSupportedYet", f"{message} isn't supported yet", place, hint=hint)
    yield from _rate_control_problems(plan.body, values)
    if not start.region_id and any(_needs_region(task) for body in plan.bodies.values() for task in body.tasks):
        hint = "Give RegionId at the start, or set CABOOSE_REGION."
        yield Problem("MissingRegion", "no region is known for the cloud calls", "RegionId", hint=hint)


def _needs_region(task: Task) -> bool:
    """Whether a task makes a cloud call; one that names its region in so many words does without the start's."""
    if task.body or task.action == "ACS::Approve":
        return False
    holder = task.properties if task.action == "ACS::SelectTargets" else task.properties.get("Parameters")
    region = holder.get("RegionId") if isinstance(holder, dict) else None
    return not isinstance(region, str) or not region or any(references(region))


def _rate_control_problems(body: Body, values: dict[str, Any]) -> Iterator[Problem]:
    """A rate control that depends on parameters only is known now; one that depends on tasks when it is reached."""
    for task in body.tasks:
        if task.loop is None:
            continue
        found = list(references(task.loop.rate_control))
        if not found or any(reference.kind == OUTPUT for _, reference in found):
            continue
        if any(reference.kind == PARAMETER and reference.name not in values for _, reference in found):
            continue  # the parameter itself is a problem already
        try:
            rate_control.parse(resolve(task.loop.rate_control, lambda reference: values.get(reference.name)))
        except (rate_control.RateControlError, ResolveError) as error:
            yield Problem(error.code, str(error), f"Tasks.{task.name}.Loop.RateControl")


def _ram_role(body: Body, start: Start, values: dict[str, Any], defaults: StartDefaults) -> tuple[str, list[Problem]]:
    """The role to assume, '' for the worker's own credentials: never by accident, as an empty list would be."""
    if any(reference.kind == PARAMETER and reference.name not in values for _, reference in references(body.ram_role)):
        return "", []  # the parameter itself is a problem already
    try:
        role = resolve(body.ram_role, _lookup(values, start, defaults.execution_id))
    except ResolveError as error:
        return "", [Problem(error.code, str(error), "RamRole")]
    if role is not None and (not isinstance(role, str) or len(role) > _MAX_ROLE):
        return "", [Problem("InvalidType", f"RamRole is the name of a role, not {role!r:.80}", "RamRole")]
    return role or "", []


def _with_parameters(start: Start, body: Body, request: dict[str, Any], values: dict[str, Any]) -> Start:
    given = {resolve_name(name, body.parameters): value for name, value in given_parameters(request).items()}
    made = {name: value for name, value in values.items() if name not in given or not _same(given[name], value)}
    secret = secret_names(body.parameters, given)
    shown = {
        name: MASKED if name in secret and value not in (None, "") else redact(value) for name, value in values.items()
    }
    return replace(start, parameters=made, public_parameters=shown)


def _same(given: Any, value: Any) -> bool:
    """Equal as JSON: True and 1 are equal in Python, and not the same value."""
    return compact_json(given) == compact_json(value)
