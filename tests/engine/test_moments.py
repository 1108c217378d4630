"""Every NotifyType at every kind of wait and at every other moment: accepted, or refused with words of its own."""

from itertools import product
from typing import Any

import pytest

from caboose.engine.approvals import open_page
from caboose.engine.decisions import check, notify
from caboose.engine.notifications import KNOWN_TYPES
from caboose.engine.state import ExecutionState, Outcome, TaskRun, Wait

AT = "2026-01-31T08:00:00Z"
ASKED = ("Approve", "Reject")
AGAIN = ("RetryTask", "SkipTask")
STEPS = ("ExecuteTask", "CancelTask", "CompleteExecution")
ACCEPTS: dict[str, tuple[str, ...]] = {
    "Approve": ASKED,
    "HighRisk": ASKED,
    "BatchPause": ASKED,
    "Pause": ASKED,
    "OutcomeUnknown": AGAIN,
    "FailurePause": AGAIN,
    "Debug": STEPS,
}
WORDS = {
    "Approve": "waits for approval",
    "HighRisk": "waits for the confirmation of a high-risk call",
    "BatchPause": "pauses between two batches",
    "Pause": "pauses",
    "OutcomeUnknown": "nobody knows whether its call was carried out",
    "FailurePause": "has failed and waits",
    "Debug": "is the next step",
}


def wait_of(kind: str, number: int = 1, mode: str = "", **fields: Any) -> Wait:
    """A wait of this kind at the task ``t000<number>``, in an execution of this Mode."""
    run = TaskRun(f"exec-1.t{number:04d}", f"task{number}", "ACS::X", AT)
    accepts = ACCEPTS[kind]
    if mode == "Debug":
        accepts = tuple(dict.fromkeys((*accepts, "CancelTask", "CompleteExecution")))
    return Wait(**{"kind": kind, "run": run, "attempt": 1, "since": AT, "accepts": accepts, "message": "", **fields})


def state_of(*waits: Wait, mode: str = "Automatic") -> ExecutionState:
    """An execution in which this waits."""
    state = ExecutionState("exec-1", created=AT, started=AT, mode=mode)
    for wait in waits:
        state.runs[wait.run.id] = wait.run
        state.waits[wait.run.id] = wait
        open_page(state, wait)
    return state


def said(state: ExecutionState, notify_type: str, **fields: Any) -> Outcome:
    """What comes of a notification; the validator says the same beforehand."""
    body = {"NotifyType": notify_type, **fields}
    refused = check(state, body)
    outcome = notify(state, body, AT)
    assert (outcome.code, outcome.accepted) == (refused.code if refused else "", refused is None)
    if refused:
        assert outcome.message == refused.message
        assert len(outcome.message) < 400
    return outcome


MODES = {"Debug": "Debug", "FailurePause": "FailurePause"}
MOMENTS = [(kind, notify_type) for kind, notify_type in product(ACCEPTS, KNOWN_TYPES)]


@pytest.mark.parametrize(("kind", "notify_type"), MOMENTS)
def test_while_it_waits(kind: str, notify_type: str) -> None:
    mode = MODES.get(kind, "Automatic")
    wait = wait_of(kind)
    outcome = said(state_of(wait, mode=mode), notify_type)
    if notify_type in ACCEPTS[kind]:
        assert outcome.accepted
        assert wait.answer
        assert wait.answer.notify_type == notify_type
        assert outcome.task_execution_id == wait.run.id
    elif notify_type in STEPS:
        assert outcome.code == "WrongMode"
        assert outcome.message == f"{notify_type} is for executions of Mode Debug; this one runs in Mode {mode}"
    else:
        assert outcome.code == "NotWaiting"
        assert WORDS[kind] in outcome.message
        accepts = " or ".join(ACCEPTS[kind])
        assert outcome.message.endswith(f"it accepts {accepts}, not {notify_type}")
        assert wait.answer is None


@pytest.mark.parametrize(("kind", "notify_type"), MOMENTS)
def test_while_it_waits_in_mode_debug(kind: str, notify_type: str) -> None:
    wait = wait_of(kind, mode="Debug")
    outcome = said(state_of(wait, mode="Debug"), notify_type)
    assert outcome.accepted == (notify_type in wait.accepts)
    if not outcome.accepted:
        assert (outcome.code, WORDS[kind] in outcome.message) == ("NotWaiting", True)


@pytest.mark.parametrize(("kind", "notify_type"), MOMENTS)
def test_when_it_was_answered_and_has_not_gone_on_yet(kind: str, notify_type: str) -> None:
    mode = MODES.get(kind, "Automatic")
    wait = wait_of(kind)
    state = state_of(wait, mode=mode)
    first = ACCEPTS[kind][0]
    assert said(state, first, Approver="alice").accepted
    answer = wait.answer
    outcome = said(state, notify_type)
    assert not outcome.accepted
    assert wait.answer is answer
    if notify_type in ASKED and first == "Approve":
        assert outcome.code == "AlreadyDecided"
        assert outcome.message.endswith(f'was already approved by a Temporal client, gave the name "alice" at {AT}')
    else:
        assert outcome.code == ("WrongMode" if notify_type in STEPS and mode != "Debug" else "NotWaiting")


