"""What is taken for a secret, by its name and by its looks; shared by the rules that speak of secrets."""

import re

_NAME = re.compile(
    r"(?i)(?:password|passwd|pwd|passphrase|secret|secret_?key|private_?key|access_?key|access_?key_?secret|access_?token"
    r"|web_?hook(?:_?ur[li])?)$"
)
_SHAPES = (
    (
        "the token of a webhook",
        "://",
        re.compile(
            r"(?i)(?:[?&](?:access_?token|token|sign|secret|key)=|/open-apis/bot/v2/hook/|hooks\.slack\.com/services/)"
            r"(?!x+\b)[^\s&\"'<>{}$*]{6}"
        ),
    ),
    ("a password in a URL", "://", re.compile(r"://[^\s/@:{}$]*:[^\s/@{}$]+@")),
    ("an AccessKey id", "LTAI", re.compile(r"\bLTAI[0-9A-Za-z]{12,}")),
    ("the secret of a DingTalk robot", "SEC", re.compile(r"\bSEC[0-9a-f]{32,}\b")),
    ("a private key", "PRIVATE KEY", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
)
"""(what it is, what a text must hold to be worth searching, how it looks)."""


def names_secret(name: str) -> bool:
    """Whether a parameter or property of this name holds a secret: a password, a key, a webhook's URL."""
    return _NAME.search(name) is not None


def secret_in(text: str) -> str:
    """What kind of secret is written out in the text; nothing when none is. References are none."""
    return next((what for what, sign, shape in _SHAPES if sign in text and shape.search(text)), "")
