"""``ACS::Notify``: sends a message to a webhook, or a mail (https://help.aliyun.com/document_detail/120846.html).

Unlike the message of an approval, which people can do without, this one is what the task is for: it fails with the
receiver's answer when the message wasn't delivered.
"""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.webhook import webhook_of
from caboose.engine.effects import Delivered, Mail, Message
from caboose.engine.errors import TaskFailed

_PORT = 465
_MAX_RECEIVERS = 100


async def notify(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Sends the message.

    Raises:
        TaskFailed: ``NotDelivered`` with the receiver's answer; ``InvalidProperty``.
    """
    delivered = await _send(context, properties)
    if not delivered.delivered:
        raise TaskFailed("NotDelivered", f"the message was not delivered: {delivered.message}")
    context.run.message = delivered.warning
    return {}


async def _send(context: TaskContext, properties: dict[str, Any]) -> Delivered:
    effects, kind = context.frame.run.effects, str(properties.get("NotifyType") or "WebHook").lower()
    link = str(properties.get("AppendExecutionLink", False)).lower() == "true"
    if kind == "mail":
        return await effects.mail(_mail(context, properties.get("Mail"), link))
    if kind != "webhook":
        raise TaskFailed("InvalidProperty", f"NotifyType is WebHook or Mail, not {kind!r:.80}")
    webhook = webhook_of(properties)
    message = Message(
        task_name=context.task.name,
        task_execution_id=context.run.id,
        attempt=context.run.attempt,
        number=1,
        uri=webhook["URI"],
        content=webhook["Content"],
        headers=webhook["Headers"],
        append_link=link,
        approval=False,
    )
    return await effects.notify(message)


def _mail(context: TaskContext, given: Any, link: bool) -> Mail:
    if not isinstance(given, dict):
        raise TaskFailed("InvalidProperty", "Mail is a map with Host, To, Subject and Body")
    texts = {name: _text(given, name) for name in ("Host", "Username", "Password", "From", "Subject", "Body")}
    for name in ("Host", "Subject", "Body"):
        if not texts[name].strip():
            raise TaskFailed("InvalidProperty", f"Mail needs {name}")
    to, cc = _receivers(given.get("To"), "To"), _receivers(given.get("Cc"), "Cc")
    sender = texts["From"].strip() or texts["Username"].strip()
    if not to or "@" not in sender:
        what = "To: the receivers" if not to else "From: the sender's address"
        raise TaskFailed("InvalidProperty", f"Mail needs {what}")
    if len(to) + len(cc) > _MAX_RECEIVERS:
        raise TaskFailed("InvalidProperty", f"a mail has at most {_MAX_RECEIVERS} receivers")
    return Mail(
        task_name=context.task.name,
        task_execution_id=context.run.id,
        attempt=context.run.attempt,
        host=texts["Host"].strip(),
        port=_port(given.get("Port")),
        sender=sender,
        to=to,
        subject=texts["Subject"],
        body=texts["Body"],
        cc=cc,
        username=texts["Username"].strip(),
        password=texts["Password"],
        append_link=link,
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None or isinstance(value, (dict, list)):
        if value is not None:
            raise TaskFailed("InvalidProperty", f"{name} of Mail is a text")
        return ""
    return value if isinstance(value, str) else str(value)


def _receivers(value: Any, name: str) -> list[str]:
    """Addresses as a list, or as one text with commas or semicolons between them."""
    if value is None:
        return []
    parts = value if isinstance(value, list) else str(value).replace(";", ",").split(",")
    if not all(isinstance(part, str) for part in parts):
        raise TaskFailed("InvalidProperty", f"{name} of Mail is a list of addresses")
    return [part.strip() for part in parts if part.strip()]


def _port(value: Any) -> int:
    if value in (None, ""):
        return _PORT
    text = str(value).strip()
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) < 65_536:
        raise TaskFailed("InvalidProperty", f"Port of Mail is a number from 1 to 65535, not {value!r:.40}")
    return int(text)
