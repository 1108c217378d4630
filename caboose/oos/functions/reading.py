"""Reading arguments: what functions make of the values they are given, in one way for all of them.

Soft where OOS is soft: a number is a text where one is wanted, digits are a number, and JSON text is the list or map
that it says (parameters typed as String carry such texts). Null is the output of a skipped task, and each function says
what it makes of it. Everything else is refused with what was expected and what came.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.problems import shortened
from caboose.oos.values import MAX_VALUE_BYTES, compact_json, json_fault

MAX_TEXT = MAX_VALUE_BYTES
"""The characters that a result may have. Looked at before it is made: a short call can ask for gigabytes."""
MAX_DIGITS = 30
MAX_NUMBER = 10**MAX_DIGITS
_MAX_SHOWN = 80
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}")
_DECIMAL = re.compile(rf"[+-]?[0-9]{{0,{MAX_DIGITS}}}\.?[0-9]{{1,{MAX_DIGITS}}}(?:[eE][+-]?[0-9]{{1,3}})?")


def shown(value: Any) -> str:
    """A value in a message: its JSON, cut at 80 characters."""
    return shortened(compact_json(value), _MAX_SHOWN)


def unexpected(what: str, expected: str, value: Any) -> FunctionError:
    """The error for an argument that is something else than expected."""
    return FunctionError(f"{what}: expected {expected}, got {shown(value)}")


def one_of(words: Sequence[str]) -> str:
    """Words in a message: ``a, b or c``."""
    return f"{', '.join(words[:-1])} or {words[-1]}"


def text_form(value: Any) -> str:
    """The text of any value, as where a reference is spliced in: null is nothing, the others their compact JSON."""
    if type(value) is str or isinstance(value, str):
        return value
    return "" if value is None else compact_json(value)


def text(what: str, value: Any) -> str:
    """A text; numbers and booleans are one too.

    Raises:
        FunctionError: for null, lists and maps.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return compact_json(value)
    raise unexpected(what, "a string", value)


def number(what: str, value: Any) -> int | float:
    """A number; a text of digits is one too.

    Raises:
        FunctionError: for anything else, and beyond 30 digits.
    """
    found: int | float | None = None
    if type(value) is int and abs(value) < MAX_NUMBER:
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = value
    elif isinstance(value, str):
        digits = value.strip()
        if _INTEGER.fullmatch(digits):
            found = int(digits)
        elif _DECIMAL.fullmatch(digits):
            found = float(digits)
    if found is None or not abs(found) < MAX_NUMBER:
        raise unexpected(what, f"a number of at most {MAX_DIGITS} digits", value)
    return found


def whole_number(what: str, value: Any) -> int:
    """A number without fraction.

    Raises:
        FunctionError: when it is none.
    """
    found = number(what, value)
    if found != math.floor(found):
        raise unexpected(what, "a whole number", value)
    return int(found)


def items(what: str, value: Any) -> list[Any]:
    """A list, or the JSON text of one; null, the output of a skipped task, is the empty list.

    Raises:
        FunctionError: for anything else.
    """
    if isinstance(value, list):
        return value
    if value is None:
        return []
    parsed = json_of(value)
    if isinstance(parsed, list):
        return parsed
    raise unexpected(what, "a list", value)


def mapping(what: str, value: Any) -> dict[str, Any]:
    """A map, or the JSON text of one; null is the empty map.

    Raises:
        FunctionError: for anything else.
    """
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    parsed = json_of(value)
    if isinstance(parsed, dict):
        return parsed
    raise unexpected(what, "a map", value)


def json_of(value: Any) -> Any:
    """The value that a JSON text says; what is no text, or a text but no JSON, is left as it is."""
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value
    return value if json_fault(parsed) else parsed


def room_for(size: int) -> None:
    """Whether a text of so many characters may be made.

    Raises:
        FunctionError: when it would be too large.
    """
    if size > MAX_TEXT:
        raise FunctionError(f"the result would have more than {MAX_TEXT} characters; pass less data on")


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
