"""``ACS::CheckFor`` and ``ACS::WaitFor``: what is polled, and what is known of an answer that isn't as wanted."""

from typing import Any

import pytest

from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.oos.expectations import Rule
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

STATUS = "Instances.Instance[].Status"
MISMATCH = TaskFailed("CheckForFailed", 'wanted "Running", it is "Stopped"', "R-1", {"status": "Stopped"})
LOST = OutcomeUnknown("the connection was lost")


def polling(action: str = "ACS::CheckFor", api: str = "DescribeInstances", **fields: Any) -> dict[str, Any]:
    properties = {"Service": "ECS", "API": api, "PropertySelector": STATUS, "DesiredValues": ["Running"]}
    return task(
        Name="check",
        Action=action,
        Properties={**properties, **fields.pop("Properties", {})},
        Outputs={"status": {"ValueSelector": STATUS}},
        **fields,
    )


@pytest.mark.parametrize(
    ("action", "fields", "check", "retries"),
    [
        ("ACS::CheckFor", {}, True, 0),
        ("ACS::CheckFor", {"Retries": 2}, True, 2),
        ("ACS::WaitFor", {}, False, 10),
        ("ACS::WaitFor", {"Retries": 300}, False, 300),
    ],
)
async def test_what_is_polled(action: str, fields: dict[str, Any], check: bool, retries: int) -> None:
    more = {"NotDesiredValues": ["Gone"], "StopRetryValues": ["Stopped"]}
    done = await run(template([polling(action, Properties=more, **fields)]), {"DescribeInstances": running()})
    (poll,) = done.effects.polls
    assert (poll.check, poll.retry.retries) == (check, retries)
    assert poll.rule == Rule(STATUS, ["Running"], ["Gone"], ["Stopped"])
    assert done.run_of("check").outputs == {"status": "Running"}
    assert done.run_of("check").request_id == "request-of-poll"


def running() -> dict[str, Any]:
    return {"Instances": {"Instance": [{"Status": "Running"}]}}


@pytest.mark.parametrize("action", ["ACS::CheckFor", "ACS::WaitFor"])
async def test_the_outputs_of_a_failed_check_are_there_for_its_handler(action: str) -> None:
    told = task(
        Name="tell",
        Properties={"Service": "ECS", "API": "DescribeX", "Parameters": {"Was": "{{ check.status }}"}},
        Outputs=None,
    )
    text = template(
        [polling(action, OnError="tell", OnSuccess="ACS::END"), told], Outputs={"was": {"Value": "{{ check.status }}"}}
    )
    done = await run(text, {"DescribeInstances": MISMATCH})
    assert [call.parameters for call in done.effects.calls] == [{"Was": "Stopped"}]
    assert (done.state.status, done.state.outputs) == ("Failed", {"was": "Stopped"})
    assert done.run_of("check").outputs == {"status": "Stopped"}
    assert done.run_of("check").request_id == "R-1"


async def test_the_outputs_of_failed_items_are_aggregated() -> None:
    loop = {
        "Items": ["i-1", "i-2"],
        "RateControl": {"Mode": "Concurrency", "MaxErrors": 2, "Concurrency": 1},
        "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "status"}},
    }
    text = template([polling(Loop=loop)], Outputs={"all": {"Value": "{{ check.all }}"}})
    done = await run(text, {"DescribeInstances": [running(), MISMATCH]})
    assert done.state.status == "Success"
    assert done.state.outputs == {"all": ["Running", "Stopped"]}


async def test_a_poll_that_changes_something_waits_for_people_when_its_outcome_is_unknown() -> None:
    going = Execution(template([polling(api="StopInstance")]), Recording({"StopInstance": [LOST, running()]})).start()
    await going.until("Waiting")
    (wait,) = going.state.waits.values()
    assert (wait.kind, wait.accepts) == ("OutcomeUnknown", ("RetryTask", "SkipTask"))
    assert going.run_of("check").unknown
    going.decide("RetryTask")
    done = await going.end()
    assert (done.state.status, len(done.effects.polls)) == ("Success", 2)
    assert (done.run_of("check").unknown, done.run_of("check").message) == (False, "")


async def test_a_poll_of_unknown_outcome_can_be_left_out() -> None:
    going = Execution(template([polling(api="StopInstance")]), Recording({"StopInstance": LOST})).start()
    await going.until("Waiting")
    going.decide("SkipTask")
    done = await going.end()
    assert (done.state.status, done.run_of("check").status) == ("Success", "Skipped")


@pytest.mark.parametrize(
    ("given", "expected"), [("Running", ["Running"]), (["a", 1], ["a", 1]), ({"a": 1}, [{"a": 1}])]
)
async def test_a_value_in_place_of_a_list_is_a_list_of_one(given: Any, expected: list[Any]) -> None:
    text = template(
        [polling(Properties={"DesiredValues": "{{ wanted }}"})],
        Parameters={"wanted": {"Type": "String" if isinstance(given, str) else "Json"}},
    )
    done = await run(text, {"DescribeInstances": running()}, parameters={"wanted": given})
    assert done.effects.polls[0].rule.desired == expected


async def test_a_selector_that_is_no_text_fails_the_task() -> None:
    text = template(
        [polling(Properties={"PropertySelector": "{{ selector }}"})],
        Parameters={"selector": {"Type": "Json", "Default": {"a": 1}}},
    )
    done = await run(text)
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert not done.effects.polls
