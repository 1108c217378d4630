"""The declarations of atomic actions, and what the name of an API says."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import caboose.oos.actions
from caboose.oos import kinds
from caboose.oos.actions import ACTIONS, HIGH_RISK_PREFIXES, Action, Property, is_high_risk, is_read, takes_client_token
from caboose.oos.actions.declaration import API, CICD, CONTROL, EMBEDDED, TRIGGER
from caboose.oos.actions.fields import of_kind
from caboose.oos.actions.kinds import CONDITION, DATE, DURATION, SELECTOR

KINDS = {getattr(kinds, name) for name in ("ANY", "CONDITION", "FLAG", "LIST", "MAP", "NUMBER", "TEXT")}
EVERY = pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))


def declared(properties: Mapping[str, Property]) -> Iterator[Property]:
    """Every declared property, also those within maps and lists."""
    for each in properties.values():
        yield each
        yield from declared(each.fields)
        if each.element:
            yield from declared({"element": each.element})


def test_all_actions_of_the_reference_are_declared() -> None:
    assert list(ACTIONS) == [
        "ACS::ExecuteAPI",
        "ACS::WaitFor",
        "ACS::CheckFor",
        "ACS::ExecuteHttpRequest",
        "ACS::SelectTargets",
        "ACS::Approve",
        "ACS::Choice",
        "ACS::Sleep",
        "ACS::Notify",
        "ACS::Pause",
        "ACS::Loop",
        "ACS::Template",
        "ACS::TimerTrigger",
        "ACS::AlarmTrigger",
        "ACS::EventTrigger",
        "ACS::EcsStatusChangeTrigger",
        "ACS::GitCodeRepo",
    ]


def test_each_has_a_file_of_its_own() -> None:
    folder = Path(caboose.oos.actions.__file__).parent
    for name in ACTIONS:
        file = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removeprefix("ACS::")).lower()
        assert (folder / f"{file}.py").is_file(), name


@EVERY
def test_a_declaration_says_all_that_its_reference_page_needs(action: Action) -> None:
    assert action.kind in (API, TRIGGER, CONTROL, EMBEDDED, CICD)
    assert action.summary.endswith(".")
    assert action.result.endswith(".")
    assert not action.source or action.source.startswith("https://")
    assert action.source or not action.complete, "without a page nobody knows all its properties"
    for each in declared(action.properties):
        assert each.kind in {*KINDS, SELECTOR, DURATION, DATE}
        assert not each.required or each.default is None
    assert all(each.description for each in action.properties.values())


def test_all_but_triggers_and_code_runs_here() -> None:
    others = [action for action in ACTIONS.values() if not action.runs_here]
    assert [action.name for action in others if action.kind != TRIGGER] == ["ACS::GitCodeRepo"]
    assert all(not action.runs_here for action in ACTIONS.values() if action.kind == TRIGGER)


def test_what_may_loop() -> None:
    assert [name for name, action in ACTIONS.items() if action.may_loop] == [
        "ACS::ExecuteAPI",
        "ACS::WaitFor",
        "ACS::CheckFor",
        "ACS::ExecuteHttpRequest",
        "ACS::Template",
    ]


@EVERY
def test_triggers_and_only_they_come_first(action: Action) -> None:
    assert action.first_only == (action.kind == TRIGGER)
    assert not (action.first_only and action.may_loop)


def test_what_polls() -> None:
    polling = {name: action.retries for name, action in ACTIONS.items() if action.polls}
    assert polling == {"ACS::WaitFor": 10, "ACS::CheckFor": 0, "ACS::ExecuteHttpRequest": 10}


@pytest.mark.parametrize(
    ("properties", "risky"),
    [
        ({"API": "DeleteImage"}, True),
        ({"API": "DeleteImage", "Risk": "Normal"}, False),
        ({"API": "RebootInstance", "Risk": "High"}, True),
        ({"API": "RebootInstance", "Risk": None}, False),
        ({}, False),
    ],
)
def test_calls_can_be_of_high_risk(properties: dict[str, str], risky: bool) -> None:
    assert ACTIONS["ACS::ExecuteAPI"].high_risk(properties) == risky
    assert ACTIONS["ACS::CheckFor"].high_risk(properties) == risky
    assert not ACTIONS["ACS::Sleep"].high_risk(properties)


def test_risk_by_the_name() -> None:
    assert all(is_high_risk(prefix.upper() + "X", "") for prefix in HIGH_RISK_PREFIXES)


def test_selectors_and_conditions_are_found_wherever_they_stand() -> None:
    rule = {"PropertySelector": "a", "Operator": "In"}
    request = {"URL": "http://h", "CheckFor": {"Rules": [rule, {"PropertySelector": {"Fn::Sub": ["b", {}]}}]}}
    assert list(of_kind(SELECTOR, ACTIONS["ACS::ExecuteHttpRequest"].properties, request)) == [
        (("CheckFor", "Rules", 0, "PropertySelector"), "a"),
        (("CheckFor", "Rules", 1, "PropertySelector"), {"Fn::Sub": ["b", {}]}),
    ]
    choices = {"DefaultTask": "x", "Choices": [{"When": False, "NextTask": "y"}, {"When": "c"}, "wrong"]}
    assert list(of_kind(CONDITION, ACTIONS["ACS::Choice"].properties, choices)) == [
        (("Choices", 0, "When"), False),
        (("Choices", 1, "When"), "c"),
    ]
    assert not list(of_kind(SELECTOR, ACTIONS["ACS::ExecuteHttpRequest"].properties, {"WaitFor": "{{ rules }}"}))


@pytest.mark.parametrize(
    "api",
    [
        "DescribeInstances",
        "ListTagResources",
        "GetCallerIdentity",
        "QueryX",
        "CheckDiskEncryption",
        "describeInstances",
        "describeinstances",
        "DESCRIBEINSTANCES",
        "Get",
        "get",
    ],
)
def test_these_read(api: str) -> None:
    assert is_read(api)


@pytest.mark.parametrize(
    "api",
    ["RebootInstance", "CheckinInstance", "Gettysburg", "Listen", "Describeinstances", "ReDescribe", "", "Checkedin"],
)
def test_these_may_change_something(api: str) -> None:
    assert not is_read(api)


@pytest.mark.parametrize(
    ("service", "api", "takes"),
    [
        ("ECS", "RunCommand", True),
        ("Ecs", "runcommand", True),
        ("ECS", "RebootInstance", False),
        ("ECS", "DescribeHpcClusters", False),
        ("VPC", "CreateVpc", False),
    ],
)
def test_calls_that_may_be_made_again_with_their_token(service: str, api: str, takes: bool) -> None:
    assert takes_client_token(service, api) is takes
