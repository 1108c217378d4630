"""Text from outside, made safe to keep: everything that is stored or sent must be UTF-8.

JSON may hold half a character (``"\\ud800"``) and control characters. Python keeps them, and fails much later, where a
text is encoded: in a status, a summary, a database. They are replaced once, where a text comes in.
"""

import re
from typing import Any

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def clean_text(text: str) -> str:
    """The text with halves of characters and control characters (but tab and line ends) replaced by U+FFFD."""
    return _UNFIT.sub(_REPLACEMENT, text)


def clean(value: Any) -> Any:
    """A value with every string in it cleaned, keys included; at most as deep as values may be."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): clean(child) for key, child in value.items()}
    if isinstance(value, list):
        return [clean(child) for child in value]
    return value


def being_cancelled(calls: int) -> str:
    """The status of an execution that is being cancelled, while this many of its calls haven't answered."""
    if not calls:
        return "being cancelled"
    return f"being cancelled: {calls} call{'s are' if calls > 1 else ' is'} still in flight"
