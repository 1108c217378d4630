"""``ACS::Approve``."""

from dataclasses import replace
from typing import Any

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import FLAG, LIST, NUMBER, TEXT, fault_of
from caboose.oos.actions.webhook import WEBHOOK
from caboose.oos.approvers import APPROVERS, REQUIRED, approvers_of, required_of
from caboose.oos.references import is_open
from caboose.oos.values import EvaluationError


def _check(given: Given) -> None:
    if given.literal("NotifyType") == "Mail" or given.is_computed("NotifyType"):
        given.not_supported(f"NotifyType {given.values['NotifyType']}", "NotifyType")
    for name, kind, read in ((REQUIRED, NUMBER, required_of), (APPROVERS, LIST, approvers_of)):
        value = given.values.get(name)
        if is_open(value) or fault_of(kind, value) or _has_others_than_texts(value):
            continue  # read when it runs, and at the start where that tells it; or its type is wrong, which is said
        try:
            read(value)
        except EvaluationError as error:
            given.error(error.code, str(error), name)


def _has_others_than_texts(value: Any) -> bool:
    return isinstance(value, list) and not all(isinstance(each, str) for each in value)


APPROVE = Action(
    name="ACS::Approve",
    kind=CONTROL,
    summary="Waits until people have approved; the first rejection cancels the execution.",
    source="https://help.aliyun.com/document_detail/120845.html",
    properties={
        "NotifyType": Property(
            TEXT, values=("WebHook", "Mail"), description="How people are asked.", default="WebHook"
        ),
        "WebHook": replace(WEBHOOK, required=True),
        "AppendExecutionLink": Property(FLAG, description="Whether a link to the execution is added.", default=True),
        "Approvers": Property(
            LIST,
            element=Property(TEXT),
            description="Who may decide, by user name (the part before @); none: everybody who may.",
            default=[],
        ),
        "MinRequiredApprovals": Property(
            NUMBER, description="How many different people have to approve, 1 or more.", default=1
        ),
    },
    runs_here=True,
    check=_check,
)
