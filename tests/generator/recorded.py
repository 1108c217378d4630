"""Runs a case by the engine over a recording: what people do happens between two moments of the event loop."""

import asyncio
import functools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from caboose.engine.decisions import notify, waiting_approvals
from caboose.engine.flow import run_execution
from caboose.engine.mirror import Report, Told, take, take_answer
from caboose.engine.record import Header
from caboose.engine.run import Run, context_of
from caboose.engine.state import CANCELLED, ExecutionState, timestamp
from caboose.library_folders import load_library
from caboose.oos.library import Library
from caboose.oos.plan import Plan
from caboose.oos.problems import errors, warnings
from caboose.oos.start import Checked, StartDefaults, bound_parameters, check_start
from tests.generator.apart import Aparts, travelled
from tests.generator.case import Case, made
from tests.generator.invariants import (
    assert_adds_up,
    assert_ended_well,
    assert_failed_for_a_reason,
    assert_shown_well,
)
from tests.generator.people import Step
from tests.generator.world import Script, Stored, World
from tests.support.programs import PROGRAMS
from workflows.large_loops import read

REFUSED = "Refused"
EXECUTION_ID = "exec-generated"
DEFAULTS = StartDefaults(
    EXECUTION_ID,
    datetime(2026, 1, 31, 9, tzinfo=UTC),
    region_id="cn-hangzhou",
    executed_by="tester",
    trust_names=True,
)
_QUIET = 60
"""Moments without anything that goes on, after which nothing does."""
_MOST_DECISIONS = 25
_MOST_MOMENTS = 3_000_000
_PATIENCE = 30_000
"""Steps of an execution after which somebody cancels it: a jump back in a task of many items is right, and long."""


@functools.cache
def library() -> Library:
    """The project's own library."""
    return load_library()


@dataclass
class Ran:
    """What came of a case."""

    status: str
    asked: int = 0
    apart: int = 0
    runs: int = 0
    calls: int = 0
    waits: set[str] = field(default_factory=set)
    record: dict[str, Any] = field(default_factory=dict)


async def run(case: Case) -> Ran:
    """Runs a case to its end, and looks at it all the way.

    Raises:
        AssertionError: something doesn't hold. Any other exception is one that the engine let through.
    """
    checked = await check_start(case.request, Stored(case.stored), library(), DEFAULTS, PROGRAMS)
    if checked.plan is None:
        assert errors(checked.problems), "it was refused, and nothing says why"
        return Ran(REFUSED)
    return await _Running(case, checked).to_the_end()


