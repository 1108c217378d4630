"""Resolving: references replaced by their values.

A string that is one reference keeps the value's type; otherwise values are spliced in as text, non-strings as compact
JSON (design section 4). The results are bounded in size, so that a short template can't fill a worker's memory by
splicing a large list into a thousand strings.
"""

import json
from collections.abc import Callable
from typing import Any

from caboose.oos.references import Reference, splice, whole

MAX_VALUE_BYTES = 1_000_000
MAX_VALUE_DEPTH = 100

Lookup = Callable[[Reference], Any]


class ResolveError(ValueError):
    """A value that can't be made; ``code`` is the problem's id."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def compact_json(value: Any) -> str:
    """JSON without blanks, characters as they are: the text form of a value in OOS."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_size(value: Any) -> int:
    """The bytes that a value takes in Temporal's history, where characters beyond ASCII are escaped."""
    return len(json.dumps(value))


class Room:
    """How many bytes references may still bring in; values that are made together share one."""

    def __init__(self, limit: int = MAX_VALUE_BYTES) -> None:
        self._limit = limit
        self._left = limit

    def spend(self, size: int) -> None:
        """Takes room for ``size`` bytes.

        Raises:
            ResolveError: ``ValueTooLarge``, when there is less.
        """
        self._left -= size
        if self._left < 0:
            message = f"the value would have more than {self._limit} bytes; pass less data on"
            raise ResolveError("ValueTooLarge", message)


def resolve(value: Any, lookup: Lookup, room: Room | None = None) -> Any:
    """The value with every reference in it resolved.

    Raises:
        ResolveError: ``ValueTooLarge`` when the result would be larger than 1 MB.
    """
    return _Resolver(lookup, room or Room()).resolve(value)


class _Resolver:
    def __init__(self, lookup: Lookup, room: Room) -> None:
        self._lookup = lookup
        self._room = room

    def resolve(self, value: Any) -> Any:
        if isinstance(value, str):
            reference = whole(value)
            if reference:
                found = self._lookup(reference)
                self._room.spend(json_size(found))
                return found
            return splice(value, self._text)
        if isinstance(value, dict):
            return {key: self.resolve(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self.resolve(child) for child in value]
        return value

    def _text(self, reference: Reference) -> str:
        value = self._lookup(reference)
        if value is None:
            return ""
        text = value if isinstance(value, str) else compact_json(value)
        self._room.spend(json_size(text))
        return text


def json_fault(value: Any) -> str:
    """Why a value can't travel as JSON; nothing when it can. What came through Python's reader may still be none."""
    if depth_of(value) > MAX_VALUE_DEPTH:
        return f"nested more than {MAX_VALUE_DEPTH} levels"
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return "there is half a character in it (a surrogate without its other half)"
    except ValueError:
        return "there is a number in it that JSON doesn't know"
    except TypeError:
        return "it is not JSON"
    return ""


def depth_of(value: Any, limit: int = MAX_VALUE_DEPTH) -> int:
    """How deep a value is nested, counted without recursion; stops counting beyond ``limit``."""
    deepest, level = 0, [value]
    while level and deepest <= limit:
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        deepest += 1
    return deepest
