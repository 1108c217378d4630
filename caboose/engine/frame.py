"""Frames: where a task runs, and what the names in it mean there.

A frame is one list of tasks being run: the template's itself, a nested template's for one task or one loop item, or the
inner tasks of ``ACS::Loop`` for one of its items. The ``Run`` behind it is the same for all frames of an execution.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from caboose.engine.approvals import close_page, open_page
from caboose.engine.context import DEBUG_MODE
from caboose.engine.effects import Place
from caboose.engine.errors import Completed, TaskCancelled, TaskFailed
from caboose.engine.progress import Begun
from caboose.engine.run import Run
from caboose.engine.state import (
    CANCEL_TASK,
    COMPLETE_EXECUTION,
    RUNNING,
    SUCCESS,
    WAITING,
    Answer,
    TaskRun,
    Wait,
)
from caboose.oos.evaluate import Evaluator
from caboose.oos.plan import Body, OutputSpec, Task
from caboose.oos.problems import shortened
from caboose.oos.references import OUTPUT, PARAMETER, RAW, Reference
from caboose.oos.selectors import Engine
from caboose.oos.values import EvaluationError, Room

MAX_TASK_EXECUTIONS = 20_000
"""That one workflow keeps: templates that nest themselves in loops, or jump in circles within circles, make as many as
they like without a call that history would count. What a history has room for is less than half of it."""
_JQ = "Fn::Jq"
_MAX_CALLS = 50
_MAX_WAITS = 20
_MAX_MESSAGE = 300


@dataclass
class Frame:
    """A list of tasks being run.

    ``id`` is the (child) execution's id, ``item`` the loop item of the task that began it, ``ram_role`` whose
    permissions its calls have. ``within`` names the tasks ACS::Loop around it in the same body, outermost first.
    ``owner`` is the task execution that stands for it in the record. ``attended``: people step through its tasks, and
    it pauses at failures, where the Mode says so; a product action is one step. ``around`` are the hashes of the bodies
    around this one. ``failures`` are those that end it as Failed, by task; ``runs`` counts its task runs;
    ``begun_loops`` are loops that an earlier execution began, by task.
    """

    run: Run
    body: Body
    id: str
    parameters: dict[str, Any]
    parent_id: str = ""
    item: Any = None
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    ram_role: str = ""
    started: int = 0
    within: tuple[str, ...] = ()
    owner: TaskRun | None = None
    attended: bool = True
    depth: int = 1
    around: tuple[str, ...] = ()
    failures: dict[str, TaskFailed] = field(default_factory=dict)
    runs: int = 0
    jumps_back: bool = False
    begun_loops: dict[str, Begun] = field(default_factory=dict)

    @property
    def tasks(self) -> list[Task]:
        """The tasks that run in this frame, in order."""
        tasks = self.body.tasks
        for name in self.within:
            tasks = next(task.tasks for task in tasks if task.name == name)
        return tasks

    @property
    def debugged(self) -> bool:
        """Whether somebody steps through this frame's tasks."""
        return self.attended and self.run.context.mode == DEBUG_MODE

    async def evaluate(
        self, value: Any, place: str = "", item: Any = None, room: Room | None = None, programs: Engine | None = None
    ) -> Any:
        """The value with its references and functions evaluated.

        Args:
            value: a part of the template.
            place: where that stands in its task, for messages: ``Loop.Items``.
            item: the current loop item.
            room: what values share that are made together.
            programs: runs programs in place of the execution's own.

        Raises:
            TaskFailed: ``ValueTooLarge``, ``FunctionError``, ``SelectorError`` or ``InvalidCondition``.
        """
        await self.run.effects.breathe()
        try:
            return await self._evaluator(item, room, programs).evaluate(value)
        except EvaluationError as error:
            error.path += [place] if place else []
            raise TaskFailed(error.code, str(error)) from None

    async def condition(self, value: Any, place: str, item: Any = None) -> bool:
        """Whether a condition holds: a condition's name, a function, a reference or a flag.

        Raises:
            TaskFailed: ``InvalidCondition``, when it is neither true nor false; otherwise as ``evaluate``.
        """
        await self.run.effects.breathe()
        try:
            return await self._evaluator(item, None, None).condition(value)
        except EvaluationError as error:
            error.path += [place]
            raise TaskFailed(error.code, str(error)) from None

    async def selectors(self, task: Task, item: Any) -> tuple[dict[str, OutputSpec], dict[str, Any]]:
        """The selectors of a task's outputs as texts, and the outputs that need no result: those made by ``Fn::Jq``.

        Raises:
            TaskFailed: as ``evaluate``.
        """
        specs: dict[str, OutputSpec] = dict(task.raw_outputs)
        made: dict[str, Any] = {}
        for name, spec in task.outputs.items():
            selector = await self.evaluate(spec.selector, f"Outputs.{name}.ValueSelector", item)
            if isinstance(spec.selector, dict) and _JQ in spec.selector:
                made[name] = selector
            else:
                specs[name] = OutputSpec(spec.type, selector)
        return specs, made

    def _evaluator(self, item: Any, room: Room | None, programs: Engine | None) -> Evaluator:
        return Evaluator(
            lambda reference: self._value(reference, item),
            programs or self.run.effects.programs,
            room=room,
            conditions=self.body.conditions,
            now=self.run.effects.now,
            pace=self.run.effects,
        )

    def _value(self, reference: Reference, item: Any) -> Any:
        if reference.kind == PARAMETER:
            return self.parameters.get(reference.name)
        if reference.kind in (OUTPUT, RAW):
            return self.outputs.get(reference.name, {}).get(reference.field)
        if reference.name == "ACS::TaskLoopItem":
            return item
        if reference.name == "ACS::ExecutionId":
            return self.id
        return self.run.pseudo(reference.name)

    def new_run(self, name: str, action: str) -> TaskRun:
        """A task execution of this frame, numbered in the order of starting.

        Raises:
            TaskFailed: ``TaskRunLimit``, when the execution has too many.
        """
        self.started += 1
        return self.add(TaskRun(f"{self.id}.t{self.started:04d}", name, action, self.run.now(), self.parent_id))

    def keep_call(self, run: TaskRun, call: dict[str, Any]) -> None:
        """Keeps what was called with its task execution, and with the one that stands for this frame in the record:
        the loop item around it, or else the outermost task. An item is its own: its loop's task has no room for all."""
        for holder in (run,) if run.has_item or self.owner is None else (run, self.owner):
            if len(holder.calls) < _MAX_CALLS:
                holder.calls.append(call)

    def add(self, run: TaskRun) -> TaskRun:
        """Keeps a task execution in the state.

        Raises:
            TaskFailed: ``TaskRunLimit``, when the execution has too many.
        """
        if len(self.run.state.runs) >= MAX_TASK_EXECUTIONS:
            message = f"the execution has more than {MAX_TASK_EXECUTIONS} task executions: a template nests itself, or"
            raise TaskFailed("TaskRunLimit", f"{message} jumps in circles; where it is right, run several executions")
        self.run.state.runs[run.id] = run
        return run

    def place(self, parameters: dict[str, Any], summary: str) -> Place:
        """Where a call of this frame goes: its own RegionId parameter, else the execution's region."""
        region = parameters.get("RegionId")
        known = region if isinstance(region, str) and region else self.run.context.region_id
        return Place(known, self.ram_role, summary)

    async def wait_for_answer(self, wait: Wait, background: "asyncio.Future[None] | None" = None) -> Answer:
        """Keeps the execution Waiting until a notification is accepted for ``wait``.

        ``background`` goes on meanwhile and never ends well by itself: a bug in it comes up here.

        Raises:
            TaskCancelled: somebody cancelled the task in place of answering (Mode Debug).
            Completed: somebody ended the execution (Mode Debug).
        """
        state = self.run.state
        if self.run.context.mode == DEBUG_MODE:
            wait.accepts = tuple(dict.fromkeys((*wait.accepts, CANCEL_TASK, COMPLETE_EXECUTION)))
        state.waits_so_far += 1
        wait.serial = state.waits_so_far
        state.waits[wait.run.id] = wait
        open_page(state, wait)
        wait.run.status = WAITING
        kept = {"Kind": wait.kind, "Since": wait.since, "Until": "", "Message": shortened(wait.message, _MAX_MESSAGE)}
        wait.run.waits = [*wait.run.waits, kept][-_MAX_WAITS:]
        self.run.effects.report()
        try:
            while wait.answer is None:
                if background is not None and background.done():
                    background.result()
                await self.run.effects.wait_until(
                    lambda: wait.answer is not None or (background is not None and background.done())
                )
        finally:
            state.waits.pop(wait.run.id, None)
            close_page(state, wait)
            wait.run.status = RUNNING
            kept["Until"] = self.run.now()
        self.run.effects.report()
        return _heard(wait.answer)


def _heard(answer: Answer) -> Answer:
    """The answer, where it isn't one that ends more than the wait."""
    note = f": {answer.note}" if answer.note else ""
    if answer.notify_type == CANCEL_TASK:
        raise TaskCancelled(f"cancelled {answer.by}{note}")
    if answer.notify_type == COMPLETE_EXECUTION:
        raise Completed(answer.execution_status or SUCCESS, f"completed {answer.by}{note}")
    return answer
