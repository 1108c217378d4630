"""Secrets stay where they were given: canaries in webhooks and signing secrets, then a search of everything.

A robot's address is a password. Start parameters are in clear text in Temporal's history for now; this test says
exactly where: in the input of the workflow, and in the inputs of the activities ``prepare`` and ``notify``. Nowhere
else, in no log, answer, page, status, failure or database, however the message fails. (A robot that answers too late is
covered by ``tests/activities``: waiting for the time-out here would take longer than all the rest.)
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from tests.e2e.server import Server, readable
from tests.e2e.ways import new_id, options
from tests.support.processes import until
from tests.support.stack import TEMPLATE, Stack, running_stack

CANARY = "CANARY"
SIGNED = f"{CANARY}-signed-0123456789"
SIGNED_WRONGLY = f"{CANARY}-signed-wrongly-0123456789"
SECRET = f"SEC{CANARY}0123456789abcdef0123456789abcdef"
ECHO = f"no such robot: /robot/send?access_token={CANARY}-a-robot-that-refuses-with-an-errcode-0123456789"

ASK = """
FormatVersion: OOS-2019-06-01
Parameters:
  url: {Type: String, NoEcho: NOECHO}
Tasks:
  - Name: ask
    Action: ACS::Approve
    Properties:
      NotifyType: WebHook
      WebHook: {URI: '{{ url }}', Content: {msgtype: text, text: {content: 'May I?'}}}
"""
"""A template that only asks; NOECHO is true or false."""


MISFIT = """
FormatVersion: OOS-2019-06-01
Parameters:
  value: {Type: String, NoEcho: true}
Tasks:
  - Name: first
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}
  - Name: second
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeInstances}
    Outputs: {x: {ValueSelector: '"{{ value }}" | tonumber'}}
Outputs:
  program: {Value: {'Fn::Jq': [First, tonumber, '{{ value }}']}}
  function: {Value: {'Fn::Sum': ['{{ value }}']}}
  condition: {Value: {'Fn::If': ['{{ value }}', 1, 2]}}
