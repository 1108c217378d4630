"""Equality: the lenient one of ``Fn::Equals``, and the strict one by which elements of lists are told apart."""

import json
from collections.abc import Hashable
from typing import Any

from caboose.oos.values import PLAIN


def equal(one: Any, other: Any) -> bool:
    """Deeply equal, where a string equals the number or boolean whose JSON text it is, at every level.

    Null equals only null, true isn't 1, and 1 is 1.0: numbers are compared as numbers.
    """
    if type(one) is str is type(other):
        return bool(one == other)
    if isinstance(one, str) != isinstance(other, str):
        return one in _texts_of(other) if isinstance(one, str) else other in _texts_of(one)
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and len(one) == len(other)
            and all(key in other and equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(equal(value, match) for value, match in zip(one, other, strict=True))
        )
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def identity(value: Any) -> Hashable:
    """Something that two values share exactly when they are the same JSON value."""
    if type(value) in PLAIN:
        return ("flag", value) if type(value) is bool else value
    if isinstance(value, dict):
        return ("map", *((key, identity(value[key])) for key in sorted(value)))
    return ("list", *(identity(each) for each in value))


def _texts_of(value: Any) -> tuple[str, ...]:
    """How a number or boolean may be written."""
    if isinstance(value, float) and value.is_integer():
        return (json.dumps(value), str(int(value)))
    return (json.dumps(value),) if isinstance(value, (bool, int, float)) else ()
