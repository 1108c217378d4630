"""The atomic actions, declared: what each takes, and whether this version runs it.

A product action (``ACS::ECS::RebootInstance``) is no entry here: it is a template in a library folder. To add an atomic
action, declare it here and give it a handler in ``caboose/engine/actions``.
"""

import re
from dataclasses import dataclass, field

MAP = "a map"
LIST = "a list"
TEXT = "a string"
NUMBER = "a number"
FLAG = "true or false"
ANY = "anything"


@dataclass(frozen=True)
class Property:
    """One property of an action; a reference in its place is always allowed."""

    kind: str = ANY
    required: bool = False
    supported: bool = True


@dataclass(frozen=True)
class Action:
    """An atomic action. ``supported`` is false for those that exist in OOS but don't run here yet."""

    name: str
    properties: dict[str, Property] = field(default_factory=dict)
    may_loop: bool = True
    supported: bool = True


_CALL = {
    "Service": Property(TEXT, required=True),
    "API": Property(TEXT, required=True),
    "Parameters": Property(MAP),
    "AutoPaging": Property(FLAG),
    "Risk": Property(TEXT),
    "Method": Property(TEXT, supported=False),
    "URI": Property(TEXT, supported=False),
    "Headers": Property(MAP, supported=False),
    "Body": Property(ANY, supported=False),
}
_WEBHOOK = {
    "NotifyType": Property(TEXT),
    "WebHook": Property(MAP, required=True),
    "AppendExecutionLink": Property(ANY),
}

_DECLARED = (
    Action(
        "ACS::SelectTargets",
        {
            "ResourceType": Property(TEXT, required=True),
            "RegionId": Property(TEXT),
            "Filters": Property(LIST, required=True),
        },
        may_loop=False,
    ),
    Action(
        "ACS::Approve",
        {**_WEBHOOK, "Approvers": Property(LIST), "MinRequiredApprovals": Property(NUMBER)},
        may_loop=False,
    ),
    Action("ACS::ExecuteAPI", _CALL),
    Action(
        "ACS::WaitFor",
        {
            **_CALL,
            "PropertySelector": Property(TEXT, required=True),
            "DesiredValues": Property(LIST),
            "NotDesiredValues": Property(LIST),
            "StopRetryValues": Property(LIST),
        },
    ),
    Action("ACS::CheckFor", supported=False),
    Action("ACS::ExecuteHttpRequest", supported=False),
    Action("ACS::Choice", supported=False),
    Action("ACS::Sleep", supported=False),
    Action("ACS::Template", supported=False),
    Action("ACS::Notify", supported=False),
    Action("ACS::Pause", supported=False),
    Action("ACS::Loop", supported=False),
    Action("ACS::TimerTrigger", supported=False),
    Action("ACS::EventTrigger", supported=False),
    Action("ACS::AlarmTrigger", supported=False),
    Action("ACS::EcsStatusChangeTrigger", supported=False),
)

ACTIONS = {action.name: action for action in _DECLARED}

HIGH_RISK_PREFIXES = ("delete", "remove", "terminate", "drop")
_READ = re.compile(r"(?i:describe|list|get|query|check)(?P<more>[a-z])?")


def is_read(api: str) -> bool:
    """Whether an API only reads, by the first word of its name (design section 5).

    A word ends before anything but a small letter: ``CheckInstance`` reads, ``CheckinInstance`` may do anything. In a
    spelling without capitals no end can be seen; there the letters alone decide, and the activity, which knows how the
    API itself spells its name, refuses to read with what doesn't.
    """
    match = _READ.match(api)
    return match is not None and (match["more"] is None or api.islower())


def is_high_risk(api: str, risk: str) -> bool:
    """Whether a call is of high risk: by its ``Risk`` property, else by its name (reference: risk control)."""
    return risk.lower() == "high" if risk else api.lower().startswith(HIGH_RISK_PREFIXES)
