"""``ACS::Notify``."""

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import FLAG, MAP, NUMBER, TEXT
from caboose.oos.actions.webhook import WEBHOOK

_MAIL = Property(
    MAP,
    complete=False,
    fields={
        "Host": Property(TEXT, required=True, description="The server that sends the mail."),
        "Port": Property(NUMBER, description="The server's port.", default=465),
    },
    description="A mail. Its other fields are not known here and not checked.",
)


def _check(given: Given) -> None:
    if given.is_computed("NotifyType"):
        return
    needed = "Mail" if given.literal("NotifyType") == "Mail" else "WebHook"
    if needed not in given:
        hint = "A mail needs NotifyType: Mail." if "Mail" in given else ""
        given.error("MissingProperty", f"ACS::Notify needs {needed}", hint=hint)


NOTIFY = Action(
    name="ACS::Notify",
    kind=CONTROL,
    summary="Sends a message.",
    source="https://help.aliyun.com/document_detail/120846.html",
    properties={
        "NotifyType": Property(TEXT, values=("WebHook", "Mail"), description="How it is sent.", default="WebHook"),
        "WebHook": WEBHOOK,
        "Mail": _MAIL,
        "AppendExecutionLink": Property(FLAG, description="Whether a link to the execution is added.", default=False),
    },
    check=_check,
)
