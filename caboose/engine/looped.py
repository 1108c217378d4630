"""A task with a loop: its items and rate control, each item's task execution, and what is collected of them.

The same for ``Loop`` and for ``ACS::Loop``; a caller says how one item is run. A small loop runs here; a large one in a
workflow of its own, by the same code (``apart``), because one execution's history couldn't hold it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from caboose.engine.apart import describe, take_over
from caboose.engine.context import DEBUG_MODE, FAILURE_PAUSE_MODE
from caboose.engine.errors import LOOP_LOST, Rejected, TaskFailed, TaskSkipped
from caboose.engine.frame import Frame
from caboose.engine.loop import LoopRun
from caboose.engine.mirror import forget_waits
from caboose.engine.progress import Begun, Progress
from caboose.engine.state import (
    APPROVE,
    BATCH_PAUSE,
    FAILED,
    FAILURE_PAUSE,
    REJECT,
    RETRY_TASK,
    RUNNING,
    SKIP_TASK,
    SKIPPED,
    SUCCESS,
    TaskRun,
    Wait,
)
from caboose.oos import rate_control
from caboose.oos.compiling.tasks import MAX_ITEMS
from caboose.oos.functions import FunctionError
from caboose.oos.functions import aggregate as collect
from caboose.oos.plan import Task
from caboose.oos.rate_control import RateControl
from caboose.oos.references import PSEUDO, references

RunItem = Callable[[TaskRun, Any, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Runs one item, with properties replaced: gives its outputs, or raises TaskSkipped."""
_SMALL_ID = 4


async def run_looped(
    frame: Frame, task: Task, run: TaskRun, run_item: RunItem, replaced: dict[str, Any]
) -> dict[str, Any]:
    """Runs every item of the task and gives what is collected of them.

    Items and rate control are evaluated once, when both are right: a retry, also one in another execution, has the same
    targets.

    Raises:
        TaskFailed: ``LoopFailed``, when more items failed than are tolerated; ``InvalidItems``, ``TooManyItems``,
            ``InvalidRateControl``.
        Rejected: somebody said no, to an item or between batches.
    """
    _check_replaced(frame, task, replaced)
    begun = run.begun = frame.begun_loops.pop(task.name, None) or run.begun or await _begin(frame, task, replaced)
    if task.loop:
        begun.progress.replaced.update(replaced)
    loop = loop_of(frame, task, run, begun, run_item)
    effects = frame.run.effects
    calls = _left(begun) * calls_of_item(frame, task)
    if calls and effects.runs_apart(calls):
        try:
            outcome = await effects.run_apart(describe(frame, task, run, begun), run)
        except TaskFailed as failure:
            if failure.code == LOOP_LOST:
                frame.run.state.keep_in_doubt(run)  # and nobody knows how far it had come
            raise
        finally:
            forget_waits(frame.run.state, run.id)
        take_over(run, begun, outcome, frame.run)
    else:
        await loop.finish()
    return _collected(task, begun)


def loop_of(
    frame: Frame,
    task: Task,
    run: TaskRun,
    begun: Begun,
    run_item: RunItem,
    hand_over: Callable[[], bool] = lambda: False,
) -> LoopRun:
    """What is left of a loop that was begun, ready to run.

    Raises:
        TaskFailed: ``InvalidRateControl``.
    """
    one_at_a_time = frame.attended and frame.run.context.mode == DEBUG_MODE
    items = _Items(frame, task, run, begun, run_item)
    return LoopRun(run, begun, _control(frame, begun.control), items, one_at_a_time, hand_over)


def names_item(value: Any, conditions: Mapping[str, Any]) -> bool:
    """Whether a condition names the loop item, itself or by the template's conditions that it uses."""
    seen: dict[str, None] = {}
    parts = [value]
    while parts:
        part = parts.pop()
        if any(each.kind == PSEUDO and each.name == "ACS::TaskLoopItem" for _, each in references(part)):
            return True
        named = [name for name in _texts(part) if name in conditions and name not in seen]
        seen.update(dict.fromkeys(named))
        parts += [conditions[name] for name in named]
    return False


