"""Approvers: what may be written for them, whose names are the same person's, and what a start makes of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.approvers import MAX_APPROVERS, MAX_REQUIRED, approvers_of, person_key, quorum, required_of
from caboose.oos.library import Library, Source
from caboose.oos.problems import errors
from caboose.oos.start import check_start
from caboose.oos.values import EvaluationError
from tests.oos.templates import DEFAULTS, NoTemplates, places, task, template
from tests.support.programs import PROGRAMS


@pytest.mark.parametrize(
    ("value", "required"), [(None, 1), ("", 1), (1, 1), (2.0, 2), ("3", 3), (" +4 ", 4), ("5.0", 5), (100, 100)]
)
def test_a_number_of_approvals(value: Any, required: int) -> None:
    assert required_of(value) == required


@pytest.mark.parametrize(
    "value",
    [0, -1, "0", "-1", 1.5, "1.5", True, "two", [], {}, MAX_REQUIRED + 1, "999999999999", 1e300, float("inf"), "1e1"],
)
def test_no_number_of_approvals(value: Any) -> None:
    with pytest.raises(EvaluationError, match="whole number from 1 to 100") as caught:
        required_of(value)
    assert caught.value.code == "InvalidProperty"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, []),
        ("", []),
        ([], []),
        (["alice", "bob"], ["alice", "bob"]),
        (["alice@corp.onaliyun.com", " Alice ", "ALICE", "bob"], ["alice", "bob"]),
        (["\uff41lice", "alice"], ["\uff41lice"]),
    ],
)
def test_people(value: Any, names: list[str]) -> None:
    assert approvers_of(value) == names


@pytest.mark.parametrize(
    "value",
    [
        "alice",
        "alice,bob",
        {"a": 1},
        5,
        ["alice", ""],
        ["@corp"],
        [None],
        [5],
        ["x" * 201],
        ["a"] * (MAX_APPROVERS + 1),
    ],
)
def test_what_names_nobody_is_never_everybody(value: Any) -> None:
    with pytest.raises(EvaluationError, match="Approvers is a list of") as caught:
        approvers_of(value)
    assert caught.value.code == "InvalidProperty"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "Alice"),
        ("alice", "alice@corp.onaliyun.com"),
        ("alice", " al ice\t"),
        ("alice", "al\u200bice"),
        ("alice", "\uff21LICE"),
        ("stra\u00dfe", "STRASSE"),
        ("\u5f20\u4e09", "\u5f20\u3000\u4e09"),
    ],
)
def test_one_person_in_two_spellings(one: str, other: str) -> None:
    assert person_key(one) == person_key(other) != ""


def test_two_people() -> None:
    assert len({person_key(each) for each in ("alice", "alicia", "bob", "a.lice", "alice-1", "")}) == 6


@given(st.text(max_size=20))
def test_a_name_without_regard_to_case_and_blanks_stays_the_same(name: str) -> None:
    assert person_key(f" {name} ") == person_key(name)
    assert person_key(person_key(name)) == person_key(name)


def test_a_quorum() -> None:
    assert not quorum({}).needs_names
    assert quorum({"MinRequiredApprovals": 2}).needs_names
    assert quorum({"Approvers": ["alice"]}).needs_names
    with pytest.raises(EvaluationError, match="2 approvals are required, and only 1 may approve") as caught:
        quorum({"Approvers": ["alice", "ALICE@x"], "MinRequiredApprovals": 2})
    assert caught.value.code == "ApprovalsExceedApprovers"


def asking(**properties: Any) -> dict[str, Any]:
    properties = {"WebHook": {"URI": "http://h", "Content": {"a": 1}}, **properties}
    return {"Name": "ask", "Action": "ACS::Approve", "Properties": properties}


async def refused(text: str, parameters: dict[str, Any] | None = None, trusted: bool = False) -> list[tuple[str, str]]:
    """The errors of a start."""
    texts = {"ACS::ECS::Ask": ASKS, "ACS::ECS::AskTwo": ASKS_TWO, "ACS::ECS::AskTwoOfOne": ASKS_TWO_OF_ONE}
    library = Library([Source(name, source) for name, source in texts.items()])
    request = {"TemplateContent": text, "Parameters": parameters or {}}
    defaults = replace(DEFAULTS, trust_names=trusted)
    checked = await check_start(request, NoTemplates(), library, defaults, PROGRAMS)
    if checked.start:
        assert checked.start.trust_names == trusted
    return places(errors(checked.problems))


ASKS = template([asking(Approvers="{{ people }}")], Parameters={"people": {"Type": "List", "Default": []}})
ASKS_TWO = template([asking(MinRequiredApprovals=2)])
ASKS_TWO_OF_ONE = template([asking(MinRequiredApprovals=2, Approvers=["alice"])])
PEOPLE = {
    "people": {"Type": "List", "Default": []},
    "needed": {"Type": "Number", "Default": 1},
    "raw": {"Default": ""},
}
HERE = "Tasks.ask.Properties"


@pytest.mark.parametrize(
    ("properties", "parameters", "untrusted", "trusted"),
    [
        ({}, {}, [], []),
        ({"Approvers": [], "MinRequiredApprovals": 1}, {}, [], []),
        ({"Approvers": ["alice"]}, {}, [("UnprovenNames", HERE)], []),
        ({"MinRequiredApprovals": 2}, {}, [("UnprovenNames", HERE)], []),
        ({"Approvers": "{{ people }}", "MinRequiredApprovals": "{{ needed }}"}, {}, [], []),
        ({"Approvers": "{{ people }}"}, {"people": ["alice"]}, [("UnprovenNames", HERE)], []),
        ({"MinRequiredApprovals": "{{ needed }}"}, {"needed": 2}, [("UnprovenNames", HERE)], []),
        ({"MinRequiredApprovals": "{{ needed }}"}, {"needed": 0}, *[[("InvalidProperty", HERE)]] * 2),
        ({"Approvers": "{{ raw }}"}, {"raw": "alice"}, *[[("InvalidProperty", HERE)]] * 2),
        (
            {"Approvers": "{{ people }}", "MinRequiredApprovals": "{{ needed }}"},
            {"people": ["alice", "ALICE"], "needed": 2},
            *[[("ApprovalsExceedApprovers", HERE)]] * 2,
        ),
        ({"Approvers": "{{ first.ids }}"}, {}, [], []),
        ({"Approvers": "{{ first.ids }}", "MinRequiredApprovals": 2}, {}, [("UnprovenNames", HERE)], []),
        ({"Approvers": {"Fn::AddHour": ["{{ people }}", 1]}}, {}, *[[("FunctionError", HERE)]] * 2),
    ],
)
async def test_a_start_says_whose_approvals_count(
    properties: dict[str, Any],
    parameters: dict[str, Any],
    untrusted: list[tuple[str, str]],
    trusted: list[tuple[str, str]],
) -> None:
    text = template([task(Name="first"), asking(**properties)], Parameters=PEOPLE)
    assert await refused(text, parameters) == untrusted
    assert await refused(text, parameters, trusted=True) == trusted


async def test_more_approvals_than_people_that_are_written_out_are_one_problem() -> None:
    text = template([asking(Approvers=["alice"], MinRequiredApprovals=2)])
    assert await refused(text, trusted=True) == [("ApprovalsExceedApprovers", f"{HERE}.MinRequiredApprovals")]


async def test_approvals_of_nested_templates() -> None:
    use = {"Name": "use", "Action": "ACS::ECS::AskTwo"}
    assert await refused(template([use])) == [("UnprovenNames", "ACS::ECS::AskTwo.Tasks.ask.Properties")]
    assert not await refused(template([use]), trusted=True)
    never = {"Name": "use", "Action": "ACS::ECS::AskTwoOfOne"}
    assert await refused(template([never]), trusted=True) == [
        ("ApprovalsExceedApprovers", "ACS::ECS::AskTwoOfOne.Tasks.ask.Properties")
    ]
    later = {"Name": "use", "Action": "ACS::ECS::Ask", "Properties": {"people": ["alice"]}}
    assert not await refused(template([later])), "known when it is reached"


@pytest.mark.parametrize(
    "properties", [{"MinRequiredApprovals": 0}, {"MinRequiredApprovals": 1.5}, {"Approvers": ["@"]}]
)
async def test_what_is_written_out_is_checked_while_compiling(properties: dict[str, Any]) -> None:
    (name,) = properties
    assert await refused(template([asking(**properties)])) == [("InvalidProperty", f"{HERE}.{name}")]
