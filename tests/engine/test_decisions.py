"""Decisions: whom a notification is for, what is kept of it, and that nothing in it can make the engine fail."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.engine.approvals import waiting_approvals
from caboose.engine.decisions import check, find_outcome, keep, notify
from caboose.engine.notifications import KNOWN_TYPES
from caboose.engine.state import Answer, Approval, ExecutionState, Outcome, TaskRun, Wait
from tests.engine.test_moments import ACCEPTS, state_of, wait_of

AT = "2026-01-31T08:00:00Z"


def waiting_state() -> ExecutionState:
    """An execution in which an approval, and one item of a loop, wait."""
    state = ExecutionState("exec-1", created=AT, started=AT)
    ask = TaskRun("exec-1.t0001", "ask", "ACS::Approve", AT)
    item = TaskRun("exec-1.t0002.i0001", "change", "ACS::ExecuteAPI", AT, "exec-1.t0002", "i-1")
    approve = Wait("Approve", ask, 2, AT, ("Approve", "Reject"), "waits")
    unknown = Wait("OutcomeUnknown", item, 1, AT, ("RetryTask", "SkipTask"), "unknown", "i-1")
    state.runs = {ask.id: ask, item.id: item}
    state.waits = {ask.id: approve, item.id: unknown}
    state.approvals = [Approval(approve, "please", None, [])]
    return state


@pytest.mark.parametrize(
    ("body", "answered", "code"),
    [
        ({"NotifyType": "Approve"}, None, "WrongAttempt"),
        ({"NotifyType": "Approve", "Attempt": 2}, "exec-1.t0001", ""),
        ({"NotifyType": "Reject", "TaskName": "ask", "Attempt": 2}, "exec-1.t0001", ""),
        ({"NotifyType": "RetryTask"}, "exec-1.t0002.i0001", ""),
        ({"NotifyType": "SkipTask", "LoopItem": "i-1"}, "exec-1.t0002.i0001", ""),
        ({"NotifyType": "SkipTask", "TaskExecutionId": "exec-1.t0002"}, "exec-1.t0002.i0001", ""),
        ({"NotifyType": "Approve", "Attempt": 1}, None, "WrongAttempt"),
        ({"NotifyType": "Approve", "Attempt": 3}, None, "WrongAttempt"),
        ({"NotifyType": "Approve", "TaskName": "change"}, None, "NotWaiting"),
        ({"NotifyType": "Approve", "TaskExecutionId": "exec-1.t0009"}, None, "NotWaiting"),
        ({"NotifyType": "Approve", "TaskExecutionId": "exec-1.t000"}, None, "NotWaiting"),
        ({"NotifyType": "SkipTask", "LoopItem": ["i-1"]}, None, "NotWaiting"),
        ({"NotifyType": "SkipTask", "TaskName": "ask"}, None, "NotWaiting"),
    ],
)
def test_whom_it_is_for(body: dict[str, Any], answered: str | None, code: str) -> None:
    state = waiting_state()
    refused = check(state, body)
    assert (refused.code if refused else "") == code, "the validator says the same"
    outcome = notify(state, body, AT)
    assert (outcome.accepted, outcome.code) == (answered is not None, code)
    assert [id for id, wait in state.waits.items() if wait.answer] == ([answered] if answered else [])
    assert state.decisions == [outcome]


def test_a_decision_id_is_for_one_decision() -> None:
    state = waiting_state()
    first = notify(state, {"NotifyType": "Approve", "Attempt": 2, "DecisionId": "d"}, AT)
    assert check(state, {"NotifyType": "Approve", "DecisionId": "d"}) is None, "answered with the first outcome"
    assert notify(state, {"NotifyType": "Approve", "DecisionId": "d"}, "later") is first
    assert notify(state, {"NotifyType": "Reject", "DecisionId": "d"}, "later").code == "DecisionIdReused"
    found = check(state, {"NotifyType": "RetryTask", "DecisionId": "d"})
    assert found and found.code == "DecisionIdReused"
    assert find_outcome(state, "d") is first
    assert find_outcome(state, "") is None


def test_a_flood_of_refused_ones_keeps_the_accepted() -> None:
    state = waiting_state()
    first = notify(state, {"NotifyType": "Approve", "Attempt": 2}, AT)
    for _ in range(500):
        notify(state, {"NotifyType": "Reject"}, AT)
    assert first in state.decisions
    assert len(state.decisions) == 200


def test_the_second_approval_is_not_decided_by_an_answer_to_the_first() -> None:
    state = waiting_state()
    notify(state, {"NotifyType": "Approve", "Attempt": 2}, AT)
    run = TaskRun("exec-1.t0003", "ask again", "ACS::Approve", AT)
    second = Wait("Approve", run, 1, AT, ("Approve", "Reject"), "waits")
    state.waits = {run.id: second}
    state.approvals.append(Approval(second, "please", None, []))
    outcome = notify(state, {"NotifyType": "Approve"}, AT)
    assert (outcome.accepted, outcome.code) == (False, "AmbiguousNotification")
    assert run.id in outcome.message
    assert notify(state, {"NotifyType": "Approve", "TaskExecutionId": run.id}, AT).accepted


def test_texts_that_are_no_unicode_are_made_safe_to_keep() -> None:
    state = waiting_state()
    body = {"NotifyType": "Reject", "Attempt": 2, "NotifyNote": "no\ud800\x00", "Approver": "\udfff"}
    outcome = notify(state, body, AT)
    assert outcome.note == "no\ufffd\ufffd"
    assert outcome.by.encode()


def test_without_an_id_each_notification_is_its_own() -> None:
    state = waiting_state()
    assert notify(state, {"NotifyType": "Approve", "Attempt": 2}, AT).accepted
    assert not notify(state, {"NotifyType": "Approve", "Attempt": 2}, AT).accepted
    assert len(state.decisions) == 2


def test_nothing_is_decided_about_an_execution_that_has_ended() -> None:
    state = waiting_state()
    state.end("Failed", AT, reason="X")
    for kind in ("Approve", "Reject", "RetryTask", "SkipTask"):
        outcome = notify(state, {"NotifyType": kind}, AT)
        assert (outcome.accepted, outcome.code) == (False, "NotWaiting")
        assert "ended as Failed" in outcome.message
    assert waiting_approvals(state) == []
    assert state.approvals[0].cancelled


def test_before_anything_waits() -> None:
    outcome = notify(ExecutionState("exec-1", created=AT), {"NotifyType": "Approve"}, AT)
    assert (outcome.code, outcome.message) == ("NotWaiting", "nothing waits for Approve now")


def test_the_last_two_hundred_outcomes_are_kept() -> None:
    state = waiting_state()
    for number in range(300):
        notify(state, {"NotifyType": "nonsense", "NotifyNote": str(number)}, AT)
    notify(state, {"NotifyType": "Approve", "DecisionId": "last"}, AT)
    assert len(state.decisions) == 200
    assert state.decisions[-1].decision_id == "last"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=8), child, max_size=3),
    max_leaves=10,
)
KINDS = st.sampled_from(KNOWN_TYPES)
MEANT: dict[str, st.SearchStrategy[Any]] = {
    "DecisionId": st.sampled_from(["d", "e"]),
    "TaskName": st.sampled_from(["task1", "task2", "TASK3"]),
    "TaskExecutionId": st.sampled_from(["exec-1.t0001", "exec-1.t0002", "exec-1"]),
    "TaskExecutionIds": st.sampled_from([["exec-1.t0001", "exec-1.t0003"], '["exec-1.t0002"]']),
    "Attempt": st.integers(1, 2),
    "LoopItem": st.sampled_from(["i-1", None]),
    "Parameters": st.dictionaries(st.text(max_size=4), ANY_JSON, max_size=2),
    "ExecutionStatus": st.sampled_from(["Success", "Failed"]),
    "Via": st.sampled_from(["link", "api"]),
    "NotifyNote": st.text(max_size=8),
    "By": st.text(max_size=8),
    "Approver": st.text(max_size=8),
}
MEANT_NOTIFICATIONS = st.fixed_dictionaries({"NotifyType": KINDS}, optional=MEANT)
GARBAGE = ANY_JSON | st.fixed_dictionaries({"NotifyType": KINDS | ANY_JSON}, optional=dict.fromkeys(MEANT, ANY_JSON))
WAITS = st.builds(
    wait_of,
    st.sampled_from(list(ACCEPTS)),
    mode=st.sampled_from(["", "Debug"]),
    attempt=st.integers(1, 2),
    item=st.sampled_from(["i-1", None, 2]),
    required=st.integers(1, 2),
    tasks=st.just(["task1", "task3"]),
)


@given(
    st.lists(WAITS, max_size=3),
    st.sampled_from(["", "Automatic", "FailurePause", "Debug"]),
    st.sampled_from(["", "", "cancelling", "Failed"]),
    st.lists(MEANT_NOTIFICATIONS | GARBAGE, max_size=8),
)
def test_no_input_at_no_moment_makes_it_fail_and_an_answer_is_never_replaced(
    waits: list[Wait], mode: str, moment: str, bodies: list[Any]
) -> None:
    for number, wait in enumerate(waits, 1):
        wait.run.id, wait.run.name = f"exec-1.t{number:04d}", f"task{number}"
    state = state_of(*waits, mode=mode)
    state.is_cancelling = lambda: moment == "cancelling"
    if moment == "Failed":
        state.end(moment, AT)
    answers: dict[str, Answer] = {}
    for body in bodies:
        refused = check(state, body)
        outcome = notify(state, body, AT)
        assert outcome.accepted == (refused is None)
        assert not moment or not outcome.accepted
        for wait in waits:
            if wait.answer:
                assert wait.answer.notify_type in wait.accepts
                assert answers.setdefault(wait.run.id, wait.answer) is wait.answer
    assert json.dumps([asdict(each) for each in state.decisions])


def test_refused_ones_never_push_out_accepted_ones() -> None:
    state = waiting_state()
    first = notify(state, {"NotifyType": "RetryTask", "DecisionId": "d"}, AT)
    assert first.accepted
    for _ in range(300):
        keep(state, Outcome(False, "UnknownSignal", "there is no such signal", at=AT))
    assert find_outcome(state, "d") is first
    assert len(state.decisions) == 200
