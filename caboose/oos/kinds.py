"""Kinds of values, in the words that messages and reference pages use: what a property or an argument may be."""

from typing import Any

TEXT = "a string"
NUMBER = "a number"
FLAG = "true or false"
LIST = "a list"
MAP = "a map"
CONDITION = "a condition"
"""True or false, a condition's name, or a function that gives one of them."""
ANY = "anything"

_TYPES: dict[str, type | tuple[type, ...]] = {
    TEXT: str,
    NUMBER: (int, float, str),
    FLAG: (bool, str),
    LIST: list,
    MAP: dict,
    CONDITION: (bool, str, dict),
    ANY: object,
}


def is_kind(kind: str, value: Any) -> bool:
    """Whether a literal value can be of this kind; numbers and flags may be written as strings."""
    if kind == NUMBER and isinstance(value, bool):
        return False
    return isinstance(value, _TYPES[kind])
