"""Values: what a reference or a function may bring in, and how large and deep it may be.

Everything that travels through Temporal is JSON, so its size is counted as JSON; values are at most 100 levels deep,
because readers and writers of JSON recurse, and have at most 250,000 parts, because workflow code that works on one for
two seconds is taken for stuck (design section 2, "Nothing gets stuck"). A list of 100,000 ids, of 2.6 MB, is within
both limits.
"""

import json
from collections.abc import Iterator
from typing import Any

MAX_VALUE_BYTES = 4_000_000
MAX_VALUE_DEPTH = 100
MAX_VALUE_PARTS = 250_000
"""Elements of lists and members of maps, at all levels together."""
PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types of values without parts. Many values are asked for this first: ``isinstance`` is ten times as slow in a worker,
because Temporal's sandbox puts a function of its own in its place."""


class EvaluationError(ValueError):
    """A value that can't be made. ``code`` is the problem's id; ``path`` grows while the error travels outwards."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path: list[str | int] = []

    def __str__(self) -> str:
        if not self.path:
            return self.message
        return f"{place_of(reversed(self.path))}: {self.message}"


def place_of(path: Any) -> str:
    """A path as people write it: ``Parameters.Tags[0]``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def compact_json(value: Any) -> str:
    """JSON without blanks, characters as they are: the text form of a value in OOS."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_size(value: Any) -> int:
    """The bytes that a value takes in Temporal's history, where characters beyond ASCII are escaped."""
    return len(json.dumps(value))


def same_json(one: Any, other: Any) -> bool:
    """Equal as JSON: True and 1 are equal in Python, and not the same value."""
    return compact_json(one) == compact_json(other)


class Room:
    """How many bytes may still be brought in; values that are made together share one."""

    def __init__(self, limit: int = MAX_VALUE_BYTES) -> None:
        self._limit = limit
        self._left = limit

    def spend(self, size: int) -> None:
        """Takes room for ``size`` bytes.

        Raises:
            EvaluationError: ``ValueTooLarge``, when there is less.
        """
        self._left -= size
        if self._left < 0:
            message = f"the value would have more than {self._limit} bytes; pass less data on"
            raise EvaluationError("ValueTooLarge", message)


def json_fault(value: Any) -> str:
    """Why a value can't travel as JSON; nothing when it can. What came through Python's reader may still be none."""
    fault = shape_fault(value)
    if fault:
        return fault
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return "there is half a character in it (a surrogate without its other half)"
    except ValueError:
        return "there is a number in it that JSON doesn't know"
    except TypeError:
        return "it is not JSON"
    return ""


def shape_fault(value: Any) -> str:
    """Why a value is too deep or has too many parts; nothing when it is neither."""
    return shape_of(value)[1]


def shape_of(value: Any) -> tuple[int, str]:
    """How many parts a value has, and why it is too deep or has too many; it is walked no further than that."""
    parts = 0
    for depth, level in enumerate(_levels(value), 1):
        parts += len(level)
        if depth > MAX_VALUE_DEPTH:
            return parts, f"nested more than {MAX_VALUE_DEPTH} levels"
        if parts > MAX_VALUE_PARTS:
            return parts, f"of more than {MAX_VALUE_PARTS} parts"
    return parts, ""


def depth_of(value: Any, limit: int = MAX_VALUE_DEPTH) -> int:
    """How deep a value is nested; stops counting beyond ``limit``."""
    depth = 0
    for depth, _ in enumerate(_levels(value), 1):
        if depth > limit:
            break
    return depth


def _levels(value: Any) -> Iterator[list[Any]]:
    """The values at each level of nesting, found without recursion."""
    level = [value]
    while level:
        yield level
        level = [
            child
            for node in level
            if type(node) not in PLAIN and isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
