"""Kinds of property values beyond the plain ones: literal texts that have to mean something."""

import re
from collections.abc import Callable
from typing import Any

from caboose.oos.kinds import ANY, CONDITION, FLAG, LIST, MAP, NUMBER, TEXT, is_kind
from caboose.oos.references import function_of, references
from caboose.oos.times.dates import moment
from caboose.oos.times.durations import seconds

__all__ = ["ANY", "CONDITION", "DATE", "DURATION", "FLAG", "LIST", "MAP", "NUMBER", "READ", "SELECTOR", "TEXT"]

SELECTOR = "a selector"
DURATION = "a duration"
DATE = "a date"
READ = (DURATION, DATE)
"""Kinds that are read: a text of the right type may still be none of them."""


def is_computed(value: Any) -> bool:
    """Whether only running tells the value: a text with a reference in it, or the call of a function."""
    if isinstance(value, str):
        return any(references(value))
    return isinstance(value, dict) and bool(function_of(value))


def fault_of(kind: str, value: Any) -> str:
    """Why a literal value can't be of this kind, to be written behind its name; nothing when it can."""
    check = _CHECKS.get(kind)
    if check:
        return check(value)
    written = _WRITTEN.get(kind)
    fits = written.fullmatch(value) if written and isinstance(value, str) else is_kind(kind, value)
    return "" if fits else f" is {kind}, not {value!r:.80}"


_WRITTEN = {
    NUMBER: re.compile(r"\s*[+-]?[0-9]{1,40}(\.[0-9]{1,40})?\s*"),
    FLAG: re.compile(r"true|false", re.IGNORECASE),
}
"""Numbers and flags that are written as strings."""


def _condition(value: Any) -> str:
    return "" if isinstance(value, (bool, str)) else f" is {CONDITION} or a function that gives one, not {value!r:.80}"


def _selector(value: Any) -> str:
    return "" if isinstance(value, str) else f" is {SELECTOR}, a text, not {value!r:.80}"


def _duration(value: Any) -> str:
    try:
        seconds(value)
    except ValueError as error:
        return f": {error}"
    return ""


def _date(value: Any) -> str:
    try:
        moment(value)
    except ValueError as error:
        return f": {error}"
    return ""


_CHECKS: dict[str, Callable[[Any], str]] = {
    CONDITION: _condition,
    SELECTOR: _selector,
    DURATION: _duration,
    DATE: _date,
}
