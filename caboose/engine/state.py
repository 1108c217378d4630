"""The state of one execution: what has run, what waits, what was decided. Plain data that the engine writes.

Task executions are kept flat by id (``exec-….t0003.i0001.t0002``): an id tells its place, and a dict keeps the order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from caboose.engine.progress import Begun, Checkpoint
from caboose.oos.functions.times import utc_text
from caboose.oos.problems import shortened

STARTED, RUNNING, WAITING = "Started", "Running", "Waiting"
SUCCESS, FAILED, CANCELLED, SKIPPED = "Success", "Failed", "Cancelled", "Skipped"
FINAL = frozenset({SUCCESS, FAILED, CANCELLED})
"""Of an execution; a task execution may also end as Skipped."""

OUTCOME_UNKNOWN = "OutcomeUnknown"
KIND_APPROVE, HIGH_RISK, FAILURE_PAUSE = "Approve", "HighRisk", "FailurePause"
BATCH_PAUSE, PAUSE, DEBUG = "BatchPause", "Pause", "Debug"
"""Why something waits; OutcomeUnknown is one more."""

APPROVE, REJECT, RETRY_TASK, SKIP_TASK = "Approve", "Reject", "RetryTask", "SkipTask"
EXECUTE_TASK, CANCEL_TASK, COMPLETE_EXECUTION = "ExecuteTask", "CancelTask", "CompleteExecution"
"""OOS's NotifyTypes."""

MAX_MESSAGE = 20_000
"""Of an execution: room for every problem of a start, and less than what a record holds."""

_NO_ITEM = object()


@dataclass
class LoopCounters:
    """How far a loop is; items that wait are among the running ones, ``cancelled`` are those that were begun and cut
    off. ``batch`` counts from 1 to ``batches``."""

    total: int
    concurrency: int
    max_errors: int
    success: int = 0
    failed: int = 0
    skipped: int = 0
    running: int = 0
    batch: int = 1
    batches: int = 1
    cancelled: int = 0

    @property
    def not_started(self) -> int:
        """Items that were never begun, and those that are to be run once more."""
        begun = self.success + self.failed + self.skipped + self.running + self.cancelled
        return max(0, self.total - begun)


@dataclass
class TaskRun:
    """One task execution: a task, or one item of its loop.

    ``unknown``: its call may or may not have been carried out, and nobody has decided about that yet. ``attempt`` grows
    with every RetryTask; ``batch`` is an item's batch, counted from 1; ``properties`` are the evaluated ones; ``calls``
    the cloud calls of an item or a task, those of its inner tasks included: ``{Service, API, Summary, RequestId, At,
    Outcome}``; ``workflow_id`` the Temporal workflow that runs a large loop; ``begun`` what a loop was given and how
    far it has come; ``waits`` what it has waited for: ``{Kind, Since, Until, Message}``; ``asked`` the last number that
    ``ask`` gave.
    """

    id: str
    name: str
    action: str
    created: str
    parent_id: str = ""
    item: Any = _NO_ITEM
    status: str = RUNNING
    message: str = ""
    ended: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    loop: LoopCounters | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    unknown: bool = False
    attempt: int = 1
    batch: int = 0
    properties: dict[str, Any] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    workflow_id: str = ""
    begun: Begun | None = None
    waits: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    @property
    def has_item(self) -> bool:
        """Whether this is an item of a loop."""
        return self.item is not _NO_ITEM

    def has(self, run_id: str) -> bool:
        """Whether the id is of this task execution, or of one within it."""
        return run_id == self.id or run_id.startswith(f"{self.id}.")

    def ask(self) -> int:
        """The number of what is asked next, whether to try again: never one that was given before. A late answer to an
        earlier question must not send a call again of which nobody knows whether it was carried out."""
        self.asked = max(self.asked + 1, self.attempt)
        return self.asked

    def end(self, status: str, at: str, message: str = "") -> None:
        """The task execution is over; what it had to say, such as targets that were left out, stays."""
        self.status, self.ended, self.message = status, at, message or self.message

    def cut_off(self, status: str, at: str, message: str) -> None:
        """The same for one that still ran, and didn't end by itself; ``message`` says why, '' if nobody knows."""
        if not self.ended:
            self.end(status, at, f"{self.message} ({message})" if self.message and message else message)


@dataclass
class Answer:
    """A decision that was accepted. ``approver`` is the name that was given with it, '' for none; ``parameters``
    replace properties of the task that is run (again); ``task_name`` and ``execution_status`` are for Debug."""

    notify_type: str
    by: str
    note: str
    at: str
    decision_id: str
    approver: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    task_name: str = ""
    execution_status: str = ""


@dataclass
class Wait:
    """Something that goes on only when a person says so.

    An approval needs ``required`` votes of different people, of ``approvers`` alone where it names some; the ``votes``
    given so far are no answer yet. ``workflow_id`` is that of the large loop that waits, '' for the execution itself;
    ``told`` that it knows the answer; ``tasks`` are those that may run next (Mode Debug). ``serial`` counts the waits
    of whoever runs them.
    """

    kind: str
    run: TaskRun
    attempt: int
    since: str
    accepts: tuple[str, ...]
    message: str
    item: Any = None
    answer: Answer | None = None
    required: int = 1
    approvers: list[str] = field(default_factory=list)
    votes: list[Answer] = field(default_factory=list)
    workflow_id: str = ""
    tasks: list[str] = field(default_factory=list)
    serial: int = 0
    told: bool = False


