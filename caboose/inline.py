"""What stays inline in Temporal's histories: small payloads, and those that are marked (``caboose.payloads``).

Answers to queries are marked. They are in no history, so nothing has to be kept of them, and whoever asks by Temporal's
own CLI or UI wants the answer and not a reference to it.
"""

INLINE = "caboose-inline"
"""The mark of those above the threshold, in a payload's metadata, until it is sent."""
THRESHOLD = 16 * 1024
"""Bytes of a payload that is kept outside."""
_REFERENCE = 400


def inline_bytes(size: int) -> int:
    """What a payload of so many bytes takes in a history: of one that is kept outside, its reference."""
    return size if size < THRESHOLD else _REFERENCE