"""
"""A template in which a secret value fits nowhere: every message about it would quote it."""


@dataclass
class Told:
    """Everything that Caboose and Temporal tell about the executions: texts by where they were found."""

    executions: dict[str, str] = field(default_factory=dict)
    surfaces: dict[str, str] = field(default_factory=dict)
    histories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)


class Story:
    """Runs the executions, each with a canary of its own, and collects what was told."""

    def __init__(self, stack: Stack, server: Server) -> None:
        self.stack, self.server, self.told = stack, server, Told()

    def webhook(self, name: str, base: str = "") -> str:
        """A robot's address whose token is a canary."""
        slug = re.sub(r"\W+", "-", name)
        return f"{base or self.stack.simulator.url}/robot/send?access_token={CANARY}-{slug}-0123456789"

    def ask(self, name: str, url: str, *, no_echo: bool = False) -> str:
        """Starts an execution that posts to the address."""
        content = ASK.replace("NOECHO", str(no_echo).lower())
        execution_id = self.stack.start({"url": url}, TemplateContent=content)
        self.told.executions[name] = execution_id
        return execution_id

    def run(self, name: str, url: str = "", *, decision: str = "Approve", no_echo: bool = False) -> None:
        """Starts, waits until the message was posted or given up, decides, and waits for the end."""
        execution_id = self.ask(name, url or self.webhook(name), no_echo=no_echo)
        self.stack.wait_for_approval(execution_id)
        self.end(name, decision)

    def end(self, name: str, decision: str) -> None:
        """Looks at the page, decides, waits for the end and collects."""
        execution_id = self.told.executions[name]
        waiting = self.stack.get(execution_id)
        page = self.stack.http.get(waiting["Waiting"][0]["ApprovalLink"])
        assert page.status_code == 200
        self.told.surfaces[f"page of {name}"] = page.text
        self.collect(name, "while it waits")
        self.stack.notify(execution_id, decision, NotifyNote="a note")
        self.told.outcomes[name] = {**self.stack.finish(execution_id), "Waited": waiting}
        self.collect(name, "at its end")

    def collect(self, name: str, when: str) -> None:
        """What is told about one execution by the API, Temporal and its CLI."""
        execution_id = self.told.executions[name]
        surfaces = self.told.surfaces
        for path in ("", "/tasks", "/tasks?IncludeChildTaskExecution=true", "/logs?MaxResults=100"):
            surfaces[f"GET {path} of {name} {when}"] = self.stack.http.get(f"/executions/{execution_id}{path}").text
        with self.stack.http.stream("GET", f"/executions/{execution_id}/events") as events:
            surfaces[f"events of {name} {when}"] = next(line for line in events.iter_lines() if "data: " in line)
        description = self.server.describe(execution_id)
        told = readable(MessageToDict(description.raw_description))
        surfaces[f"description of {name} {when}"] = json.dumps(told, ensure_ascii=False)
        surfaces[f"memo of {name} {when}"] = json.dumps(self.server.run(description.memo())) + execution_id
        surfaces[f"details of {name} {when}"] = self.server.details(execution_id)
        self.told.histories[name] = self.server.events(execution_id)

    def describe_by_cli(self, name: str) -> None:
        """What ``temporal workflow describe`` prints, as text and as JSON."""
        arguments = ["workflow", "describe", "--workflow-id", self.told.executions[name]]
        for format in ("text", "json"):
            printed = self.stack.temporal_cli(*arguments, "--output", format).stdout
            self.told.surfaces[f"temporal workflow describe of {name} as {format}"] = printed

    def collect_the_rest(self) -> None:
        """What is told about all of them together."""
        stack, surfaces = self.stack, self.told.surfaces
        surfaces["GET /executions"] = stack.http.get("/executions").text
        surfaces["GET /metrics"] = stack.http.get("/metrics").text
        surfaces["temporal workflow list"] = stack.temporal_cli("workflow", "list", "--output", "json").stdout
        surfaces["caboose executions list"] = stack.caboose("executions", "list").stdout
        shown = stack.caboose("executions", "show", self.told.executions["the main job"])
        surfaces["caboose executions show of the main job"] = shown.stdout
        logged = stack.caboose("executions", "logs", self.told.executions["the main job"])
        surfaces["caboose executions logs of the main job"] = logged.stdout
        self.describe_by_cli("the main job")
        self.describe_by_cli("bad start by a Temporal client")
        for log in (stack.worker.log, stack.api.log, stack.temporal.log):
            surfaces[log.name] = log.read_text(errors="replace")
        for file in sorted(Path(stack.env["CABOOSE_DATA_DIR"]).iterdir()):
            surfaces[f"data folder: {file.name}"] = file.read_bytes().decode("latin-1")


ROBOT_FAULTS: dict[str, dict[str, Any]] = {
    "a robot that refuses with an errcode": {"kind": "error", "errcode": 300001, "message": ECHO},
    "a robot that answers 404": {"kind": "error", "http_status": 404, "body": ECHO},
    "a robot that answers 503": {"kind": "error", "http_status": 503, "body": ECHO},
    "a robot that answers no JSON": {"kind": "error", "http_status": 200, "body": f"<html>{ECHO}"},
    "a robot that hangs up": {"kind": "drop_after"},
}


def with_faults(story: Story) -> None:
    """One execution for each way in which a robot that is there can fail."""
    for name, fault in ROBOT_FAULTS.items():
        story.stack.simulator.fault("robot", **fault)
        story.run(name, decision="Reject" if "404" in name else "Approve")


def with_addresses_that_are_refused(story: Story) -> None:
    """Addresses to which nothing is sent, with the canary in each of their parts."""
    addresses = [
        f"https://hooks.example.com/services?access_token={CANARY}-host-0123456789",
        f"https://user:{CANARY}@oapi.dingtalk.com/robot/send?access_token=x",
        f"not an address, access_token={CANARY}-text",
        f"https://[::1/robot/send?access_token={CANARY}-bracket",
    ]
    names = [f"refused address {number}" for number in range(len(addresses))]
    for name, address in zip(names, addresses, strict=True):
        story.ask(name, address)
    for name in names:
        story.stack.wait_for_approval(story.told.executions[name])
        story.end(name, "Approve")


