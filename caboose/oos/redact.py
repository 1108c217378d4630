"""Redaction: what must not be seen, masked in any text or value that leaves the workflow.

A webhook's URL is a password: whoever has it can post to the group. Host and path may be shown, the secret part not.
"""

import re
from typing import Any

from caboose.oos.values import PLAIN

MASK = "***"

_PATTERNS = (
    (
        re.compile("=|%3d", re.IGNORECASE),
        re.compile(
            r"((?:access_token|accesstoken|sign|secret|signature|key|token|password)(?:=|%3D))[^&\s\"'<>)\]]+",
            re.IGNORECASE,
        ),
    ),
    (re.compile("/hook/"), re.compile(r"(/open-apis/bot/v2/hook/)[^?\s\"'<>)\]]+")),
    (re.compile("slack"), re.compile(r"(hooks\.slack\.com/services/)[^?\s\"'<>)\]]+")),
    (re.compile("@"), re.compile(r"(://[^\s/@:]*:)[^\s/@]+(?=@)")),
    (re.compile("SEC"), re.compile(r"(\b)SEC[0-9a-f]{32,}\b")),
)
"""(what a text must hold to be worth searching, what is masked behind its first group): records are large, and
workflow code that searches for seconds is taken for stuck."""
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|sign|password", re.IGNORECASE)
_SECRET_NAME = re.compile(r"token|secret|password|passwd|privatekey|accesskey", re.IGNORECASE)


def redact_text(text: str) -> str:
    """The text with ``access_token=…``, a password before a host and the like masked."""
    for sign, pattern in _PATTERNS:
        if sign.search(text):
            text = pattern.sub(lambda match: match[1] + MASK, text)
    return text


def redact(value: Any) -> Any:
    """A value with every string in it redacted, keys included."""
    if type(value) is str:
        return redact_text(value)
    if type(value) in PLAIN or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, dict):
        return {redact_text(key): redact(child) for key, child in value.items()}
    return [redact(child) for child in value]


def looks_secret(name: str) -> bool:
    """Whether a parameter of this name is shown masked although its template doesn't say NoEcho."""
    return _SECRET_NAME.search(name) is not None


def is_secret_header(name: str) -> bool:
    """Whether a header of this name says who is asking."""
    return _SECRET_HEADER.search(name) is not None
