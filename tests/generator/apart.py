"""Loops that run apart, over a recording: with a state and a world of their own, and nothing but JSON on the way.

It stands for ``workflows/loop.py`` and ``workflows/large_loops.py``: a loop goes on as new after some items, tells its
execution what waits in it, and is told what was decided.
"""

import asyncio
import json
from dataclasses import asdict, replace
from typing import Any, TypeVar

from temporalio.converter import value_to_type

from caboose.engine.apart import LoopInput, LoopOutcome, outcome_of, reachable, rebuild
from caboose.engine.errors import Completed, Rejected, TaskCancelled, TaskFailed
from caboose.engine.flow import walk
from caboose.engine.frame import Frame
from caboose.engine.loop import STOP
from caboose.engine.looped import loop_of
from caboose.engine.mirror import Report, Told, answer_message, answers_to_tell, report, take, take_answer
from caboose.engine.packing import PackedItems
from caboose.engine.progress import Begun, Progress
from caboose.engine.record import Hide
from caboose.engine.state import CANCELLED, ExecutionState, TaskRun
from caboose.engine.tasks import item_runner
from tests.generator.world import World

Kind = TypeVar("Kind")


class Aparts:
    """The loops of one execution that run apart now, by workflow id."""

    def __init__(self, state: ExecutionState) -> None:
        self.root: World
        self._state = state
        self._running: dict[str, tuple[World, ExecutionState, TaskRun]] = {}
        self._hides: dict[str, Hide] = {}
        self.seen = 0

    async def run(self, asking: World, loop: LoopInput, progress: Progress, run: TaskRun) -> LoopOutcome:
        """Runs a loop for the world that reached it; a cancellation is passed on, and the loop waited for."""
        run.workflow_id = run.id
        self.seen += 1
        work = asyncio.ensure_future(self._rounds(travelled(LoopInput, loop), travelled(Progress, progress)))
        while not work.done():
            try:
                await asyncio.wait([work])
            except asyncio.CancelledError as cancellation:
                for world, _, _ in [self._running[run.id]] if run.id in self._running else []:
                    world.stop()
                work.cancel()
                if cancellation.args[:1] != (STOP,):
                    asking.stop()
        outcome = work.result()
        if outcome.ended == CANCELLED:
            run.loop = outcome.counters
            raise asyncio.CancelledError
        return outcome

    async def _rounds(self, loop: LoopInput, progress: Progress) -> LoopOutcome:
        """The runs of the loop's workflow, one after another."""
        pinned: dict[str, str] = {}
        bodies: dict[str, Any] = {}
        secrets: list[str] = []
        while True:
            state = ExecutionState(loop.execution_id, created="2026-01-31T08:00:00Z")
            world = World(self.root.case, self.root.library, self.root.script, self)
            plan = replace(loop.plan, bodies=dict(loop.plan.bodies))
            frame, task, run = rebuild(replace(loop, plan=plan), state, world)
            frame.run.pinned.update(pinned)
            frame.run.know(bodies)
            frame.run.keep_texts_secret(secrets)
            self._running[run.id], self._hides[run.id] = (world, state, run), frame.run.hide
            begun = run.begun = Begun(PackedItems(loop.pages), loop.control, progress)
            first = _taken(progress)

            def enough(state: ExecutionState = state, progress: Progress = progress, first: int = first) -> bool:
                return _taken(progress) - first >= self.root.case.rounds and not state.waits

            ended = await self._end_of(frame, task, run, begun, enough)
            self._tell(run.id)
            del self._running[run.id]
            if ended is None and (progress.again or progress.next < len(begun.items)):
                progress = travelled(Progress, progress)
                pinned, secrets = dict(frame.run.pinned), frame.run.secrets
                bodies = reachable(frame.run.plan.bodies, list(pinned.values()))
                continue
            assert run.loop, "a loop has counters"
            return travelled(LoopOutcome, outcome_of(frame.run, run.loop, progress, ended))

    async def _end_of(self, frame: Frame, task: Any, run: TaskRun, begun: Begun, enough: Any) -> BaseException | None:
        try:
            await loop_of(frame, task, run, begun, item_runner(frame, task, walk), enough).finish()
        except (TaskFailed, TaskCancelled, Rejected, Completed, asyncio.CancelledError) as ended:
            return ended
        return None

    def changed(self, world: World) -> None:
        """A world has news: what waits in a loop is told to the execution, and what was decided to the loops."""
        for name, (running, _, _) in list(self._running.items()):
            if running is world:
                self._tell(name)
        if world is self.root:
            self._tell_answers()

    def _tell(self, name: str) -> None:
        world, state, run = self._running[name]
        take(self._state, travelled(Report, report(state, run, name, world.in_flight, self._hides[name])))

    def _tell_answers(self) -> None:
        for wait in answers_to_tell(self._state):
            running = self._running.get(wait.workflow_id)
            if running and wait.answer:
                wait.told = True
                take_answer(running[1], travelled(Told, answer_message(wait, wait.answer)))
                running[0].report()

    def states(self) -> list[ExecutionState]:
        """The states of the loops that run apart now."""
        return [state for _, state, _ in self._running.values()]


def _taken(progress: Progress) -> int:
    return progress.succeeded + len(progress.failed) + progress.skipped


def travelled(kind: type[Kind], value: Kind) -> Kind:
    """The same, as it is after a way through Temporal."""
    found: Kind = value_to_type(kind, json.loads(json.dumps(asdict(value), allow_nan=False)))  # type: ignore[call-overload]  # a dataclass
    return found
