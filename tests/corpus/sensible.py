"""Sensible values for a template's parameters: what a person would type who reads the declaration."""

from random import Random
from typing import Any

import regex
from hypothesis import find, settings
from hypothesis import strategies as st

from caboose.oos.plan import Parameter

_TEXTS = (
    "i-bp1abcdefgh", "10.0.0.1", "192.168.1.10", "2026-12-01T00:00:00Z", "08:00:00", "5", "40", "600", "2000",
    "PASSword12", "Passw0rd_1",
    "{{oos-secret:name}}", "oss://bucket/object", "https://example.com/x",
    "a=1", "name", "NAM", "01", "vsw-1", "sg-1", "d-1",
    "ecs.g6.large", "ecs\\.g6\\.large", "",
)  # fmt: skip
_OTHERS: dict[str, Any] = {"Boolean": True, "List": ["i-bp1abcdefgh"], "Json": {}}
_LONGEST = 10_000


def value_for(parameter: Parameter) -> Any:
    """A value that the declaration allows, the same each time."""
    if parameter.allowed_values:
        return [parameter.allowed_values[0]] if parameter.type == "List" else parameter.allowed_values[0]
    if parameter.type == "Number":
        low = parameter.min_value if parameter.min_value is not None else 1
        return low if parameter.max_value is None else min(low, parameter.max_value)
    if parameter.type != "String":
        return _OTHERS[parameter.type]
    return next((text for text in _TEXTS if _fits(parameter, text)), None) or _made_for(parameter)


def _fits(parameter: Parameter, text: str) -> bool:
    if not (parameter.min_length or 0) <= len(text) <= (parameter.max_length or _LONGEST):
        return False
    return not parameter.allowed_pattern or regex.fullmatch(parameter.allowed_pattern, text, timeout=1) is not None


def _made_for(parameter: Parameter) -> str:
    """The shortest text that fits, where no common one does."""
    if not parameter.allowed_pattern:
        return "x" * (parameter.min_length or 1)
    texts = st.from_regex(parameter.allowed_pattern, fullmatch=True)
    quietly = settings(database=None, deadline=None)
    return find(texts, lambda text: _fits(parameter, text), settings=quietly, random=Random(0))
