"""``ACS::ExecuteHttpRequest``: what is sent, by which rules its answer is held, and what nobody knows."""

import re
from typing import Any

import pytest

from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.oos.expectations import Rule
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

URL = "https://api.example.com/v1/jobs?token=abc"


def asking(parameters: dict[str, Any] | None = None, **fields: Any) -> str:
    properties = {"URL": URL, **fields.pop("Properties", {})}
    asked = task(
        Name="ask",
        Action="ACS::ExecuteHttpRequest",
        Properties=properties,
        Outputs={"state": {"ValueSelector": ".state"}},
        **fields,
    )
    return template([asked], Parameters=parameters or {}, Outputs={"state": {"Value": "{{ ask.state }}"}})


async def test_what_is_sent_and_what_comes_back() -> None:
    properties = {
        "Headers": {"X-A": "{{ n }}"},
        "Query": {"page": 2, "tags": ["a", "b"]},
        "Body": {"name": "{{ n }}", "deep": [{"n": "{{ n }}"}]},
    }
    done = await run(
        asking({"n": {"Type": "Number", "Default": 7}}, Properties=properties, Retries=5), {"request": {"state": "ok"}}
    )
    (request,) = done.effects.requests
    assert (request.method, request.url) == ("POST", URL)
    assert (request.headers, request.query) == ({"X-A": 7}, {"page": 2, "tags": ["a", "b"]})
    assert request.body == {"name": 7, "deep": [{"n": 7}]}
    assert request.retry.retries == 5
    assert request.summary == "ask POST api.example.com", "an address may be a password"
    assert done.state.outputs == {"state": "ok"}
    assert done.run_of("ask").request_id == "request-of-http"


async def test_a_get_has_no_body() -> None:
    done = await run(asking(Properties={"Method": "get", "Body": "{{ b }}"}, parameters={"b": {"Default": "x"}}))
    (request,) = done.effects.requests
    assert (request.method, request.body) == ("GET", None)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Operator": "Equals", "Value": "1"}, Rule("S", ["1"])),
        ({"Value": [1, 2]}, Rule("S", [[1, 2]])),
        ({"Operator": "In", "Value": [1, 2]}, Rule("S", [1, 2])),
        ({"Operator": "in", "Value": 1}, Rule("S", [1])),
        ({"Operator": "NotIn", "Value": [1, 2]}, Rule("S", None, [1, 2])),
        ({"Operator": "NotIn", "Value": None}, Rule("S", None, [None])),
        ({"Operator": "Equals"}, Rule("S", [None])),
        ({"DesiredValues": ["a"], "StopRetryValues": ["b"]}, Rule("S", ["a"], None, ["b"])),
        ({"NotDesiredValues": ["a"]}, Rule("S", None, ["a"])),
        ({"Operator": "Equals", "Value": "a", "NotDesiredValues": ["b"]}, Rule("S", ["a"], ["b"])),
    ],
)
async def test_rules(rule: dict[str, Any], expected: Rule) -> None:
    given = {"Rules": [{"PropertySelector": "S", **rule}]}
    done = await run(asking(Properties={"CheckFor": given, "WaitFor": given}))
    (request,) = done.effects.requests
    assert (request.check_for, request.wait_for) == ([expected], [expected])


async def test_without_rules_any_answer_does() -> None:
    done = await run(asking(Properties={"CheckFor": {"Rules": []}, "WaitFor": None}))
    (request,) = done.effects.requests
    assert (request.check_for, request.wait_for) == ([], [])


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"URL": "{{ map }}"}, "URL is a text, and Method is GET or POST"),
        ({"Method": "{{ text }}"}, "URL is a text, and Method is GET or POST"),
        ({"Headers": "{{ text }}"}, "Headers is a map"),
        ({"Query": "{{ list }}"}, "Query is a map"),
        ({"WaitFor": "{{ text }}"}, "WaitFor is a map"),
        ({"WaitFor": "{{ map }}"}, "WaitFor has Rules, a list of maps"),
        ({"CheckFor": {"Rules": "{{ list }}"}}, "CheckFor has Rules, a list of maps"),
        ({"CheckFor": {"Rules": ["{{ map }}"]}}, "PropertySelector of CheckFor.Rules[0] is a text"),
        ({"CheckFor": {"Rules": ["{{ rule }}"]}}, "CheckFor.Rules[0] compares with nothing"),
        (
            {"CheckFor": {"Rules": [{"PropertySelector": "S", "Operator": "{{ text }}"}]}},
            "Operator of CheckFor.Rules[0] is Equals, In or NotIn, not 'x'",
        ),
    ],
)
async def test_what_is_known_late_and_no_request_fails_the_task(properties: dict[str, Any], message: str) -> None:
    parameters = {
        "text": {"Default": "x"},
        "map": {"Type": "Json", "Default": {"a": 1}},
        "list": {"Type": "List", "Default": [1]},
        "rule": {"Type": "Json", "Default": {"PropertySelector": "S", "DesiredValues": []}},
    }
    done = await run(asking(parameters, Properties=properties))
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert message in done.state.message
    assert not done.effects.requests


async def test_the_outputs_of_an_answer_that_is_not_as_wanted_are_kept() -> None:
    mismatch = TaskFailed("CheckForFailed", "wanted 1, it is 2", "", {"state": "bad"})
    done = await run(asking(), {"request": mismatch})
    assert (done.state.status, done.state.outputs) == ("Failed", {"state": "bad"})


@pytest.mark.parametrize(("decision", "status", "sent"), [("RetryTask", "Success", 2), ("SkipTask", "Skipped", 1)])
async def test_nobody_knows_and_people_decide(decision: str, status: str, sent: int) -> None:
    lost = OutcomeUnknown("api.example.com:443 did not answer in time")
    going = Execution(asking(), Recording({"request": [lost, {"state": "ok"}]})).start()
    await going.until("Waiting")
    (wait,) = going.state.waits.values()
    assert wait.kind == "OutcomeUnknown"
    assert re.search(r"ask POST api.example.com: .* did not answer in time. It may or may not", wait.message)
    assert len(going.effects.requests) == 1, "never sent again by itself"
    going.decide(decision)
    done = await going.end()
    assert (done.run_of("ask").status, len(done.effects.requests)) == (status, sent)
    assert done.state.status == "Success"


async def test_headers_that_say_who_asks_are_not_shown() -> None:
    headers = {"Authorization": "Bearer abcdef", "X-Api-Key": "k-123456", "Cookie": "c=123456", "Accept": "text/plain"}
    done = await run(asking(Properties={"Headers": headers}))
    assert done.effects.requests[0].headers == headers
    shown = repr(done.record())
    assert "text/plain" in shown
    assert not [value for value in ("abcdef", "k-123456", "c=123456") if value in shown]