@pytest.mark.parametrize("notify_type", KNOWN_TYPES)
@pytest.mark.parametrize("mode", ["Automatic", "FailurePause", "Debug"])
def test_while_nothing_waits(mode: str, notify_type: str) -> None:
    outcome = said(state_of(mode=mode), notify_type)
    if notify_type in STEPS and mode != "Debug":
        assert outcome.code == "WrongMode"
        return
    assert outcome.code == "NotWaiting"
    assert outcome.message.startswith(f"nothing waits for {notify_type} now")
    assert ("only when nobody knows" in outcome.message) == (notify_type in AGAIN and mode == "Automatic")


@pytest.mark.parametrize("notify_type", KNOWN_TYPES)
def test_before_the_start_was_checked(notify_type: str) -> None:
    outcome = said(ExecutionState("exec-1", created=AT), notify_type)
    assert (outcome.code, outcome.message) == ("NotWaiting", f"nothing waits for {notify_type} now")


@pytest.mark.parametrize("status", ["Success", "Failed", "Cancelled"])
@pytest.mark.parametrize("notify_type", KNOWN_TYPES)
def test_after_the_end(status: str, notify_type: str) -> None:
    state = state_of(wait_of("Approve"))
    state.end(status, AT)
    outcome = said(state, notify_type)
    assert outcome.code == "NotWaiting"
    assert outcome.message == f"the execution has ended as {status}; nothing can be decided any more"


@pytest.mark.parametrize(("kind", "notify_type"), MOMENTS)
def test_while_the_execution_is_being_cancelled(kind: str, notify_type: str) -> None:
    wait = wait_of(kind)
    state = state_of(wait)
    state.is_cancelling = lambda: True
    outcome = said(state, notify_type)
    assert outcome.code == "BeingCancelled"
    assert "being cancelled" in outcome.message
    assert wait.answer is None


def test_a_decided_approval_says_so_while_the_execution_is_being_cancelled() -> None:
    state = state_of(wait_of("Approve"))
    said(state, "Approve")
    state.is_cancelling = lambda: True
    assert said(state, "Reject").code == "AlreadyDecided"


@pytest.mark.parametrize("kind", ACCEPTS)
@pytest.mark.parametrize(
    ("waits", "given", "code"),
    [(1, 2, "WrongAttempt"), (2, 1, "WrongAttempt"), (2, None, "WrongAttempt"), (2, 2, ""), (1, None, ""), (1, 1, "")],
)
def test_an_attempt_is_for_that_attempt_only(kind: str, waits: int, given: int | None, code: str) -> None:
    wait = wait_of(kind, attempt=waits)
    fields = {} if given is None else {"Attempt": given}
    outcome = said(state_of(wait, mode=MODES.get(kind, "Automatic")), ACCEPTS[kind][0], **fields)
    assert outcome.code == code
    assert (f"attempt {waits}" in outcome.message) == bool(code)


ADDRESSES: list[tuple[dict[str, Any], list[int], str]] = [
    ({}, [], "AmbiguousNotification"),
    ({"TaskExecutionId": "exec-1.t0001"}, [1], ""),
    ({"TaskExecutionIds": ["exec-1.t0001", "exec-1.t0002"]}, [1, 2], ""),
    ({"TaskExecutionIds": '["exec-1.t0002"]'}, [2], ""),
    ({"TaskExecutionIds": ["exec-1.t0001", "exec-1.t0009"]}, [], "NotWaiting"),
    ({"TaskExecutionId": "exec-1.t000"}, [], "NotWaiting"),
    ({"TaskExecutionId": "exec-1"}, [1, 2, 3], ""),
    ({"TaskName": "task3"}, [3], ""),
    ({"TaskName": "task4"}, [], "NotWaiting"),
    ({"LoopItem": "i-1"}, [1], ""),
    ({"LoopItem": "2"}, [2], ""),
    ({"LoopItem": 2}, [2], ""),
    ({"LoopItem": "i-3"}, [], "NotWaiting"),
    ({"TaskName": "task1", "LoopItem": "i-1"}, [1], ""),
    ({"TaskName": "task1", "LoopItem": 2}, [], "NotWaiting"),
]


@pytest.mark.parametrize("kind", [kind for kind in ACCEPTS if kind != "Debug"])
@pytest.mark.parametrize(("fields", "answered", "code"), ADDRESSES)
def test_several_things_that_wait_are_told_apart(
    kind: str, fields: dict[str, Any], answered: list[int], code: str
) -> None:
    waits = [wait_of(kind, 1, item="i-1"), wait_of(kind, 2, item=2), wait_of(kind, 3, item=None)]
    outcome = said(state_of(*waits), ACCEPTS[kind][1], **fields)
    assert outcome.code == code
    assert [number for number, wait in enumerate(waits, 1) if wait.answer] == answered


