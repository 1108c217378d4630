"""Watching executions: however many watch one, it is looked at once a second, by one task, and only while they watch.

Who comes later is told at once what the others know. When nothing changes the looks become rarer. Nobody has to be told
everything: a watcher that is slow finds the newest summary, not a queue of old ones.

Road not taken: letting the workflow tell the API. It would have to know who watches, and each change would be an event
in its history.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from api.summary import Record, summary_id
from api.temporal import NotFound, TemporalError
from caboose.store import FINAL_STATUSES, StoreError

logger = logging.getLogger("caboose.api")

Look = Callable[[str], Awaitable[Record]]
"""The summary of an execution as of now."""

SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 4.0
_SLOWER = 1.3


@dataclass(frozen=True)
class Told:
    """A summary, its id, and whether it is the last one."""

    id: str
    summary: Record

    @property
    def final(self) -> bool:
        """Whether the execution has ended."""
        return self.summary.get("Status") in FINAL_STATUSES


@dataclass
class _Watched:
    """One execution that is watched by somebody."""

    latest: Told
    watchers: int = 0
    over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    looking: asyncio.Task[None] | None = None

    def tell(self, told: Told | None) -> None:
        """Wakes the watchers; with None nothing more comes."""
        self.over = told is None or told.final
        self.latest = told or self.latest
        self.changed.set()
        self.changed = asyncio.Event()


class Hub:
    """The executions that are watched through this process."""

    def __init__(self, look: Look, shortest: float = SHORTEST_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        """
        Args:
            look: makes the summary of an execution.
            shortest: seconds between two looks while something changes.
            longest: the same when nothing has changed for a while.
        """
        self._look = look
        self._shortest, self._longest = shortest, longest
        self._watched: dict[str, _Watched] = {}
        self._first: dict[str, asyncio.Task[Told]] = {}
        self._closed = asyncio.Event()
        self.looks = 0
        """How often an execution was looked at, for tests and metrics."""

    @property
    def watched(self) -> int:
        """How many executions are watched now."""
        return len(self._watched)

    def close(self) -> None:
        """Ends all watching: a server that stops would wait for its streams."""
        self._closed.set()
        for watched in self._watched.values():
            watched.tell(None)

    async def first(self, execution_id: str) -> Told:
        """What is known now, with a look of its own unless the execution is watched already.

        Raises:
            NotFound, Unreachable, StoreError: what the look raises.
        """
        watched = self._watched.get(execution_id)
        if watched:
            return watched.latest
        if execution_id not in self._first:  # those who come at the same time share this look, too
            self._first[execution_id] = looking = asyncio.create_task(self._told(execution_id))
            looking.add_done_callback(lambda _: self._first.pop(execution_id))
        return await asyncio.shield(self._first[execution_id])

    async def watch(self, execution_id: str, first: Told, heartbeat: float) -> AsyncGenerator[Told | None, None]:
        """The changes after ``first``, up to and with the final one; None when ``heartbeat`` seconds were silent."""
        watched = self._join(execution_id, first)
        last = first
        try:
            while not last.final:
                changed = watched.changed
                if watched.latest.id != last.id:
                    last = watched.latest
                    yield last
                    continue
                if watched.over or self._closed.is_set():
                    return
                try:
                    await asyncio.wait_for(changed.wait(), heartbeat)
                except TimeoutError:
                    yield None
        finally:
            self._leave(execution_id, watched)

    def _join(self, execution_id: str, first: Told) -> _Watched:
        watched = self._watched.get(execution_id)
        if watched is None:
            watched = self._watched[execution_id] = _Watched(first)
            watched.looking = asyncio.create_task(self._keep_looking(execution_id, watched))
        watched.watchers += 1
        return watched

    def _leave(self, execution_id: str, watched: _Watched) -> None:
        watched.watchers -= 1
        if not watched.watchers:
            if self._watched.get(execution_id) is watched:
                del self._watched[execution_id]
            if watched.looking:
                watched.looking.cancel()

    async def _keep_looking(self, execution_id: str, watched: _Watched) -> None:
        pause = self._shortest
        while not watched.over:
            await asyncio.sleep(pause)
            try:
                told = await self._told(execution_id)
            except NotFound:
                watched.tell(None)
                return
            except (TemporalError, StoreError):
                pause = self._longest  # away for a moment: watchers keep what they know
                continue
            except Exception:
                logger.exception("watching %s failed", execution_id)
                watched.tell(None)
                return
            if told.id == watched.latest.id:
                pause = min(pause * _SLOWER, self._longest)
            else:
                pause = self._shortest
                watched.tell(told)

    async def _told(self, execution_id: str) -> Told:
        self.looks += 1
        told = await self._look(execution_id)
        return Told(summary_id(told), told)