@dataclass
class Approval:
    """One approval, from its message to its decision; kept for the page after the wait is over. ``call`` is the
    high-risk call that it is about: ``{Service, API, RegionId, Parameters}``."""

    wait: Wait
    message: str
    targets: dict[str, Any] | None
    next_tasks: list[dict[str, str]]
    number: int = 1
    delivered: bool | None = None
    delivery_message: str = ""
    delivery_warning: str = ""
    cancelled: bool = False
    call: dict[str, Any] | None = None


@dataclass
class Outcome:
    """What came of one NotifyExecution."""

    accepted: bool
    code: str
    message: str
    notify_type: str = ""
    by: str = ""
    note: str = ""
    at: str = ""
    decision_id: str = ""
    task_execution_id: str = ""


@dataclass
class ExecutionState:
    """Everything that is known of one execution while it runs.

    ``in_flight`` counts the calls that were sent and haven't answered: once the execution ``is_cancelling``, it ends
    with the last of them. That is asked and not kept: kept by somebody who happens to look (a query), it would decide
    what the execution does next, and a replay without that look would do something else. ``checkpoint`` is where it
    failed, for another execution that goes on from there. ``mode`` is known once the start was checked.
    """

    execution_id: str
    created: str
    started: str = ""
    ended: str = ""
    final_status: str = ""
    message: str = ""
    reason: str = ""
    outputs: dict[str, Any] | None = None
    runs: dict[str, TaskRun] = field(default_factory=dict)
    waits: dict[str, Wait] = field(default_factory=dict)
    approvals: list[Approval] = field(default_factory=list)
    decisions: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: dict[str, Any] | None = None
    is_cancelling: Callable[[], bool] = lambda: False
    in_flight: int = 0
    checkpoint: Checkpoint | None = None
    waits_so_far: int = 0
    mode: str = ""
    in_doubt: list[str] = field(default_factory=list)
    """Task executions that are over, and nobody knows what was carried out in them."""
    carried_out: list[str] = field(default_factory=list)
    """Failed task executions whose call was carried out all the same, until people decide about them."""
    done_before: list[str] = field(default_factory=list)
    """Tasks of the template that the execution which this one retries had behind it."""

    @property
    def status(self) -> str:
        """One of OOS's words for the execution as a whole."""
        if self.final_status:
            return self.final_status
        if any(wait.answer is None for wait in self.waits.values()) and not self.is_cancelling():
            return WAITING
        return RUNNING if self.started else STARTED

    def top_runs(self) -> Iterator[TaskRun]:
        """The task executions of the template's own tasks."""
        return (run for run in self.runs.values() if not run.parent_id)

    def keep_in_doubt(self, run: TaskRun) -> None:
        """Nobody knows, and nobody will be asked, what was carried out in this task execution."""
        run.unknown = True
        self.in_doubt.append(run.id)

    def is_in_doubt(self, run: TaskRun) -> bool:
        """Whether that is so of it, or of one within it: to run it again could do something twice."""
        return run.unknown or any(run.has(name) for name in self.in_doubt)

    def keep_carried_out(self, run: TaskRun) -> None:
        """It failed although its call was carried out."""
        self.carried_out.append(run.id)

    def is_carried_out(self, run: TaskRun) -> bool:
        """Whether it failed, or one within it, after its call was carried out: to run it again would do that twice."""
        return any(run.has(name) for name in self.carried_out)

    def forget_carried_out(self, run: TaskRun) -> None:
        """It went well in the end, or people who were told have decided what becomes of it."""
        self.carried_out = [name for name in self.carried_out if not run.has(name)]

    def end_below(self, run: TaskRun, at: str, message: str) -> None:
        """What still ran within a task execution was cut off."""
        for each in self.runs.values():
            if each.id.startswith(run.id + "."):
                if each.unknown and not each.ended:
                    self.keep_in_doubt(each)
                each.cut_off(CANCELLED, at, message)

    def end(self, status: str, at: str, *, reason: str = "", message: str = "") -> None:
        """The execution is over; whatever still ran is over with it, and was cut off unless the execution failed."""
        self.final_status, self.ended, self.reason = status, at, reason
        self.message = shortened(message, MAX_MESSAGE)
        unknown = sum(run.unknown for run in self.runs.values())
        if unknown:
            self.notes.append(f"calls that may or may not have been carried out: {unknown}; see the task executions")
        for run in self.runs.values():
            run.cut_off(FAILED if status == FAILED else CANCELLED, at, self.message)
        for approval in self.approvals:
            approval.cancelled = approval.wait.answer is None
        self.waits.clear()


def timestamp(at: datetime) -> str:
    """A time as OOS writes it: UTC, seconds, ``2026-01-31T08:00:00Z``."""
    return utc_text(at.astimezone(UTC))