def test_one_that_does_not_wait_any_more_stops_the_whole_list() -> None:
    waits = [wait_of("OutcomeUnknown", number) for number in (1, 2)]
    state = state_of(*waits)
    said(state, "RetryTask", TaskExecutionId="exec-1.t0001")
    outcome = said(state, "SkipTask", TaskExecutionIds=["exec-1.t0001", "exec-1.t0002"])
    assert outcome.message == "nothing waits for SkipTask at exec-1.t0001; nothing was decided"
    assert waits[1].answer is None


def test_parameters_travel_with_the_answer() -> None:
    wait = wait_of("FailurePause")
    said(state_of(wait, mode="FailurePause"), "RetryTask", Parameters='{"API": "DescribeX"}', NotifyNote="once more")
    assert wait.answer
    assert (wait.answer.parameters, wait.answer.note) == ({"API": "DescribeX"}, "once more")


def test_a_call_that_is_sent_again_takes_no_parameters() -> None:
    wait = wait_of("OutcomeUnknown")
    outcome = said(state_of(wait), "RetryTask", Parameters={"API": "DescribeX"})
    assert (outcome.code, wait.answer) == ("InvalidNotification", None)
    assert "takes no Parameters here" in outcome.message


TASKS = ["look", "cleanUp", "again"]


@pytest.mark.parametrize(
    ("name", "chosen", "words"),
    [
        ("", "", ""),
        ("again", "again", ""),
        ("CLEANUP", "cleanUp", ""),
        ("agian", None, 'there is no task "agian" to run next. Did you mean "again"?'),
        ("xxxxxxxx", None, "There are look, cleanUp, again."),
    ],
)
def test_the_task_that_runs_next(name: str, chosen: str | None, words: str) -> None:
    wait = wait_of("Debug", tasks=TASKS)
    outcome = said(state_of(wait, mode="Debug"), "ExecuteTask", TaskName=name, Parameters={"a": 1})
    if chosen is None:
        assert (outcome.code, wait.answer) == ("UnknownTask", None)
        assert words in outcome.message
    else:
        assert wait.answer
        assert (wait.answer.task_name, wait.answer.parameters) == (chosen, {"a": 1})


def test_many_tasks_are_not_all_named() -> None:
    wait = wait_of("Debug", tasks=[f"task-number-{number}" for number in range(500)])
    outcome = said(state_of(wait, mode="Debug"), "ExecuteTask", TaskName="!" * 200)
    assert outcome.message.endswith("….")


@pytest.mark.parametrize("status", ["Success", "Failed", "Cancelled"])
def test_an_execution_is_completed_whatever_waits_in_it(status: str) -> None:
    waits = [wait_of("OutcomeUnknown", 1, mode="Debug"), wait_of("Approve", 2, mode="Debug")]
    assert said(state_of(*waits, mode="Debug"), "CompleteExecution", ExecutionStatus=status).accepted
    assert waits[0].answer
    assert (waits[0].answer.execution_status, waits[1].answer) == (status, None)


def test_a_task_is_cancelled_by_its_name() -> None:
    waits = [wait_of("OutcomeUnknown", 1, mode="Debug"), wait_of("Approve", 2, mode="Debug")]
    state = state_of(*waits, mode="Debug")
    assert said(state, "CancelTask").code == "AmbiguousNotification"
    assert said(state, "CancelTask", TaskName="task2").accepted
    assert [bool(wait.answer) for wait in waits] == [False, True]


@pytest.mark.parametrize("kind", ["Approve", "HighRisk", "Pause", "BatchPause"])
def test_the_second_answer_to_one_thing_does_not_decide_the_next(kind: str) -> None:
    state = state_of(wait_of("Approve"))
    assert said(state, "Approve").accepted
    state.waits.clear()
    following = wait_of(kind, 2)
    state.waits[following.run.id] = following
    open_page(state, following)
    outcome = said(state, "Reject")
    assert (outcome.code, following.answer) == ("AmbiguousNotification", None)
    assert said(state, "Reject", Attempt=1).code == "AmbiguousNotification"
    assert said(state, "Reject", TaskExecutionId=following.run.id).accepted


def test_the_next_batch_is_told_from_the_last_by_its_number() -> None:
    state = state_of(wait_of("BatchPause", attempt=1))
    assert said(state, "Approve", Attempt=1).accepted
    following = wait_of("BatchPause", attempt=2)
    state.waits = {following.run.id: following}
    open_page(state, following)
    assert said(state, "Approve").code == "WrongAttempt"
    assert said(state, "Approve", Attempt=1).code == "WrongAttempt"
    assert said(state, "Approve", Attempt=2).accepted


def test_what_is_addressed_does_not_wait_while_something_else_does() -> None:
    outcome = said(state_of(wait_of("Approve")), "RetryTask", TaskExecutionId="exec-1.t0007")
    assert outcome.message == "what this RetryTask is for doesn't wait; other parts of the execution do"
