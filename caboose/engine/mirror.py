"""Waits of large loops, mirrored: what waits in a loop's own workflow is decided at the execution.

A loop reports what waits in it; the execution keeps an image of each wait, so that whoever looks at the execution sees
it, and one set of rules decides about all of them (``decisions``). The answer goes back to the loop. Votes are counted
in the image: a later report leaves it as it is.

Reports and answers are signals, which anybody may send who reaches the Temporal server: their types are checked where
they arrive, and here that they are about a loop of this execution.
"""

from dataclasses import asdict, dataclass
from typing import Any

from caboose.engine.approvals import close_page, keep_approval
from caboose.engine.decisions import KINDS
from caboose.engine.notifications import KNOWN_TYPES
from caboose.engine.record.shown import Hide, Veil
from caboose.engine.state import FINAL, WAITING, Answer, Approval, ExecutionState, LoopCounters, TaskRun, Wait

_IMAGE = ("kind", "serial", "attempt", "since", "message", "item", "required", "approvers", "tasks")


@dataclass(frozen=True)
class RunImage:
    """The task execution that waits."""

    id: str
    name: str
    action: str
    created: str
    parent_id: str


@dataclass(frozen=True)
class WaitImage:
    """What waits, as in ``state.Wait``."""

    kind: str
    serial: int
    attempt: int
    since: str
    message: str
    item: Any
    required: int
    approvers: list[str]
    tasks: list[str]
    accepts: list[str]
    run: RunImage


@dataclass(frozen=True)
class ApprovalImage:
    """What is shown of an approval that waits, as in ``state.Approval``."""

    run_id: str
    message: str
    targets: dict[str, Any] | None
    next_tasks: list[dict[str, str]]
    number: int
    delivered: bool | None
    delivery_message: str
    delivery_warning: str
    call: dict[str, Any] | None


@dataclass(frozen=True)
class Report:
    """What a loop tells its execution: how far it is, and what waits in it."""

    workflow_id: str
    run_id: str
    counters: LoopCounters | None
    in_flight: int
    waits: list[WaitImage]
    approvals: list[ApprovalImage]


@dataclass(frozen=True)
class Told:
    """What a loop is told about one of its waits."""

    run_id: str
    serial: int
    answer: Answer


def report(state: ExecutionState, loop: TaskRun, workflow_id: str, in_flight: int, hide: Hide) -> Report:
    """A loop's report (images of its own loops' waits aren't in it).

    ``hide`` takes the values of secret parameters out of a text: those of templates within the loop are known there
    alone, and not where the execution is shown.
    """
    own = [wait for wait in state.waits.values() if not wait.workflow_id and wait.answer is None]
    shown, veil = {wait.serial: wait for wait in own}, Veil(hide)
    return Report(
        workflow_id,
        loop.id,
        loop.loop,
        in_flight,
        [_image(wait, veil) for wait in own],
        [_approval(approval, veil) for approval in state.approvals if shown.get(approval.wait.serial) is approval.wait],
    )


def _image(wait: Wait, veil: Veil) -> WaitImage:
    run = RunImage(wait.run.id, wait.run.name, wait.run.action, wait.run.created, wait.run.parent_id)
    fields = {name: getattr(wait, name) for name in _IMAGE}
    fields |= {"message": veil.text(wait.message), "item": veil.value(wait.item)}
    return WaitImage(**fields, accepts=list(wait.accepts), run=run)


def _approval(approval: Approval, veil: Veil) -> ApprovalImage:
    return ApprovalImage(
        approval.wait.run.id,
        veil.text(approval.message),
        veil.fields(approval.targets) if approval.targets else None,
        approval.next_tasks,
        approval.number,
        approval.delivered,
        veil.text(approval.delivery_message),
        veil.text(approval.delivery_warning),
        veil.fields(approval.call) if approval.call else None,
    )


def take(state: ExecutionState, told: Report) -> None:
    """Takes a loop's report into the execution's state; one that can't be of its loops is left alone."""
    if not _is_ours(state, told):
        return
    loop = state.runs.get(told.run_id)
    if loop is not None and not loop.ended and told.counters:
        loop.loop = told.counters
    images = {each.run.id: each for each in told.waits}
    for name, wait in list(state.waits.items()):
        if wait.workflow_id == told.workflow_id and (name not in images or _differs(images[name], wait)):
            _forget(state, wait)
    for name, image in images.items():
        if name not in state.waits:
            fields = {key: getattr(image, key) for key in _IMAGE}
            run = TaskRun(**asdict(image.run), status=WAITING)
            state.waits[name] = Wait(run=run, accepts=tuple(image.accepts), workflow_id=told.workflow_id, **fields)
    for each in told.approvals:
        _take_approval(state, each)


def _is_ours(state: ExecutionState, told: Report) -> bool:
    """Whether it is about a loop that runs apart, in this execution or in another loop of it, and its own waits."""
    own = state.runs.get(told.run_id)
    known = own is None or own.workflow_id == told.workflow_id
    below = f"{told.run_id}."
    return (
        known
        and told.workflow_id == told.run_id
        and told.run_id.startswith(f"{state.execution_id}.")
        and all(
            image.kind in KINDS
            and all(each in KNOWN_TYPES for each in image.accepts)
            and image.accepts
            and (image.run.id == told.run_id or image.run.id.startswith(below))
            for image in told.waits
        )
        and all(_can_be_shown(image) for image in told.approvals)
    )


def _can_be_shown(image: ApprovalImage) -> bool:
    targets, call = image.targets, image.call
    fits = targets is None or all(isinstance(targets.get(name), list) for name in ("Items", "Missing"))
    return fits and (call is None or isinstance(call.get("Parameters"), dict))


def _differs(image: WaitImage, wait: Wait) -> bool:
    """Whether an image is of another wait of the same task execution than the one that is known."""
    return (image.serial, image.since) != (wait.serial, wait.since)


def _take_approval(state: ExecutionState, told: ApprovalImage) -> None:
    wait = state.waits.get(told.run_id)
    if wait is None:
        return
    for known in state.approvals:
        if known.wait is wait:
            known.delivered, known.delivery_message = told.delivered, told.delivery_message
            known.delivery_warning = told.delivery_warning
            return
    fields = {name: value for name, value in vars(told).items() if name != "run_id"}
    keep_approval(state, Approval(wait=wait, **fields))


def forget_waits(state: ExecutionState, workflow_id: str) -> None:
    """A loop is over, whatever it said last: nothing waits in it any more, nor in the loops within it."""
    for wait in list(state.waits.values()):
        if wait.workflow_id == workflow_id or wait.workflow_id.startswith(f"{workflow_id}."):
            _forget(state, wait)


def _forget(state: ExecutionState, wait: Wait) -> None:
    del state.waits[wait.run.id]
    close_page(state, wait)


def answers_to_tell(state: ExecutionState) -> list[Wait]:
    """Images that have an answer of which their loops weren't told."""
    return [wait for wait in state.waits.values() if wait.workflow_id and wait.answer is not None and not wait.told]


def answer_message(wait: Wait, answer: Answer) -> Told:
    """What a loop is told about one of its waits."""
    return Told(wait.run.id, wait.serial, answer)


def take_answer(state: ExecutionState, told: Told) -> None:
    """Takes the answer to a wait; one that is no longer open stays as it is, and one that doesn't fit is left alone."""
    wait = state.waits.get(told.run_id)
    if wait is None or wait.serial != told.serial or wait.answer is not None:
        return
    if told.answer.notify_type in wait.accepts and told.answer.execution_status in ("", *FINAL):
        wait.answer = told.answer
