"""``ACS::Notify``.

The documentation shows a mail's Host and Port; how it calls the other fields could not be read. Here they have the
names that mail itself gives them, and a mail without one that it needs is refused before anything starts.
"""

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import ANY, FLAG, MAP, NUMBER, TEXT
from caboose.oos.actions.webhook import WEBHOOK

_MAIL = Property(
    MAP,
    fields={
        "Host": Property(TEXT, required=True, description="The server that sends the mail, by SMTP."),
        "Port": Property(
            NUMBER, description="Its port: 465 is TLS from the start, else TLS begins where offered.", default=465
        ),
        "Username": Property(TEXT, description="Who logs in at the server."),
        "Password": Property(
            TEXT, description="That account's password; sent under TLS only. Make it a NoEcho parameter."
        ),
        "From": Property(TEXT, description="The sender's address; else the Username."),
        "To": Property(ANY, required=True, description="The receivers: a list, or a text with commas between them."),
        "Cc": Property(ANY, description="Who else gets it."),
        "Subject": Property(TEXT, required=True, description="The subject."),
        "Body": Property(TEXT, required=True, description="The text."),
    },
    description="A mail.",
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
    summary="Sends a message, and fails when it isn't delivered.",
    source="https://help.aliyun.com/document_detail/120846.html",
    properties={
        "NotifyType": Property(TEXT, values=("WebHook", "Mail"), description="How it is sent.", default="WebHook"),
        "WebHook": WEBHOOK,
        "Mail": _MAIL,
        "AppendExecutionLink": Property(FLAG, description="Whether a link to the execution is added.", default=False),
    },
    runs_here=True,
    check=_check,
)
