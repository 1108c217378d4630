"""Loops run apart in a test: as data that travels as JSON, in as many runs as the test says."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TypeVar

from temporalio.converter import value_to_type

from caboose.engine.apart import LoopInput, LoopOutcome, outcome_of, reachable, rebuild
from caboose.engine.errors import Completed, EngineError, Rejected, TaskCancelled, TaskFailed
from caboose.engine.flow import walk
from caboose.engine.frame import Frame
from caboose.engine.looped import loop_of
from caboose.engine.packing import PackedItems
from caboose.engine.progress import Begun, Progress
from caboose.engine.state import ExecutionState, TaskRun
from caboose.engine.tasks import item_runner
from tests.engine.recording import Recording, Script

Travelling = TypeVar("Travelling")
_FOR_EVER = 1_000_000


def travelled(value: Travelling) -> Travelling:
    """What arrives of a value that goes through a history."""
    arrived: Travelling = value_to_type(type(value), json.loads(json.dumps(asdict(value))))  # type: ignore[call-overload]
    return arrived


class Apart(Recording):
    """Effects that run every loop apart; each run of one takes so many items and hands over to the next.

    ``takes`` are the numbers for one run after another, of all loops; where they end, a run takes all that is left.
    ``runs`` counts them. What waits in a loop waits in ``root``.
    """

    def __init__(self, script: Script | None = None, takes: Iterator[int] | None = None) -> None:
        super().__init__(script)
        self.root: ExecutionState | None = None
        self.runs = 0
        self.items: list[TaskRun] = []
        self._takes = takes or iter(())

    def runs_apart(self, calls: int) -> bool:
        """Every loop does."""
        return True

    async def run_apart(self, loop: tuple[LoopInput, Progress], run: TaskRun) -> LoopOutcome:
        """Runs it, and hands its progress from run to run."""
        given, progress = travelled(loop[0]), travelled(loop[1])
        pinned, bodies = given.pinned, given.plan.bodies
        while True:
            state = ExecutionState(given.execution_id, created="")
            if self.root is not None:
                state.waits = self.root.waits
            frame, task, loop_run = rebuild(travelled(given), state, self)
            frame.run.pinned.update(pinned)
            frame.run.know(bodies)
            begun = loop_run.begun = Begun(PackedItems(given.pages), given.control, progress)
            most, self.runs = next(self._takes, _FOR_EVER), self.runs + 1

            def over(state: ExecutionState = state, run: TaskRun = loop_run, most: int = most) -> bool:
                return sum(each.parent_id == run.id and each.has_item for each in state.runs.values()) >= most

            ended = await _end_of(loop_of(frame, task, loop_run, begun, item_runner(frame, task, walk), over))
            self.items += [each for each in state.runs.values() if each.parent_id == run.id]
            if ended is not False:
                assert loop_run.loop
                error = ended if isinstance(ended, EngineError) else None
                return travelled(outcome_of(frame.run, loop_run.loop, begun.progress, error))
            pinned, bodies = frame.run.pinned, _bodies(frame)
            progress = travelled(begun.progress)


def _bodies(frame: Frame) -> Any:
    return reachable(frame.run.plan.bodies, list(frame.run.pinned.values()))


async def _end_of(loop: Any) -> bool | EngineError:
    try:
        finished: bool = await loop.finish()
    except (TaskFailed, TaskCancelled, Rejected, Completed) as ended:
        return ended
    return finished
