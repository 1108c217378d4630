"""The properties of a task held against what its action takes: declared ones, or its template's parameters."""

from typing import Any

from caboose.oos.actions import ANY, FLAG, LIST, MAP, NUMBER, TEXT, Action, is_high_risk, is_read
from caboose.oos.loader import Path
from caboose.oos.names import resolve_name
from caboose.oos.parameters import ConversionError, convert
from caboose.oos.plan import Body
from caboose.oos.problems import did_you_mean
from caboose.oos.reader import Reader
from caboose.oos.references import references
from caboose.oos.selectors import SelectorError, parse

_WEBHOOK_KEYS = ("URI", "Headers", "Content")


def check_atomic(reader: Reader, action: Action, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties in their declared spelling, after checking them against the action's declaration."""
    properties = _spelled(reader, given, list(action.properties), action.name, path)
    for name, declared in action.properties.items():
        if properties.get(name) in (None, ""):
            if declared.required:
                reader.error("MissingProperty", f"{action.name} needs {name}", path)
            continue
        place = (*path, name)
        if not declared.supported:
            reader.not_supported(f"{name} of {action.name}", place)
        if not _fits(declared.kind, properties[name]):
            reader.error("InvalidType", f"{name} is {declared.kind}, not {properties[name]!r:.80}", place)
    _SPECIFIC.get(action.name, _nothing)(reader, properties, path)
    return properties


def check_product(reader: Reader, action: str, body: Body, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties in their declared spelling, checked against the parameters of a product action's template."""
    properties = _spelled(reader, given, list(body.parameters), action, path)
    for name, parameter in body.parameters.items():
        if properties.get(name) is None:  # null is "not set"
            if not parameter.has_default:
                reader.error("MissingProperty", f"{action} needs {name}", path, parameter.description)
            continue
        if not any(references(properties[name])):
            try:
                convert(parameter.type, properties[name])
            except ConversionError as error:
                reader.error("InvalidType", f"{name} is a {parameter.type}: {error}", (*path, name))
    return properties


def _spelled(reader: Reader, given: dict[str, Any], known: list[str], action: str, path: Path) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in given.items():
        found = resolve_name(name, known)
        if found is None:
            hint = did_you_mean(name, known) or f"It has {', '.join(known)}."
            reader.error("UnknownProperty", f'{action} has no property "{name}"', (*path, name), hint)
            continue
        if found in properties:
            reader.error("AmbiguousName", f'the property "{found}" is given twice', (*path, name))
        elif found != name:
            reader.warning("LetterCase", f'"{name}" is declared as "{found}"', (*path, name))
        properties[found] = value
    return properties


def _fits(kind: str, value: Any) -> bool:
    if kind == ANY or (isinstance(value, str) and any(references(value))):
        return True
    expected: dict[str, type | tuple[type, ...]] = {
        TEXT: str,
        MAP: dict,
        LIST: list,
        NUMBER: (int, float, str),
        FLAG: (bool, str),
    }
    return isinstance(value, expected[kind])


def _nothing(reader: Reader, properties: dict[str, Any], path: Path) -> None:
    """Most actions need no more than their declaration."""


def _check_approve(reader: Reader, properties: dict[str, Any], path: Path) -> None:
    if properties.get("NotifyType", "WebHook") != "WebHook":
        reader.not_supported(f"NotifyType {properties['NotifyType']}", (*path, "NotifyType"))
    if properties.get("Approvers") not in (None, []):
        reader.not_supported("Approvers", (*path, "Approvers"))
    if properties.get("MinRequiredApprovals") not in (None, 1, "1"):
        reader.not_supported("MinRequiredApprovals above 1", (*path, "MinRequiredApprovals"))
    webhook = properties.get("WebHook")
    if isinstance(webhook, dict):
        place = (*path, "WebHook")
        reader.unknown_keys(webhook, _WEBHOOK_KEYS, place)
        for key in ("URI", "Content"):
            if not webhook.get(key):
                reader.error("MissingProperty", f"WebHook needs {key}", place)


def _check_call(reader: Reader, properties: dict[str, Any], path: Path) -> None:
    service, api = properties.get("Service"), properties.get("API")
    for name, value in (("Service", service), ("API", api)):
        if isinstance(value, str) and any(references(value)):
            reader.not_supported(f"a computed {name}", (*path, name))
    if isinstance(service, str) and not any(references(service)) and service.lower() != "ecs":
        reader.not_supported(f"the service {service}", (*path, "Service"))
    if properties.get("AutoPaging", True) not in (None, "", True, "true"):
        reader.not_supported("a call without AutoPaging", (*path, "AutoPaging"))
    risk = properties.get("Risk") or ""
    if isinstance(risk, str) and risk.lower() not in ("", "high", "normal"):
        reader.error("InvalidType", f"Risk is High or Normal, not {risk!r:.40}", (*path, "Risk"))


def _check_wait(reader: Reader, properties: dict[str, Any], path: Path) -> None:
    _check_call(reader, properties, path)
    if not any(properties.get(name) for name in ("DesiredValues", "NotDesiredValues")):
        reader.error("MissingProperty", "ACS::WaitFor needs DesiredValues or NotDesiredValues", path)
    api = properties.get("API")
    if isinstance(api, str) and not any(references(api)) and not is_read(api):
        reader.error("InvalidProperty", f"ACS::WaitFor repeats its call; {api} changes something", (*path, "API"))
    selector = properties.get("PropertySelector")
    if isinstance(selector, str):
        try:
            parse(selector)
        except SelectorError as error:
            reader.not_supported(f"a selector like this ({error})", (*path, "PropertySelector"))


def _check_select(reader: Reader, properties: dict[str, Any], path: Path) -> None:
    resource = properties.get("ResourceType")
    if isinstance(resource, str) and not any(references(resource)) and resource.lower() != "aliyun::ecs::instance":
        reader.not_supported(f"the resource type {resource}", (*path, "ResourceType"))


_SPECIFIC = {
    "ACS::Approve": _check_approve,
    "ACS::ExecuteAPI": _check_call,
    "ACS::WaitFor": _check_wait,
    "ACS::SelectTargets": _check_select,
}


def call_is_high_risk(properties: dict[str, object]) -> bool:
    """Whether an ExecuteAPI task's call is of high risk."""
    return is_high_risk(str(properties.get("API") or ""), str(properties.get("Risk") or ""))
