"""The DingTalk group robot: any access_token is a group, and every message is kept to be looked at.

The answer is HTTP 200 whatever happens and `errcode` tells; the limits (20,000 bytes, 20 messages a minute and then
ten minutes of silence), the signature and the rule that a mention counts only when the text has it too are DingTalk's.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from caboose.simulator.calls import now_text

LARGEST_BODY = 20_000
LARGEST_CLOCK_DIFFERENCE_MS = 3600 * 1000
# What each type of message must have, below the key of its own name.
REQUIRED: dict[str, tuple[str, ...]] = {
    "text": ("content",),
    "markdown": ("title", "text"),
    "link": ("title", "text", "messageUrl"),
    "actionCard": ("title", "text"),
    "feedCard": ("links",),
}
TEXT_OF = {"text": "content", "markdown": "text", "actionCard": "text"}


class RobotError(Exception):
    """A refusal: DingTalk's errcode and errmsg."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


class GroupSettings(BaseModel):
    """What a group's owner sets up, and its limits (``rate_limit: null`` switches the limit off)."""

    model_config = ConfigDict(extra="forbid")

    secret: str = ""
    keywords: list[str] = Field(default_factory=list)
    rate_limit: int | None = 20
    throttle_seconds: float = 600


GROUP_SETTINGS: TypeAdapter[dict[str, GroupSettings]] = TypeAdapter(dict[str, GroupSettings])


@dataclass(frozen=True)
class Post:
    """One request to the robot."""

    token: str
    query: Mapping[str, str]
    content_type: str
    raw: bytes


@dataclass(frozen=True)
class Message:
    """A message that the group shows. ``mentioned`` are the numbers whose owners were really notified."""

    item: int
    access_token: str
    group: str
    body: dict[str, Any]
    mentioned: list[str]
    mentioned_all: bool
    uuid: str
    time: str = field(default_factory=now_text)

    @property
    def text(self) -> str:
        """What people read first."""
        return _text(self.body)


class Group:
    """One group: its settings, the uuids it has seen and the pace of its messages."""

    def __init__(self, name: str, settings: GroupSettings, clock: Callable[[], float]) -> None:
        self.name = name
        self.settings = settings
        self._clock = clock
        self.uuids: set[str] = set()
        self._sent: deque[float] = deque()
        self._throttled_until = 0.0

    def check_signature(self, query: Mapping[str, str]) -> None:
        """The security setting "sign": proves that the sender knows the secret, within an hour."""
        if not self.settings.secret:
            return
        timestamp = query.get("timestamp", "")
        now = self._clock() * 1000
        if not timestamp.isdecimal() or abs(now - int(timestamp)) > LARGEST_CLOCK_DIFFERENCE_MS:
            raise RobotError(310000, "invalid timestamp")
        if not hmac.compare_digest(sign(timestamp, self.settings.secret), query.get("sign", "")):
            raise RobotError(310000, "sign not match")

    def check_pace(self) -> None:
        """Count one more message, or refuse it: too many in a minute close the group for a while."""
        if self.settings.rate_limit is None:
            return
        now = self._clock()
        while self._sent and self._sent[0] <= now - 60:
            self._sent.popleft()
        if now >= self._throttled_until and len(self._sent) >= self.settings.rate_limit:
            self._throttled_until = now + self.settings.throttle_seconds
        if now < self._throttled_until:
            raise RobotError(410100, "send too fast, messages are throttled")
        self._sent.append(now)


class Robot:
    """All groups and all their messages."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._groups: dict[str, Group] = {}
        self.messages: list[Message] = []

    def configure(self, settings: Any) -> int:
        """Set up groups: a map from access_token to settings.

        Raises:
            pydantic.ValidationError: when a setting isn't one.
        """
        checked = GROUP_SETTINGS.validate_python(settings)
        for token, each in checked.items():
            self._group(token).settings = each
        return len(checked)

    def listed(self) -> list[dict[str, Any]]:
        """The messages in order."""
        return [asdict(message) for message in self.messages]

    def send(self, post: Post) -> None:
        """Take a message.

        Raises:
            RobotError: when DingTalk would refuse it.
        """
        if not post.token:
            raise RobotError(300005, "token is not exist")
        group = self._group(post.token)
        group.check_signature(post.query)
        if post.content_type.partition(";")[0].strip().lower() != "application/json":
            raise RobotError(43004, "invalid Content-Type header, use application/json")
        if len(post.raw) > LARGEST_BODY:
            raise RobotError(460101, f"message too long, exceed {LARGEST_BODY} bytes")
        body = _checked_body(post.raw)
        text = json.dumps(body, ensure_ascii=False)
        if group.settings.keywords and not any(word in text for word in group.settings.keywords):
            raise RobotError(310000, "keywords not in content")
        uuid = str(body.get("msgUuid", ""))
        if uuid and uuid in group.uuids:
            return  # posted already: DingTalk says ok and posts nothing
        group.check_pace()
        if uuid:
            group.uuids.add(uuid)
        self._show(group, post.token, body, uuid)

    def _show(self, group: Group, token: str, body: dict[str, Any], uuid: str) -> None:
        at = body.get("at", {})
        text = _text(body)
        mentioned = [number for number in at.get("atMobiles", []) if _mentions(text, number)]
        number = len(self.messages) + 1
        everyone = at.get("isAtAll", False)
        self.messages.append(Message(number, token, group.name, body, mentioned, everyone, uuid))

    def _group(self, token: str) -> Group:
        if token not in self._groups:
            name = f"Group {len(self._groups) + 1} (…{token[-4:]})"
            self._groups[token] = Group(name, GroupSettings(), self._clock)
        return self._groups[token]


def sign(timestamp: str, secret: str) -> str:
    """DingTalk's signature, before the percent encoding of a query."""
    mac = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def _text(body: Mapping[str, Any]) -> str:
    kind = body["msgtype"]
    return str(body[kind].get(TEXT_OF.get(kind, "text"), ""))


def _mentions(text: str, number: str) -> bool:
    # The number ends where the digits end: @1390 isn't a mention in @13900000000. A masked one is nobody's.
    is_number = re.fullmatch(r"\+?[\d-]+", number) is not None
    return is_number and re.search(rf"@{re.escape(number)}(?!\d)", text) is not None


def _checked_body(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RobotError(40035, "missing parameter: json")
    kind = body.get("msgtype")
    if not kind:
        raise RobotError(40035, "missing parameter: msgtype")
    if kind not in REQUIRED:
        raise RobotError(400105, f"unsupported msgtype: {kind}")
    content = body.get(kind)
    for name in REQUIRED[kind]:
        if not isinstance(content, dict) or not content.get(name):
            raise RobotError(40035, f"missing parameter: {kind}.{name}")
    _check_at(body.get("at", {}))
    return body


def _check_at(at: Any) -> None:
    if not isinstance(at, dict):
        raise RobotError(40035, "invalid parameter: at is an object")
    if not isinstance(at.get("isAtAll", False), bool):
        raise RobotError(40035, "invalid parameter: at.isAtAll is a boolean")
    mobiles = at.get("atMobiles", [])
    if not isinstance(mobiles, list) or not all(isinstance(number, str) for number in mobiles):
        raise RobotError(40035, "invalid parameter: at.atMobiles is an array of strings")
