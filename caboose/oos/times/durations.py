"""Durations: ISO 8601, the looser spellings of OOS (``4m``, ``1H2M``), and numbers of seconds.

Letter case means nothing. ``M`` is a minute wherever hours, minutes and seconds stand; ``P1M`` without a ``T`` is
refused, since ISO 8601 calls it a month and the loose spelling a minute, and nobody wants to find out by waiting.
Source: https://help.aliyun.com/zh/oos/user-guide/acs-sleep
"""

import re
from fractions import Fraction
from typing import Any

MIN_SECONDS = 1
MAX_SECONDS = 100 * 366 * 24 * 3600
"""A hundred years: more than anybody waits, and less than a timer can't hold."""

_NUMBER = r"([0-9]{1,12}(?:[.,][0-9]{1,6})?)"
_TEXT = re.compile(
    rf"(?P<p>p)?(?:{_NUMBER}w)?(?:{_NUMBER}d)?(?P<t>t)?(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?", re.IGNORECASE
)
_PARTS = ((2, 7 * 24 * 3600), (3, 24 * 3600), (5, 3600), (6, 60), (7, 1))
_MINUTES = 6
_PLAIN = re.compile(_NUMBER)


class DurationError(ValueError):
    """What isn't a duration; the message says why."""


def seconds(value: Any) -> float:
    """The seconds that a duration lasts.

    Args:
        value: ``PT1H2M``, ``1H2M``, ``4m``, ``P1D``, ``P2W``, or a number of seconds (a text of digits is one too).

    Raises:
        DurationError: when it is none, shorter than a second or longer than a hundred years.
    """
    found = _seconds(value)
    if found is None:
        raise DurationError(f"it is a duration such as PT1H30M, 90M or 20s, not {value!r:.80}")
    if not MIN_SECONDS <= found <= MAX_SECONDS:
        raise DurationError(f"a duration lasts from one second to a hundred years, not {value!r:.80}")
    return float(found)


def _seconds(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if not isinstance(value, str):
        return Fraction(value) if abs(value) <= 2 * MAX_SECONDS else Fraction(0)
    text = value.strip()
    if _PLAIN.fullmatch(text):
        return _fraction(text)
    match = _TEXT.fullmatch(text)
    if not match or not any(match[group] for group, _ in _PARTS):
        return None
    if match["p"] and not match["t"] and match[_MINUTES]:
        raise DurationError(f"{value!r:.80} is a month to some and a minute to others; write PT…M for minutes")
    return sum((_fraction(match[group]) * unit for group, unit in _PARTS if match[group]), Fraction(0))


def _fraction(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))
