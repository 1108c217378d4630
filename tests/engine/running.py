"""Running a template in a test: checked like every start, then run by the engine over a ``Recording``."""

import asyncio
from typing import Any

from caboose.engine.decisions import notify
from caboose.engine.flow import run_execution
from caboose.engine.progress import Checkpoint
from caboose.engine.record import Header, Hide, execution_record, nothing_hidden
from caboose.engine.run import Run, context_of
from caboose.engine.state import ExecutionState, Outcome, TaskRun, Wait, timestamp
from caboose.oos.library import Library
from caboose.oos.problems import summary
from caboose.oos.start import StartDefaults, bound_parameters, check_start
from tests.engine.recording import Recording
from tests.oos.templates import NOW, NoTemplates
from tests.support.programs import PROGRAMS

DEFAULTS = StartDefaults(
    "exec-test",
    NOW,
    region_id="cn-hangzhou",
    safety_check="Skip",
    executed_by="tester",
    account_id="1234567890123456",
    oosutil_version="1.2.3",
)


class Execution:
    """One execution of a template's text. The effects decide what its calls give."""

    def __init__(
        self,
        text: str,
        effects: Recording,
        parameters: dict[str, Any] | None = None,
        library: Library | None = None,
        fields: dict[str, Any] | None = None,
        defaults: StartDefaults = DEFAULTS,
        begin: Checkpoint | None = None,
    ) -> None:
        """``fields`` are more of the start's: Mode, LoopMode, SafetyCheck; ``begin`` is where another one failed."""
        self.effects = effects
        self.state = ExecutionState("exec-test", created=timestamp(effects.now()))
        self.task: asyncio.Task[None] | None = None
        self._request = {"TemplateContent": text, "Parameters": parameters or {}, **(fields or {})}
        self._defaults = defaults
        self._library = library or Library()
        self._begin = begin
        self._header: Header | None = None
        self._hide: Hide = nothing_hidden

    def start(self) -> "Execution":
        """Begins to run; the test goes on."""
        self.task = asyncio.create_task(self._check_and_run())
        return self

    async def _check_and_run(self) -> None:
        checked = await check_start(self._request, NoTemplates(), self._library, self._defaults, PROGRAMS)
        assert checked.plan, summary(checked.problems)
        assert checked.start
        self._header = Header("run-1", checked.start, "tester", [])
        start = checked.start
        run = Run(
            checked.plan,
            self.state,
            self.effects,
            context_of(start),
        )
        self._hide = run.hide
        await run_execution(run, bound_parameters(self._request, checked.plan, start), self._begin)

    async def until(self, status: str) -> "Execution":
        """Waits for a status of the execution."""
        assert self.task
        waiting = asyncio.create_task(self.effects.wait_until(lambda: self.state.status == status))
        await asyncio.wait([waiting, self.task], return_when=asyncio.FIRST_COMPLETED)
        if self.state.status != status:
            waiting.cancel()
            await self.task  # shows why it ended
        assert self.state.status == status
        return self

    async def end(self) -> "Execution":
        """Waits for the end."""
        assert self.task
        await self.task
        return self

    async def asks(self, kind: str, number: int = 1) -> list[Wait]:
        """Waits until so many things of a kind wait for people, and gives them."""
        assert self.task
        waiting = asyncio.create_task(self.effects.wait_until(lambda: len(self._open(kind)) >= number))
        await asyncio.wait([waiting, self.task], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await self.task  # shows why it ended
        waits = self._open(kind)
        assert len(waits) == number, f"{self.state.status}: {self.state.message}"
        return waits

    def _open(self, kind: str) -> list[Wait]:
        return [wait for wait in self.state.waits.values() if wait.kind == kind and wait.answer is None]

    async def answer(self, kind: str, notify_type: str, **fields: Any) -> Wait:
        """Answers the only thing of a kind that waits, or is going to; gives what waited."""
        (wait,) = await self.asks(kind)
        outcome = self.decide(notify_type, TaskExecutionId=wait.run.id, Attempt=wait.attempt, **fields)
        assert outcome.accepted, outcome.message
        return wait

    async def cancel(self) -> "Execution":
        """Cancels the execution, and waits for its end."""
        assert self.task
        self.task.cancel()
        await asyncio.wait([self.task])
        assert self.task.cancelled()
        return self

    def decide(self, notify_type: str, **fields: Any) -> Outcome:
        """Sends a NotifyExecution."""
        outcome = notify(self.state, {"NotifyType": notify_type, **fields}, timestamp(self.effects.now()))
        self.effects.report()
        return outcome

    def record(self) -> dict[str, Any]:
        """The record as of now."""
        assert self._header, "it has started"
        return execution_record(self.state, self._header, now="2026-01-31T09:00:00Z", revision=1, hide=self._hide)

    def run_of(self, task_name: str) -> TaskRun:
        """The first task execution of a task."""
        return next(run for run in self.state.runs.values() if run.name == task_name)

    def statuses(self) -> list[tuple[str, str]]:
        """(task, status) of the template's own task executions, in order."""
        return [(run.name, run.status) for run in self.state.top_runs()]


async def run(
    text: str,
    script: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    library: Library | None = None,
) -> Execution:
    """Runs a template that needs no decision to its end."""
    return await Execution(text, Recording(script), parameters, library).start().end()