class _Running:
    """One execution that runs."""

    def __init__(self, case: Case, checked: Checked) -> None:
        assert checked.plan
        assert checked.start
        plan = travelled(Plan, checked.plan)
        self._case = case
        self._critical = {task.name for task in plan.body.tasks if task.is_critical}
        self._state = ExecutionState(EXECUTION_ID, created="2026-01-31T08:00:00Z")
        self._script = Script(case)
        self._aparts = Aparts(self._state)
        self._world = self._aparts.root = World(case, library(), self._script, self._aparts)
        names = tuple(task.name for task in plan.body.tasks)
        self._header = Header("run-1", checked.start, "tester", warnings(checked.problems), tasks=names)
        self._run = Run(plan, self._state, self._world, context_of(checked.start))
        parameters = bound_parameters(case.request, plan, checked.start)
        self._task = asyncio.ensure_future(run_execution(self._run, parameters))
        self._ran = Ran("")
        self._cancelled = False

    async def to_the_end(self) -> Ran:
        await asyncio.sleep(0)  # what hasn't begun can't be cancelled
        try:
            for step in self._case.people:
                await self._moments(step["After"])
                self._look()
                await self._do(step)
            await self._decide_what_waits()
        finally:
            self._task.cancel()
            self._script.release()
        return self._ended()

    async def _moments(self, number: int | None) -> None:
        """Lets so many moments pass, or those until nothing goes on by itself."""
        quiet, before = 0, -1
        for moment in range(_MOST_MOMENTS):
            if self._task.done() or moment == number or (number is None and quiet > _QUIET):
                return
            quiet = quiet + 1 if self._world.moves == before and not self._world.thinking else 0
            before = self._world.moves
            if before > _PATIENCE and not self._cancelled:
                self._cancel()
            await asyncio.sleep(0.0002 if self._world.thinking else 0)
        raise AssertionError("it goes on without end")

    async def _decide_what_waits(self) -> None:
        """Answers what waits until nothing does; after many answers somebody cancels it."""
        while True:
            await self._moments(None)
            if self._task.done():
                return
            self._look()
            if self._script.release():
                continue
            waiting = [wait for wait in self._state.waits.values() if wait.answer is None]
            assert waiting, f"it is {self._state.status}, and nothing goes on: {self._state.runs.values()!r:.1000}"
            self._ran.asked += 1
            if self._ran.asked > _MOST_DECISIONS:
                assert not self._cancelled, "it was cancelled, and still waits"
                self._cancel()
                continue
            choice = self._case.decisions[self._ran.asked % len(self._case.decisions)] if self._case.decisions else 0
            assert self._answer({"Wait": 0, "Type": choice})

    async def _do(self, step: Step) -> None:
        """What people do in one step."""
        match step["Do"]:
            case "cancel":
                self._cancel()
            case "release":
                self._script.release()
            case "answer":
                self._answer(step)
            case "notify":
                self._notify(step["Body"])
            case "flood":
                for _ in range(step["Times"]):
                    self._notify(step["Body"])
            case "again":
                for approval in waiting_approvals(self._state):
                    approval.number += 1
                self._world.report()
            case "odd":
                self._odd(step["Signal"], step["Inputs"])

    def _odd(self, name: str, inputs: list[Any]) -> None:
        """A signal that isn't for people, as the shell takes it."""
        told = self._filled(inputs)[0] if inputs else None
        if name == "caboose.LoopChanged":
            report = read(Report, told)
            if report:
                take(self._state, report)
        elif name == "caboose.LoopDecided":
            answer = read(Told, told)
            for state in self._aparts.states():
                if answer:
                    take_answer(state, answer)
        self._world.report()

    def _answer(self, step: Step) -> bool:
        """Something that waits gets an answer that it accepts; whether it was taken."""
        waiting = [wait for wait in self._state.waits.values() if wait.answer is None]
        if not waiting:
            return False
        wait = waiting[step["Wait"] % len(waiting)]
        kind = wait.accepts[step["Type"] % len(wait.accepts)]
        body: dict[str, Any] = {"NotifyType": kind, "TaskExecutionId": wait.run.id, "Attempt": wait.attempt}
        voted = [vote.approver for vote in wait.votes]
        body["Approver"] = next((name for name in wait.approvers if name not in voted), f"person {len(voted)}")
        for name in ("Approver", "NotifyNote"):
            body.update({name: step[name]} if name in step else {})
        if kind in ("RetryTask", "ExecuteTask") and wait.kind != "OutcomeUnknown":
            body["Parameters"] = step.get("Parameters", {})
        return self._notify(body) or bool(self._cancelled)

    def _notify(self, body: Any) -> bool:
        outcome = notify(self._state, self._filled(body), timestamp(self._world.now()))
        if not outcome.accepted:
            assert outcome.code, "it was refused without a code"
            assert outcome.message, "it was refused without a word"
        self._world.report()
        return outcome.accepted

    def _filled(self, body: Any) -> Any:
        """The body with the id of something that waits, or that ran."""
        known = [*self._state.waits, *self._state.runs, "exec-none"]

        def filled(value: Any) -> Any:
            if isinstance(value, str):
                return value.replace("$id", known[0])
            if isinstance(value, dict):
                return {key: filled(child) for key, child in value.items()}
            return [filled(child) for child in value] if isinstance(value, list) else value

        return made(filled(body))

    def _cancel(self) -> None:
        if self._task.done():
            return
        self._cancelled = True
        self._state.is_cancelling = lambda: True
        self._world.stop()
        self._task.cancel()

    def _look(self) -> None:
        """What holds at every moment."""
        for state in (self._state, *self._aparts.states()):
            assert_adds_up(state)
        self._ran.waits |= {wait.kind for wait in self._state.waits.values()}
        assert_shown_well(self._state, self._header, self._run.hide, timestamp(self._world.now()))

    def _ended(self) -> Ran:
        """What holds at the end."""
        assert self._task.done()
        if not self._task.cancelled():
            self._task.result()
        assert not self._world.in_flight
        assert not self._aparts.states()
        assert_adds_up(self._state)
        assert_ended_well(self._state)
        if self._cancelled:
            assert self._state.final_status == CANCELLED, "it was cancelled while it ran"
        else:
            assert_failed_for_a_reason(self._state, self._critical)
        self._ran.record = assert_shown_well(self._state, self._header, self._run.hide, "2026-01-31T09:00:00Z")
        self._ran.status, self._ran.runs = self._state.final_status, len(self._state.runs)
        self._ran.calls, self._ran.apart = len(self._world.calls), self._aparts.seen
        return self._ran
