"""What is changed in a message before DingTalk gets it. Pure.

Templates write messages for OOS, which hands them on as they are; these are the places where that is not enough:
``isAtAll`` arrives as a string, a number in ``atMobiles`` is notified only when the text mentions it too, a retry
must not post twice, and people need the link. A body of any other shape goes out as it was written.
"""

import copy
import json
import re
from dataclasses import dataclass
from typing import Any

MAX_BODY_BYTES = 20_000
"""DingTalk's limit for the whole body."""
_CUT = "\n…"
_TEXTS = {"text": "content", "markdown": "text", "link": "text", "actionCard": "text"}
_MENTIONING = ("text", "markdown", "actionCard")


@dataclass(frozen=True)
class Message:
    """A message ready to be sent, and what its reader would miss."""

    body: bytes
    warning: str = ""


@dataclass(frozen=True)
class Link:
    """What is added to a message, and what it is called there."""

    title: str
    address: str


def adapt(content: Any, *, link: Link | None, uuid: str) -> Message:
    """The message as DingTalk wants it, at most 20,000 bytes long; its text is cut for that, never the link.

    ``uuid`` is DingTalk's idempotency key.
    """
    if not isinstance(content, dict):
        return Message(_encode(content), _no_link(link, "the content is not an object"))
    body = {name: value for name, value in copy.deepcopy(content).items() if value is not None}
    body["msgUuid"] = uuid
    _adapt_at(body)
    kind = body.get("msgtype")
    member = _TEXTS.get(kind) if isinstance(kind, str) else None
    part = body.get(kind) if member else None
    if not isinstance(kind, str) or member is None or not isinstance(part, dict):
        return Message(_encode(body), _no_link(link, f"its msgtype is {kind!r}"))
    if not isinstance(part.get(member, ""), str):
        return Message(_encode(body), _no_link(link, f"its {kind}.{member} is not a string"))
    text = part.get(member, "")
    ending = _mentions(body, text) if kind in _MENTIONING else ""
    ending += _link_ending(kind, part, link)
    return Message(_fitted(body, part, member, ending))


def _adapt_at(body: dict[str, Any]) -> None:
    at = body.get("at")
    if not isinstance(at, dict):
        return
    if "isAtAll" in at:
        at["isAtAll"] = str(at["isAtAll"]).strip().lower() == "true"
    if isinstance(at.get("atMobiles"), list):
        # a number that YAML read as one is text to DingTalk
        at["atMobiles"] = [str(each) if type(each) is int else each for each in at["atMobiles"]]


def _mentions(body: dict[str, Any], text: str) -> str:
    """The mentions that the text lacks. What isn't a number, such as ``1390000****``, is left alone."""
    at = body.get("at")
    mobiles = at.get("atMobiles") if isinstance(at, dict) else None
    missing: list[str] = []
    for mobile in mobiles if isinstance(mobiles, list) else []:
        is_number = isinstance(mobile, str) and mobile.isascii() and mobile.isdigit()
        if is_number and mobile not in missing and not re.search(rf"@{mobile}(?!\d)", text):
            missing.append(mobile)
    return "".join(f" @{mobile}" for mobile in missing)


def _link_ending(kind: str, part: dict[str, Any], link: Link | None) -> str:
    """What the link adds at the end of the text; for a link message without an address it becomes the address."""
    if not link:
        return ""
    if kind == "link" and not part.get("messageUrl"):
        part["messageUrl"] = link.address
        return ""
    if kind in ("markdown", "actionCard"):
        return f"\n\n[{link.title}]({link.address})"
    return f"\n{link.title}: {link.address}"


def _fitted(body: dict[str, Any], part: dict[str, Any], member: str, ending: str) -> bytes:
    """The body with the ending added and as much of the text as fits.

    The size is that of the JSON, in which a line feed counts two bytes and a Chinese character three: so it is
    measured, not reckoned.
    """
    text = part.get(member, "")

    def encoded(length: int) -> bytes:
        part[member] = (text if length == len(text) else text[:length].rstrip() + _CUT) + ending
        return _encode(body)

    if len(whole := encoded(len(text))) <= MAX_BODY_BYTES:
        return whole
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if len(encoded(middle)) <= MAX_BODY_BYTES:
            fits = middle
        else:
            too_long = middle
    return encoded(fits)


def _no_link(link: Link | None, reason: str) -> str:
    return f"the message has no link: {reason}" if link else ""


def _encode(body: Any) -> bytes:
    # without ensure_ascii=False a Chinese character would be six bytes instead of three
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
