"""``ACS::Approve``."""

from dataclasses import replace

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import FLAG, LIST, NUMBER, TEXT
from caboose.oos.actions.webhook import WEBHOOK


def _check(given: Given) -> None:
    if given.literal("NotifyType") == "Mail" or given.is_computed("NotifyType"):
        given.not_supported(f"NotifyType {given.values['NotifyType']}", "NotifyType")
    if given.values.get("Approvers") not in (None, "", []):
        given.not_supported("Approvers", "Approvers")
    if given.values.get("MinRequiredApprovals") not in (None, "", 1, "1"):
        given.not_supported("MinRequiredApprovals above 1", "MinRequiredApprovals")


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
            description="Who may decide, by user name; none: everybody who may.",
            default=[],
        ),
        "MinRequiredApprovals": Property(NUMBER, description="How many approvals are needed.", default=1),
    },
    runs_here=True,
    check=_check,
)
