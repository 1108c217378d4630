"""The message that Approve and Notify post: what a reference gave in its place is looked at before it is sent."""

from typing import Any

from caboose.engine.errors import TaskFailed


def webhook_of(properties: dict[str, Any]) -> dict[str, Any]:
    """``{URI, Headers, Content}``.

    Raises:
        TaskFailed: ``InvalidProperty``, when it is no message.
    """
    webhook = properties.get("WebHook")
    if not isinstance(webhook, dict) or not isinstance(webhook.get("URI"), str) or not webhook["URI"]:
        raise TaskFailed("InvalidProperty", "WebHook is a map with a URI and a Content")
    if not webhook.get("Content"):
        raise TaskFailed("InvalidProperty", "WebHook needs a Content: a message without one can't be posted")
    if not isinstance(webhook.get("Headers") or {}, dict):
        raise TaskFailed("InvalidProperty", "Headers of WebHook is a map")
    return {"URI": webhook["URI"], "Headers": webhook.get("Headers") or {}, "Content": webhook["Content"]}