def with_a_robot_that_is_not_there(story: Story) -> None:
    """Connection refused, looked at between two tries; then the robot is back."""
    name = "connection refused"
    story.stack.simulator.kill()
    execution_id = story.ask(name, story.webhook("connection-refused"))
    until(lambda: "no connection to the robot" in _description(story, execution_id), "the first try has failed")
    story.describe_by_cli(name)
    story.end(name, "Approve")
    story.stack.simulator.start()


def with_a_name_that_is_not_known(story: Story) -> None:
    """A host that doesn't resolve. Nothing but the simulator's host may be such a one, so the worker is told so."""
    stack, name = story.stack, "no such host"
    stack.worker.kill()
    stack.worker.env["CABOOSE_SIMULATOR_URL"] = "http://nowhere.invalid"
    stack.worker.start()
    execution_id = story.ask(name, story.webhook("no-such-host", "http://nowhere.invalid"))
    until(lambda: "no connection to the robot" in _description(story, execution_id), "the first try has failed")
    story.end(name, "Reject")


def _description(story: Story, execution_id: str) -> str:
    return str(story.server.describe(execution_id).raw_description)


def with_bad_starts(story: Story) -> None:
    """Starts that fail, with canaries in what is wrong."""
    stack, told = story.stack, story.told
    url = story.webhook("bad-start")
    wrong = {"webHookUrl": [url], "targets": url, "rateControl": url, url: "x", "atAll": {"a": url}}
    answer = stack.http.post("/executions", json={"TemplateName": TEMPLATE, "Parameters": wrong, "Mode": url})
    assert answer.status_code == 400
    told.surfaces["answer to a bad start"] = answer.text
    done = stack.caboose("run", TEMPLATE, *options({"targets": url, "webHookUrl": url, url: "x"}), check=False)
    assert done.returncode == 1
    told.surfaces["caboose run that fails"] = done.stdout + done.stderr
    name = "bad start by a Temporal client"
    told.executions[name] = story.server.start(new_id(), {"TemplateName": TEMPLATE, "Parameters": wrong})
    told.surfaces[f"failure of {name}"] = str(story.server.failure(told.executions[name]))
    told.outcomes[name] = stack.get(told.executions[name])
    story.collect(name, "at its end")


def with_a_secret_that_fits_nowhere(story: Story) -> None:
    """Fails in an activity, in the programs of workflow code and in functions."""
    name = "a secret that fits nowhere"
    parameters = {"value": f"{CANARY}-misfit-0123456789"}
    story.told.executions[name] = story.stack.start(parameters, TemplateContent=MISFIT)
    story.told.outcomes[name] = story.stack.finish(story.told.executions[name])
    story.collect(name, "at its end")
    story.told.surfaces[f"failure of {name}"] = str(story.server.failure(story.told.executions[name]))


def with_the_stored_template(story: Story) -> None:
    """The main job, started by its name as the type and by the API."""
    stack, name = story.stack, "the main job"
    stack.simulator.put_instances(1)
    parameters = {**stack.parameters(["i-sim00001"]), "webHookUrl": story.webhook("main-job")}
    story.told.executions[name] = story.server.start(new_id(), parameters, workflow_type=TEMPLATE)
    stack.wait_for_approval(story.told.executions[name])
    story.end(name, "Approve")


