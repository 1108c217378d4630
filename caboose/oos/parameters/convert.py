"""Soft conversion: what is given becomes what the parameter's type says, as far as nothing has to be guessed.

Official templates write ``Default: "30"`` for a Number, ``Default: InService`` for a List and ``Default: 5`` for a
String, and people pass values on command lines, where everything is text (reference section 1.4). So numbers may be
text, true and false may be words, JSON may be text, and a single value may stand for a list of one.
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

from caboose.oos.values import compact_json

ACCEPTED = {
    "String": "a string; a number, true or false become their text",
    "Number": "a number, or a decimal numeral as text: 30, 007, -1.5, 1e3, with blanks round it",
    "Boolean": "true or false, or those words in any case, with blanks round them",
    "List": "a list, or one as JSON text; any other value but a map becomes a list of one",
    "Json": "a map or a list, or one as JSON text",
}
"""What each type takes."""
TYPES = tuple(ACCEPTED)

_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_EXACT = 2**53
"""Up to here every whole number has a float of its own."""


class ConversionError(ValueError):
    """A value that doesn't fit its parameter's type."""


def convert(type_name: str, value: Any) -> Any:
    """The value as the parameter's type; converting it once more changes nothing.

    Args:
        type_name: one of ``TYPES``.
        value: plain JSON that travels (``values.json_fault`` finds nothing).

    Raises:
        ConversionError: says what was expected.
    """
    return _CONVERSIONS[type_name](value)


def _to_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return compact_json(value)
    raise ConversionError("expected a string")


def _to_number(value: Any) -> Any:
    if isinstance(value, str):
        value = _number(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise ConversionError("expected a number")
    return value


def _number(text: str) -> int | float | None:
    """The number that a text is, in decimal: ``30``, ``007``, ``-1.5``, ``1e3``. What is whole becomes a whole number,
    because ``1000.0`` would be spliced into texts and sent to APIs like that."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def _to_boolean(value: Any) -> bool:
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("true", "false"):
        return bool(word == "true")
    if not isinstance(value, bool):
        raise ConversionError("expected true or false")
    return value


def _to_list(value: Any) -> list[Any]:
    if isinstance(value, str):
        found = _json_text(value)
        return found if isinstance(found, list) else [value]
    if value is None or isinstance(value, dict):
        raise ConversionError("expected a list")
    return value if isinstance(value, list) else [value]


def _to_json(value: Any) -> Any:
    if isinstance(value, str):
        value = _json_text(value)
    if not isinstance(value, (dict, list)):
        raise ConversionError("expected a JSON object or list")
    return value


def _json_text(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "String": _to_string,
    "Number": _to_number,
    "Boolean": _to_boolean,
    "List": _to_list,
    "Json": _to_json,
}
