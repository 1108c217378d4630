"""The polling attributes of a task: how often, and how long between (reference section 2.3)."""

import re
from typing import Any

from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path
from caboose.oos.names import resolve_name
from caboose.oos.plan import Retry

RETRY_KEYS = ("Retries", "DelayType", "Delay", "BackOff", "MaxRetryInterval")
_DELAY_TYPES = ("Exponential", "Constant", "Linear")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


def read_retry(reader: Reader, fields: dict[str, Any], path: Path, retries: int = Retry.retries) -> Retry:
    """The attributes, the documented defaults where a task says nothing; ``retries`` is the action's."""
    return Retry(
        retries=int(_number(reader, fields, "Retries", retries, (0, 300), path)),
        delay_type=_delay_type(reader, fields.get("DelayType"), (*path, "DelayType")),
        delay=_number(reader, fields, "Delay", 2, (1, 3600), path),
        back_off=_number(reader, fields, "BackOff", 2, (1, 3600), path),
        max_interval=_number(reader, fields, "MaxRetryInterval", 1800, (1, 1800), path),
    )


def _delay_type(reader: Reader, value: Any, path: Path) -> str:
    if value is None:
        return _DELAY_TYPES[0]
    found = resolve_name(value, _DELAY_TYPES) if isinstance(value, str) else None
    if found is None:
        reader.error("InvalidRetry", f"DelayType is one of {', '.join(_DELAY_TYPES)}, not {value!r:.40}", path)
        return _DELAY_TYPES[0]
    reader.warn_of_case(value, found, path)
    return found


def _number(
    reader: Reader, fields: dict[str, Any], key: str, default: int, bounds: tuple[int, int], path: Path
) -> float:
    value = fields.get(key)
    if value is None:
        return default
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    low, high = bounds
    whole = key == "Retries" and isinstance(value, float) and not value.is_integer()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high or whole:
        reader.error("InvalidRetry", f"{key} is a number from {low} to {high}, not {value!r:.40}", (*path, key))
        return default
    return value