PARTS: list[Callable[[Story], None]] = [
    lambda story: story.run("a robot that answers"),
    lambda story: story.run("a secret parameter", no_echo=True),
    lambda story: story.run("a signed message", f"{story.stack.simulator.url}/robot/send?access_token={SIGNED}"),
    lambda story: story.run("a wrong secret", f"{story.stack.simulator.url}/robot/send?access_token={SIGNED_WRONGLY}"),
    with_faults,
    with_addresses_that_are_refused,
    with_a_secret_that_fits_nowhere,
    with_the_stored_template,
    with_bad_starts,
    with_a_robot_that_is_not_there,
    with_a_name_that_is_not_known,  # the last, because the worker then knows no other host
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The whole story, told by a stack of its own: its logs and its database hold nothing else."""
    secrets = json.dumps({SIGNED: SECRET, SIGNED_WRONGLY: f"{SECRET}-wrong"})
    with (
        running_stack(Path(tmp_path_factory.mktemp("canary")), CABOOSE_WEBHOOK_SECRETS=secrets) as stack,
        Server(stack) as server,
    ):
        stack.simulator.reset(transition_seconds=0)
        stack.simulator.put_groups({SIGNED: {"secret": SECRET}, SIGNED_WRONGLY: {"secret": SECRET}})
        story = Story(stack, server)
        for part in PARTS:
            part(story)
        story.collect_the_rest()
        yield story.told


def test_the_story_is_what_it_should_be(told: Told) -> None:
    """Without this the search below could find nothing because nothing happened."""
    failed = [name for name, record in told.outcomes.items() if record["Status"] == "Failed"]
    assert failed == ["a secret that fits nowhere", "bad start by a Temporal client"]
    assert str(told.outcomes["a secret that fits nowhere"]["Notes"]).count("***") == 3
    delivered = {
        name: record["Waited"]["Approvals"][0]["Notification"]["Delivered"]
        for name, record in told.outcomes.items()
        if "Waited" in record
    }
    assert delivered == {
        "a robot that answers": True,
        "a secret parameter": True,
        "a signed message": True,
        "a wrong secret": False,
        "a robot that refuses with an errcode": False,
        "a robot that answers 404": False,
        "a robot that answers 503": True,  # at the second try
        "a robot that answers no JSON": True,
        "a robot that hangs up": True,
        **{f"refused address {number}": False for number in range(4)},
        "the main job": True,
        "connection refused": None,  # still trying
        "no such host": None,
    }
    for name in ("503", "no JSON", "hangs up"):
        last = json.dumps(told.histories[next(each for each in told.histories if name in each)])
        assert "lastFailure" in last


def test_no_canary_is_told_anywhere(told: Told) -> None:
    leaks = {
        where: [text[max(0, each.start() - 80) : each.end() + 40] for each in re.finditer(CANARY, text)][:2]
        for where, text in told.surfaces.items()
        if CANARY in text
    }
    assert not leaks, json.dumps(leaks, indent=1)


def test_the_search_looked_at_something(told: Told) -> None:
    for name, execution_id in told.executions.items():
        seen = [where for where, text in told.surfaces.items() if name in where and execution_id in text]
        assert len(seen) >= 4, (name, seen)
    main_job = told.executions["the main job"]
    assert main_job in told.surfaces["GET /executions"]
    assert main_job in told.surfaces["temporal workflow list"]
    assert any(main_job in text for where, text in told.surfaces.items() if where.startswith("data folder: caboose.db"))
    assert "no connection to the robot" in told.surfaces["temporal workflow describe of connection refused as text"]
    assert "access_token=***" in told.surfaces["GET  of a robot that answers at its end"]
    assert "ready, task queue" in told.surfaces["worker.log"]
    assert "/executions" in told.surfaces["api.log"]


def test_in_history_it_is_in_inputs_only(told: Told) -> None:
    for name, events in told.histories.items():
        if name == "a secret that fits nowhere":
            continue  # it is an input of calls and programs, and their failures quote it
        found = {place for event in events for place in places(event)}
        allowed = {"workflowExecutionStarted.input", "activityTaskScheduled(prepare).input"}
        if not name.startswith("bad start"):
            allowed.add("activityTaskScheduled(notify).input")
        assert found == allowed, (name, found)


def test_a_signing_secret_is_not_even_there(told: Told) -> None:
    assert SECRET not in json.dumps(told.histories)


def places(event: dict[str, Any]) -> Iterator[str]:
    """Where in an event a canary is, such as ``activityTaskScheduled(notify).input``."""
    for name, value in event.items():
        if CANARY not in json.dumps(value, ensure_ascii=False):
            continue
        if not isinstance(value, dict):
            yield name
            continue
        kind = name.removesuffix("EventAttributes")
        activity = value.get("activityType", {}).get("name")
        for part, content in value.items():
            if CANARY in json.dumps(content, ensure_ascii=False):
                yield f"{kind}({activity}).{part}" if activity else f"{kind}.{part}"
