"""Approvals by several people: who may, one vote each, how far it is, and what the record tells of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.engine.decisions import check, notify
from caboose.engine.state import Answer, ExecutionState
from caboose.oos.approvers import person_key
from tests.engine.recording import Recording
from tests.engine.running import DEFAULTS, Execution
from tests.engine.test_decisions import AT, GARBAGE, MEANT
from tests.engine.test_moments import said, state_of, wait_of
from tests.oos.templates import task, template

WEBHOOK = {"URI": "http://h", "Content": {"text": {"content": "please"}}}
TRUSTED = replace(DEFAULTS, trust_names=True)


async def asked(script: dict[str, Any] | None = None, **properties: Any) -> Execution:
    """An execution that waits for approval, on a server that takes names as they are."""
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": WEBHOOK, **properties}}
    text = template([ask, task(Name="after", Outputs=None)])
    return await Execution(text, Recording(script), defaults=TRUSTED).start().until("Waiting")


async def test_two_people_approve() -> None:
    going = await asked(MinRequiredApprovals=2)
    (wait,) = going.state.waits.values()
    assert (wait.required, wait.message) == (2, "waits for approval: 0 of 2 approvals")
    first = going.decide("Approve", Approver="alice", Via="link", NotifyNote="fine", DecisionId="d1")
    assert first.accepted
    assert first.message == 'approved by link, gave the name "alice": 1 of 2 approvals'
    assert (wait.answer, wait.message) == (None, "waits for approval: 1 of 2 approvals")
    assert going.state.status == "Waiting"
    assert not going.effects.calls
    second = going.decide("Approve", Approver="bob", Via="api", By="ops", DecisionId="d2")
    assert second.message == 'approved by API token "ops", gave the name "bob": 2 of 2 approvals'
    await going.end()
    assert (going.state.status, len(going.effects.calls)) == ("Success", 1)
    run = going.run_of("ask")
    both = 'by link, gave the name "alice" and by API token "ops", gave the name "bob"'
    assert run.extra == {"NotifyNote": "alice: fine", "Decided": f"Approve {both}"}
    entry = going.record()["Approvals"][0]
    assert entry["Decision"]["By"] == both
    assert [(vote["Approver"], vote["Note"], vote["At"]) for vote in entry["Votes"]] == [
        ("alice", "fine", AT),
        ("bob", "", AT),
    ]
    assert going.state.notes == [
        "the names that come with decisions count here, because CABOOSE_TRUST_NAMES is on: nothing proves them"
    ]


@pytest.mark.parametrize("name", ["alice", " Alice ", "ALICE@corp.onaliyun.com", "ali\u200bce", "\uff41lice"])
async def test_one_person_has_one_vote(name: str) -> None:
    going = await asked(MinRequiredApprovals=2)
    going.decide("Approve", Approver="alice", DecisionId="d1")
    again = going.decide("Approve", Approver=name, DecisionId="d2")
    assert (again.accepted, again.code) == (False, "AlreadyVoted")
    assert again.message == f'"{name}" approved ask at {AT} already: 1 of 2 approvals'
    assert len(going.state.approvals[0].wait.votes) == 1
    going.decide("Reject", Approver="alice")
    await going.end()
    assert going.state.status == "Cancelled", "who has approved may still say no"


@pytest.mark.parametrize("decision", ["Approve", "Reject"])
@pytest.mark.parametrize(
    ("name", "code"), [("mallory", "NotAnApprover"), ("", "ApproverMissing"), ("@x", "ApproverMissing")]
)
async def test_only_those_who_are_named_decide(decision: str, name: str, code: str) -> None:
    going = await asked(Approvers=["alice", "bob@corp.onaliyun.com"])
    refused = going.decide(decision, Approver=name)
    assert (refused.accepted, refused.code) == (False, code)
    assert going.state.status == "Waiting"
    if name == "mallory":
        assert refused.message == '"mallory" is none of those who may decide about ask: alice, bob'
    assert going.decide(decision, Approver="Bob").accepted
    await going.end()
    assert going.state.status == ("Success" if decision == "Approve" else "Cancelled")


async def test_without_names_anybody_rejects_and_an_approval_needs_a_name() -> None:
    going = await asked(MinRequiredApprovals=2)
    refused = going.decide("Approve")
    assert (refused.code, refused.message) == (
        "ApproverMissing",
        "ask counts approvals by name: give yours as Approver",
    )
    assert going.decide("Reject").accepted
    await going.end()
    assert going.state.message == "Rejected by a Temporal client"


async def test_the_same_decision_is_one_vote_and_another_person_s_is_another() -> None:
    going = await asked(MinRequiredApprovals=2)
    first = going.decide("Approve", Approver="alice", DecisionId="d1")
    assert going.decide("Approve", Approver="alice", DecisionId="d1") is first
    other = going.decide("Approve", Approver="bob", DecisionId="d1")
    assert (other.accepted, other.code) == (False, "DecisionIdReused")
    assert len(going.state.approvals[0].wait.votes) == 1
    going.decide("Reject")
    await going.end()


async def test_a_vote_that_comes_too_late_says_so() -> None:
    going = await asked(MinRequiredApprovals=2)
    for name in ("alice", "bob"):
        going.decide("Approve", Approver=name)
    late = going.decide("Approve", Approver="carol")
    assert (late.accepted, late.code) == (False, "AlreadyDecided")
    await going.end()


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"Approvers": "{{ look.people }}"}, "UnprovenNames"),
        ({"MinRequiredApprovals": "{{ look.number }}"}, "UnprovenNames"),
        ({"Approvers": "{{ look.text }}"}, "InvalidProperty"),
        ({"MinRequiredApprovals": "{{ look.text }}"}, "InvalidProperty"),
        ({"Approvers": "{{ look.people }}", "MinRequiredApprovals": "{{ look.number }}"}, "ApprovalsExceedApprovers"),
        ({"Approvers": "{{ look.nobody }}"}, ""),
    ],
)
async def test_what_is_known_only_when_it_is_reached(properties: dict[str, Any], code: str) -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": WEBHOOK, **properties}}
    outputs = {
        "people": {"Type": "List", "ValueSelector": "People[]"},
        "nobody": {"Type": "List", "ValueSelector": "Nobody[]"},
        "number": {"Type": "Number", "ValueSelector": "Number"},
        "text": {"ValueSelector": "Text"},
    }
    answers = {"DescribeInstances": {"People": ["alice"], "Nobody": [], "Number": 2, "Text": "alice, bob"}}
    going = Execution(template([task(Outputs=outputs), ask]), Recording(answers)).start()
    if code:
        await going.end()
        assert (going.state.status, going.state.reason) == ("Failed", code)
        assert not going.effects.messages, "nobody is asked what can't be decided"
    else:
        await going.until("Waiting")
        going.decide("Approve")
        await going.end()
        assert going.state.status == "Success"


async def test_names_that_are_trusted_and_known_late() -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve"}
    properties = {"WebHook": WEBHOOK, "Approvers": "{{ look.people }}", "MinRequiredApprovals": 2}
    outputs = {"people": {"Type": "List", "ValueSelector": "People[]"}}
    text = template([task(Outputs=outputs), {**ask, "Properties": properties}])
    for people, status in ((["alice", "bob"], "Success"), (["alice"], "Failed")):
        answers = Recording({"DescribeInstances": {"People": people}})
        going = Execution(text, answers, defaults=TRUSTED).start()
        if status == "Success":
            await going.until("Waiting")
            for name in people:
                assert going.decide("Approve", Approver=name).accepted
        await going.end()
        assert going.state.status == status
        assert going.state.reason == ("" if status == "Success" else "ApprovalsExceedApprovers")


def test_several_approvals_at_once_get_the_vote() -> None:
    waits = [wait_of("Approve", number, required=2) for number in (1, 2)]
    state = state_of(*waits)
    assert said(state, "Approve", Approver="alice", TaskExecutionId="exec-1.t0001").accepted
    outcome = said(state, "Approve", Approver="alice", TaskExecutionId="exec-1")
    assert outcome.accepted, "she hasn't voted on the other one"
    assert [len(wait.votes) for wait in waits] == [1, 1]
    assert said(state, "Approve", Approver="alice", TaskExecutionId="exec-1").code == "AlreadyVoted"
    assert said(state, "Approve", Approver="bob", TaskExecutionId="exec-1").accepted
    assert all(wait.answer for wait in waits)


def test_nothing_is_decided_where_somebody_may_decide_only_a_part() -> None:
    waits = [wait_of("Approve", 1, approvers=["alice"]), wait_of("Approve", 2, approvers=["bob"])]
    outcome = said(state_of(*waits), "Approve", Approver="alice", TaskExecutionId="exec-1")
    assert outcome.code == "NotAnApprover"
    assert [wait.answer for wait in waits] == [None, None]


def test_a_plain_approval_beside_one_that_counts_votes() -> None:
    waits = [wait_of("Approve", 1), wait_of("Approve", 2, required=2)]
    state = state_of(*waits)
    assert said(state, "Approve", Approver="alice", TaskExecutionId="exec-1").accepted
    assert waits[0].answer
    assert (waits[1].answer, len(waits[1].votes)) == (None, 1)


def test_many_approvers_are_not_all_named() -> None:
    wait = wait_of("Approve", approvers=[f"person{number}" for number in range(500)])
    refused = said(state_of(wait), "Approve", Approver="mallory")
    assert refused.message.endswith("person9 and 490 more")


NAMES = st.sampled_from(["alice", "Alice", "alice@x", "bob", " BOB", "carol", "", "@", "\u200b", "mallory"])
FIELDS = {**MEANT, "Approver": NAMES, "TaskExecutionIds": st.lists(st.sampled_from(["exec-1.t0001", "exec-1"]))}
SENT = st.fixed_dictionaries({"NotifyType": st.sampled_from(["Approve", "Reject", "CancelTask"])}, optional=FIELDS)


def several() -> ExecutionState:
    """Approvals that need one to three people, of some or of all."""
    waits = [
        wait_of("Approve", 1, required=3),
        wait_of("Approve", 2, required=2, approvers=["alice", "bob", "carol"]),
        wait_of("HighRisk", 3),
        wait_of("Approve", 4, approvers=["carol"]),
    ]
    return state_of(*waits)


@given(st.lists(SENT | GARBAGE, max_size=12))
def test_votes_are_those_of_different_people_who_may(bodies: list[Any]) -> None:
    state = several()
    answers: dict[str, Answer] = {}
    for body in bodies:
        refused = check(state, body)
        assert notify(state, body, AT).accepted == (refused is None)
        for id, wait in state.waits.items():
            keys = [person_key(vote.approver) for vote in wait.votes]
            assert len(set(keys)) == len(keys) <= wait.required
            assert all(keys)
            assert not wait.approvers or {*keys} <= {person_key(each) for each in wait.approvers}
            if wait.answer:
                assert answers.setdefault(id, wait.answer) is wait.answer, "an answer stays"
                counted = wait.required > 1 or bool(wait.approvers)
                approved = wait.answer.notify_type == "Approve"
                assert not (counted and approved) or len(keys) == wait.required
            else:
                assert len(keys) < wait.required