def _texts(value: Any) -> list[str]:
    """All strings in a value."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in _texts(child)]


@dataclass
class _Items:
    """``loop.Items`` for the items of one task."""

    frame: Frame
    task: Task
    loop: TaskRun
    begun: Begun
    run_item: RunItem

    async def turn(self) -> None:
        """Lets items begin at the pace of whoever runs the engine."""
        await self.frame.run.effects.turn()

    async def run(self, index: int, batch: int) -> dict[str, Any] | None:
        """One item, with its task execution."""
        run, now = self._item_run(index, batch), self.frame.run.now
        try:
            run.outputs = await self.run_item(run, self.begun.items[index], self.begun.progress.replaced)
        except TaskFailed as failure:
            run.request_id, run.outputs = failure.request_id, failure.outputs
            run.end(FAILED, now(), self.frame.run.hide(str(failure)))
            if failure.carried_out:
                self.frame.run.state.keep_carried_out(run)
            self.begun.progress.carried_out += self.frame.run.state.is_carried_out(run)
            raise TaskFailed(
                failure.code, self.frame.run.hide(failure.message), failure.request_id, self._kept(run.outputs)
            ) from None
        except TaskSkipped as skipped:
            run.end(SKIPPED, now(), skipped.reason)
            return None
        finally:
            self.begun.progress.in_doubt += self.frame.run.state.is_in_doubt(run)
        run.end(SUCCESS, now())
        self.frame.run.state.forget_carried_out(run)
        return self._kept(run.outputs)

    def _item_run(self, index: int, batch: int) -> TaskRun:
        """The item's task execution: another attempt goes on with the one that it has."""
        identifier = self._id(index)
        run = self.frame.run.state.runs.get(identifier)
        if run is None:
            item, now = self.begun.items[index], self.frame.run.now()
            run = self.frame.add(TaskRun(identifier, self.task.name, self.task.action, now, self.loop.id, item))
            run.batch = batch
        run.attempt = self.begun.progress.attempt
        run.status, run.ended, run.message = RUNNING, "", ""
        return run

    def _kept(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """What the loop collects of an item's outputs."""
        fields = [each.field for each in self.task.loop.outputs.values()] if self.task.loop else self.task.outputs
        return {name: outputs.get(name) for name in dict.fromkeys((*fields, *self.task.raw_outputs))}

    async def between_batches(self, finished: int, left: int) -> None:
        """Approve goes on with the next batch, Reject ends the execution."""
        message = f"batch {finished} of {self.task.name} is done, {left} items are left: Approve goes on, Reject ends"
        answer = await self.frame.wait_for_answer(self._wait(BATCH_PAUSE, (APPROVE, REJECT), message, finished))
        self.loop.extra["Decided"] = f"{answer.notify_type} {answer.by}"
        if answer.notify_type == REJECT:
            raise Rejected(f"Rejected {answer.by}" + (f": {answer.note}" if answer.note else ""))

    async def after_failures(self, message: str) -> bool:
        """Under Mode FailurePause people say what becomes of the failed items."""
        unattended = not self.frame.attended or self.frame.run.context.mode != FAILURE_PAUSE_MODE
        if unattended or self.begun.progress.in_doubt:
            raise TaskFailed("LoopFailed", message)
        again = ", which makes calls again that were carried out" if self.begun.progress.carried_out else ""
        advice = f"RetryTask runs the failed items again{again}, SkipTask leaves them out; then the others go on."
        told = f"{self.task.name}: {message}. {advice}"
        attempt = self.begun.progress.attempt
        answer = await self.frame.wait_for_answer(self._wait(FAILURE_PAUSE, (RETRY_TASK, SKIP_TASK), told, attempt))
        self.loop.extra["Decided"] = f"{answer.notify_type} {answer.by}"
        self.frame.run.state.forget_carried_out(self.loop)
        if answer.notify_type == RETRY_TASK:
            self.begun.progress.replaced.update(answer.parameters)
            return True
        for index in self.begun.progress.failed:
            run = self.frame.run.state.runs.get(self._id(index))
            if run:
                run.end(SKIPPED, self.frame.run.now(), f"skipped {answer.by}; {run.message}")
        return False

    def _id(self, index: int) -> str:
        width = max(_SMALL_ID, len(str(len(self.begun.items))))
        return f"{self.loop.id}.i{index + 1:0{width}d}"

    def _wait(self, kind: str, accepts: tuple[str, ...], message: str, attempt: int) -> Wait:
        return Wait(kind, self.loop, attempt, self.frame.run.now(), accepts, message)


def _check_replaced(frame: Frame, task: Task, replaced: dict[str, Any]) -> None:
    """Items that an earlier execution began to run stay as they are."""
    if replaced and not task.loop and task.name in frame.begun_loops:
        message = "an earlier execution has begun the loop, and its items stay as they are: it takes no Parameters"
        raise TaskFailed("InvalidProperty", message)


async def _begin(frame: Frame, task: Task, replaced: dict[str, Any]) -> Begun:
    """The items and the rate control, evaluated; of ``ACS::Loop`` people may have replaced them."""
    items = await _part(frame, task, "Items", replaced)
    if not isinstance(items, list):
        raise TaskFailed("InvalidItems", f"the loop's Items are a list, not {items!r:.80}")
    if len(items) > MAX_ITEMS:
        hint = "select fewer targets, or run several executions"
        raise TaskFailed("TooManyItems", f"the loop has {len(items)} items, at most {MAX_ITEMS}; {hint}")
    control = await _part(frame, task, "RateControl", replaced)
    _control(frame, control)
    return Begun(items, control, Progress())


async def _part(frame: Frame, task: Task, name: str, replaced: dict[str, Any]) -> Any:
    """A part of a loop: as people replaced it, or evaluated as the template has it."""
    if not task.loop and f"Loop{name}" in replaced:
        return replaced[f"Loop{name}"]
    return await frame.evaluate(_written(task, name), f"Loop.{name}", frame.item)


def _written(task: Task, name: str) -> Any:
    """The part of a loop as the template has it."""
    if task.loop:
        return task.loop.items if name == "Items" else task.loop.rate_control
    return task.properties.get(f"Loop{name}")


def _control(frame: Frame, written: Any) -> RateControl:
    try:
        return rate_control.parse(written).paused_by(frame.run.context.loop_mode)
    except rate_control.RateControlError as error:
        raise TaskFailed(error.code, str(error)) from None


def _left(begun: Begun) -> int:
    return len(begun.items) - begun.progress.next + len(begun.progress.again)


def calls_of_item(frame: Frame, task: Task) -> int:
    """How many calls an item makes, about."""
    return frame.run.calls_of_tasks([task])


def _collected(task: Task, begun: Begun) -> dict[str, Any]:
    """What the loop gives: its aggregates, and for each direct selection what it finds in all items, in one list."""
    count = len(begun.items)
    if not task.loop:
        return {name: begun.progress.column(name, count) for name in task.outputs}
    found: dict[str, Any] = {}
    for name, aggregate in task.loop.outputs.items():
        try:
            found[name] = collect(aggregate.type, begun.progress.column(aggregate.field, count))
        except FunctionError as error:
            raise TaskFailed("FunctionError", f"Loop.Outputs.{name}: {error}") from None
    for path, spec in task.raw_outputs.items():
        if spec.type == "List":
            found[path] = [each for values in begun.progress.column(path, count) for each in values or ()]
    return found
