"""What the cloud keeps: records in its own shape that change with time, and numbered collections of them.

A change isn't carried out by a timer: a resource knows what it will be and from when on, and whoever looks at it
settles that first. Nothing runs in the background, a reset leaves nothing behind, and 10,000 instances cost no tasks.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

Clock = Callable[[], float]


class Resource:
    """One record, with the states that it is on the way to. ``position`` is its place in the order of creation."""

    def __init__(self, position: int, resource_id: str, record: dict[str, Any], clock: Clock = time.monotonic) -> None:
        self.position = position
        self.id = resource_id
        self._record = record
        self._clock = clock
        self._next: list[tuple[str, float]] = []

    @property
    def status(self) -> str:
        """The state at this moment."""
        return str(self.record["Status"])

    @property
    def record(self) -> dict[str, Any]:
        """The record as the cloud shows it at this moment; who changes it changes the resource."""
        while self._next and self._clock() >= self._next[0][1]:
            self._record["Status"] = self._next.pop(0)[0]
        return self._record

    def become(self, now: str, *later: str, seconds: float = 0) -> None:
        """Be ``now`` at once, and each of ``later`` some seconds after the one before."""
        self._record["Status"] = now
        start = self._clock()
        self._next = [(state, start + seconds * step) for step, state in enumerate(later, start=1)]

    def tags(self) -> dict[str, str]:
        """The tags as a map."""
        return {tag["TagKey"]: tag["TagValue"] for tag in self._record.get("Tags", {}).get("Tag", [])}

    def tag(self, tags: Iterable[Mapping[str, str]]) -> None:
        """Add tags, or give those that are there new values."""
        self._retag({**self.tags(), **{tag["TagKey"]: tag["TagValue"] for tag in tags}})

    def untag(self, keys: Iterable[str]) -> None:
        """Take tags away."""
        gone = set(keys)
        self._retag({key: value for key, value in self.tags().items() if key not in gone})

    def _retag(self, tags: Mapping[str, str]) -> None:
        self._record["Tags"] = {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}


Kind = TypeVar("Kind", bound=Resource)


class Resources(Generic[Kind]):
    """Resources of one kind in the order of their creation, by their ids."""

    def __init__(self) -> None:
        self._all: dict[str, Kind] = {}
        self._last = 0

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def after(self, position: int) -> Iterator[Kind]:
        """Those behind a place, and maybe some before it: with 100,000 of them a page must not look at each from the
        beginning."""
        removed = self._last - len(self._all)
        return islice(self._all.values(), max(0, position - removed), None)

    def get(self, resource_id: str) -> Kind | None:
        """The resource of that id, if there is one."""
        return self._all.get(resource_id)

    def next_position(self) -> int:
        """The place of the next one; a place is never given twice."""
        self._last += 1
        return self._last

    def add(self, resource: Kind) -> Kind:
        """Keep it."""
        self._all[resource.id] = resource
        return resource

    def remove(self, resource_id: str) -> None:
        """It is gone."""
        self._all.pop(resource_id, None)
