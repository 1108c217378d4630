"""DingTalk's robot: which addresses are its, how a request is signed, and what its answers mean. Pure.

DingTalk answers HTTP 200 even when it refuses; only ``errcode`` 0 is success. Most refusals are settings that a
person has to change, and a retry within seconds makes throttling worse (20 messages a minute, then ten minutes of
silence), so that only "busy", throttling and faults of the transport are tried again.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from caboose.oos.redact import MASK, redact_text
from caboose.oos.text import clean_text

HOSTS = ("oapi.dingtalk.com", "oapi.dingtalk.io")

DELIVERED = "Delivered"
FAILED = "Failed"
BUSY = "Busy"
THROTTLED = "Throttled"
NO_ANSWER = "NoAnswer"

_THROTTLED_CODES = (410100, 130101)
_THROTTLED_WORDS = ("too fast", "throttle", "发送速度太快", "限流")
_HINTS = (
    # errcode, a word of errmsg ('' for any), what to do
    (310000, "keyword", "add one of the robot's keywords to the message"),
    (310000, "关键词", "add one of the robot's keywords to the message"),
    (310000, "timestamp", "check the clock of the worker"),
    (310000, "sign", "check the robot's signing secret in CABOOSE_WEBHOOK_SECRETS"),
    (310000, "签名", "check the robot's signing secret in CABOOSE_WEBHOOK_SECRETS"),
    (310000, "whitelist", "add the worker's address to the robot's IP list"),
    (310000, "白名单", "add the worker's address to the robot's IP list"),
    (300001, "", "check the webhook's address: the robot doesn't know the access_token"),
    (300005, "", "check the webhook's address: the robot doesn't know the access_token"),
    (400101, "", "check the webhook's address: the robot doesn't know the access_token"),
    (400102, "", "switch the robot on again in the group's settings"),
    (400106, "", "the robot was removed from the group: add one and use its address"),
    (400013, "", "the group was dissolved: use the robot of another one"),
    (400105, "", "DingTalk knows no such msgtype"),
    (40035, "", "check Headers and Content of the webhook"),
    (43004, "", "the header Content-Type must be application/json"),
    (460101, "", "shorten the message"),
    (101002, "", "shorten the message"),
    (430101, "", "DingTalk takes the link for unsafe: CABOOSE_PUBLIC_URL must be an address that it accepts"),
    (430102, "", "DingTalk doesn't accept the text"),
    (430104, "", "DingTalk doesn't accept the text"),
)


@dataclass(frozen=True)
class Verdict:
    """What an answer means, in one word and in a text that can be shown."""

    kind: str
    message: str = ""


class WebhookRefused(ValueError):
    """An address to which nothing is sent."""


def check_uri(uri: str, simulator_url: str) -> None:
    """Allows the hosts of DingTalk over https, and the simulator.

    A template names the address, so that any other host would let its author send requests from inside the worker's
    network: to the cloud's metadata service, for instance. Other channels will come with a list of their own hosts.

    Raises:
        WebhookRefused: with what is allowed.
    """
    try:
        parts = urlsplit(uri)
        origin = _origin(uri)
    except ValueError:
        raise WebhookRefused("the webhook's URI is not a URL") from None
    if not parts.hostname or any(character.isspace() or ord(character) < 32 for character in uri):
        raise WebhookRefused(
            "the webhook's URI is not a URL such as https://oapi.dingtalk.com/robot/send?access_token=…"
        )
    if parts.username is not None or parts.password is not None:
        raise WebhookRefused("the webhook's URI must have no user name in it")
    if origin[0] == "https" and origin[1] in HOSTS and origin[2] in (None, 443):
        return
    if simulator_url and origin == _origin(simulator_url):
        return
    raise WebhookRefused(
        f"webhooks of the host {parts.hostname!r} are not supported yet, only DingTalk's: https://{HOSTS[0]}/robot/send"
    )


def _origin(uri: str) -> tuple[str, str, int | None]:
    parts = urlsplit(uri)
    host = (parts.hostname or "").lower()
    return parts.scheme.lower(), "127.0.0.1" if host == "localhost" else host, parts.port


def access_token(uri: str) -> str:
    """The secret part of a robot's address, '' when it has none."""
    # not urlsplit: a text that is no URL is looked through too, before it is shown as an error
    query = uri.partition("?")[2].partition("#")[0]
    return parse_qs(query).get("access_token", [""])[0]


def mask(text: str, uri: str) -> str:
    """A text that may quote the webhook's address, without its secret."""
    token = access_token(uri)
    # a robot's token is 64 hex digits; what is short is an ordinary word
    return redact_text(text.replace(token, MASK) if len(token) >= 8 else text)


def sign(timestamp: int, secret: str) -> str:
    """The signature of one moment (milliseconds), before percent encoding.

    Source: the robot's security settings: HMAC-SHA256 of ``timestamp + "\\n" + secret`` with the secret as key, Base64.
    """
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed(uri: str, secret: str, timestamp: int) -> str:
    """The address with timestamp and signature at its end, encoded once."""
    parts = urlsplit(uri)
    kept = [pair for pair in parts.query.split("&") if pair.partition("=")[0] not in ("timestamp", "sign", "")]
    kept += [f"timestamp={timestamp}", f"sign={quote(sign(timestamp, secret), safe='')}"]
    return parts._replace(query="&".join(kept)).geturl()


def judge(status: int, content: bytes) -> Verdict:
    """What the robot's answer means."""
    try:
        answer = json.loads(content.decode("utf-8-sig", "replace"))
        code = int(answer["errcode"])
    except (ValueError, KeyError, TypeError, RecursionError):
        if 300 <= status < 500:
            return Verdict(FAILED, f"the robot answered HTTP status {status}")
        return Verdict(NO_ANSWER, f"the robot answered HTTP status {status} without an errcode")
    if code == 0 and status < 400:
        return Verdict(DELIVERED)
    text = clean_text(str(answer.get("errmsg", ""))[:300])
    message = f"the robot refused the message: errcode {code}: {text}"
    lowered = text.lower()
    if code in _THROTTLED_CODES or any(word in lowered for word in _THROTTLED_WORDS):
        return Verdict(THROTTLED, message)
    if code == -1:
        return Verdict(BUSY, message)
    if status >= 500:
        return Verdict(NO_ANSWER, message)
    for known, word, hint in _HINTS:
        if code == known and word in lowered:
            return Verdict(FAILED, f"{message} ({hint})")
    return Verdict(FAILED, message)
