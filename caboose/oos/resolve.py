"""Resolving references without functions; kept while its users move to ``evaluate``."""

from collections.abc import Callable
from typing import Any

from caboose.oos.references import Reference, splice, whole
from caboose.oos.values import (
    MAX_VALUE_BYTES,
    MAX_VALUE_DEPTH,
    Room,
    compact_json,
    depth_of,
    json_fault,
    json_size,
)
from caboose.oos.values import EvaluationError as ResolveError

__all__ = [
    "MAX_VALUE_BYTES", "MAX_VALUE_DEPTH", "ResolveError", "Room", "compact_json", "depth_of", "json_fault",
    "json_size", "resolve",
]  # fmt: skip

Lookup = Callable[[Reference], Any]


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
