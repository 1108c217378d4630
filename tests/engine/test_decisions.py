"""Decisions: what a notification may look like, whom it is for, and that nothing in it can make the engine fail."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.engine.decisions import Notification, Refused, check, find_outcome, notify, read, waiting_approvals
from caboose.engine.state import Answer, Approval, ExecutionState, TaskRun, Wait

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
    ("body", "code", "words"),
    [
        (None, "InvalidNotification", "one JSON object"),
        ("Approve", "InvalidNotification", "one JSON object"),
        ([{"NotifyType": "Approve"}], "InvalidNotification", "one JSON object"),
        ({}, "InvalidNotification", "NotifyType is one of Approve, Reject, RetryTask, SkipTask"),
        ({"NotifyType": "approve"}, "InvalidNotification", "not 'approve'"),
        ({"NotifyType": "x" * 500}, "InvalidNotification", "NotifyType is one of"),
        ({"NotifyType": 5}, "InvalidNotification", "NotifyType is a string"),
        ({"NotifyType": "Approve", "NotifyNote": {}}, "InvalidNotification", "NotifyNote is a string"),
        ({"NotifyType": "Approve", "Approver": ["a"]}, "InvalidNotification", "Approver is a string"),
        ({"NotifyType": "Approve", "DecisionId": 1}, "InvalidNotification", "DecisionId is a string"),
        ({"NotifyType": "Approve", "TaskExecutionId": 1}, "InvalidNotification", "TaskExecutionId is a string"),
        ({"NotifyType": "Approve", "Attempt": "1"}, "InvalidNotification", "Attempt is a whole number"),
        ({"NotifyType": "Approve", "Attempt": True}, "InvalidNotification", "Attempt is a whole number"),
        ({"NotifyType": "Approve", "Attempt": 1.0}, "InvalidNotification", "Attempt is a whole number"),
        ({"NotifyType": "ExecuteTask"}, "NotSupportedYet", "ExecuteTask isn't supported yet"),
        ({"NotifyType": "CancelTask"}, "NotSupportedYet", "CancelTask isn't supported yet"),
        ({"NotifyType": "CompleteExecution"}, "NotSupportedYet", "CompleteExecution isn't supported yet"),
    ],
)
def test_what_can_not_be_read(body: Any, code: str, words: str) -> None:
    refused = read(body)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert words in refused.message
    assert len(refused.message) < 300
    outcome = notify(waiting_state(), body, AT)
    assert (outcome.accepted, outcome.code, outcome.at) == (False, code, AT)
    assert check(waiting_state(), body) == refused


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ({}, "by a Temporal client"),
        ({"Approver": "alice"}, 'by a Temporal client, gave the name "alice"'),
        ({"Via": "temporal", "By": "admin"}, "by a Temporal client"),
        ({"Via": "link", "Approver": "alice"}, 'by link, gave the name "alice"'),
        ({"Via": "link", "By": "admin"}, "by link"),
        ({"Via": "api", "By": "admin"}, 'by API token "admin"'),
        ({"Via": "api", "By": "admin", "Approver": "alice"}, 'by API token "admin", gave the name "alice"'),
    ],
)
def test_who_decided_and_how_much_of_that_is_proven(fields: dict[str, str], by: str) -> None:
    notification = read({"NotifyType": "Approve", **fields})
    assert isinstance(notification, Notification)
    assert notification.by == by


def test_long_texts_are_cut() -> None:
    body = {"NotifyType": "Approve", "NotifyNote": "n" * 5_000, "Approver": "a" * 5_000, "DecisionId": "d" * 5_000}
    notification = read(body)
    assert isinstance(notification, Notification)
    assert (len(notification.note), len(notification.decision_id)) == (2_000, 200)
    assert len(notification.by) < 300


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
KINDS = st.sampled_from(["Approve", "Reject", "RetryTask", "SkipTask"])
MEANT = {
    "DecisionId": st.sampled_from(["d", "e"]),
    "TaskName": st.sampled_from(["ask", "change"]),
    "TaskExecutionId": st.sampled_from(["exec-1.t0001", "exec-1.t0002"]),
    "Attempt": st.integers(1, 2),
    "LoopItem": st.sampled_from(["i-1", None]),
    "Via": st.sampled_from(["link", "api"]),
    "NotifyNote": st.text(max_size=8),
    "By": st.text(max_size=8),
    "Approver": st.text(max_size=8),
}
MEANT_NOTIFICATIONS = st.fixed_dictionaries({"NotifyType": KINDS}, optional=MEANT)
GARBAGE = ANY_JSON | st.fixed_dictionaries({"NotifyType": KINDS | ANY_JSON}, optional=dict.fromkeys(MEANT, ANY_JSON))


@given(st.lists(MEANT_NOTIFICATIONS | GARBAGE, max_size=8))
def test_no_input_makes_it_fail_and_an_answer_is_never_replaced(bodies: list[Any]) -> None:
    state = waiting_state()
    answers: dict[str, Answer] = {}
    for body in bodies:
        refused = check(state, body)
        assert notify(state, body, AT).accepted == (refused is None)
        for id, wait in state.waits.items():
            if wait.answer:
                assert wait.answer.notify_type in wait.accepts
                assert answers.setdefault(id, wait.answer) is wait.answer
