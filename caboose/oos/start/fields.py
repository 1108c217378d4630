"""The fields of a start: their types, their words, their sizes (source: StartExecution, oos-20190601)."""

import json
from collections.abc import Iterator
from typing import Any

from caboose.oos.problems import Problem, did_you_mean
from caboose.oos.values import MAX_VALUE_BYTES, compact_json, json_fault, json_size

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
_CHOICES = {
    "Mode": ("Automatic", "FailurePause", "Debug"),
    "LoopMode": ("Automatic", "FirstBatchPause", "EveryBatchPause"),
    "SafetyCheck": (CONFIRM_HIGH_RISK, "Skip"),
}
_TEXT_FIELDS = tuple(name for name in FIELDS if name not in ("Parameters", "Tags", *_CHOICES))
_MAX_TAGS = 20
_MAX_TAGS_BYTES = 20_000
MAX_TEXT = 1_000


def field_problems(request: Any) -> Iterator[Problem]:
    """What is wrong with the fields, whatever the template says."""
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
    yield from _text_problems(request)
    yield from _choice_problems(request)
    yield from _tag_problems(request.get("Tags"))
    yield from _parameter_problems(given_parameters(request))


def given_parameters(request: dict[str, Any]) -> Any:
    """The ``Parameters`` of a start as a value: they may be given as JSON text too."""
    given = request.get("Parameters")
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else {}
        except (ValueError, RecursionError):
            return given
    return {} if given is None else given


def text_field(request: dict[str, Any], name: str) -> str:
    """A field's text; nothing when it isn't given, or of another type, which is reported."""
    value = request.get(name)
    return value if isinstance(value, str) else ""


def _text_problems(request: dict[str, Any]) -> Iterator[Problem]:
    for name in _TEXT_FIELDS:
        value = request.get(name)
        if value is not None and not isinstance(value, str):
            yield Problem("InvalidField", f"{name} is a string", name)
        elif value and name != "TemplateContent" and len(value) > MAX_TEXT:
            yield Problem("InvalidField", f"{name} has {len(value)} characters, at most {MAX_TEXT}", name)


def _choice_problems(request: dict[str, Any]) -> Iterator[Problem]:
    for name, choices in _CHOICES.items():
        if request.get(name) is not None and request[name] not in choices:
            yield Problem("InvalidField", f"{name} is one of {', '.join(choices)}", name)


def _tag_problems(tags: Any) -> Iterator[Problem]:
    if tags is not None and (not isinstance(tags, dict) or len(tags) > _MAX_TAGS or json_size(tags) > _MAX_TAGS_BYTES):
        message = f"Tags is a map of at most {_MAX_TAGS} tags and {_MAX_TAGS_BYTES} bytes"
        yield Problem("InvalidField", message, "Tags")


def _parameter_problems(given: Any) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield Problem("InvalidField", "Parameters is a JSON object, or its text", "Parameters")
    elif json_fault(given):
        yield Problem("InvalidField", f"Parameters can't be read as JSON: {json_fault(given)}", "Parameters")
    elif len(compact_json(given)) > MAX_VALUE_BYTES:
        yield Problem("InvalidField", f"Parameters has more than {MAX_VALUE_BYTES} characters", "Parameters")
