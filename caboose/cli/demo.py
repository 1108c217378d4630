"""``caboose demo``: the whole story without a person, and a proof that all parts work together on this
machine.

The same processes as ``caboose up``, on free ports and in a folder that is removed afterwards; everything
that happens comes over HTTP, as it would from a person with a browser and a group chat. A story that doesn't
come to its good end ends the program with exit code 1 and the ends of the logs.
"""

import json
import os
import re
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from caboose.cli import services
from caboose.cli.approver import Approver
from caboose.cli.client import Client
from caboose.cli.errors import CliError
from caboose.cli.output import clean, console
from caboose.cli.services import Layout, Ports
from caboose.cli.supervisor import Supervisor, supervised
from caboose.cli.up import say
from caboose.cli.watch import Story, records, story
from caboose.settings import Settings

TEMPLATE = "reboot-with-approval"
MACHINES = 6
_PATIENCE_SECONDS = 180
_LINK = re.compile(r"https?://\S*/approvals/\S+")


def demo(
    transition_seconds: Annotated[
        float, typer.Option(min=0, help="How long a simulated machine takes to restart.")
    ] = 1.0,
) -> None:
    """Show the whole story: start everything, restart six machines with an approval, stop everything."""
    with tempfile.TemporaryDirectory(prefix="caboose-demo-") as folder:
        layout = Layout(
            data_dir=Path(folder),
            ports=Ports.free(),
            transition_seconds=transition_seconds,
            instances=MACHINES,
        )
        base = {name: value for name, value in os.environ.items() if not name.startswith("CABOOSE_")}
        env = services.environment(layout, base)
        services.migrate(env)
        with supervised(say) as supervisor:
            try:
                _start(layout, env, supervisor)
                _tell(layout, supervisor)
            except (CliError, httpx.HTTPError) as error:
                raise CliError(f"the demo failed: {error}\n\n{supervisor.logs()}") from None
    say("\nEverything is stopped, nothing is left behind. `caboose up` keeps it running for you.")


def _start(layout: Layout, env: dict[str, str], supervisor: Supervisor) -> None:
    chapter("Four processes start, on free ports and with their state in a temporary folder")
    for service in services.services(layout, env):
        supervisor.start(service)
        _unless_stopped(supervisor)


def _tell(layout: Layout, supervisor: Supervisor) -> None:
    settings = Settings(data_dir=layout.data_dir, api_url=layout.api_url)
    with Client(settings) as client, httpx.Client(base_url=layout.simulator_url, trust_env=False) as outside:
        machines = outside.get("/_simulator/instances").json()["instances"]
        chapter(f"The simulated cloud has {len(machines)} machines")
        for machine in machines:
            say(f"  {machine['InstanceId']}  {machine['InstanceName']}  {machine['Status']}")
        chapter(f"Somebody starts {TEMPLATE}; it selects the machines and asks for approval in the group chat")
        started = client.post("/executions", start_request(layout, machines))["Execution"]
        with story(console()) as told:
            record = _watch(client, started["ExecutionId"], outside, told, supervisor)
        _check(record, machines, outside)


def start_request(layout: Layout, machines: list[dict[str, Any]]) -> dict[str, Any]:
    """The start of the story, as StartExecution has it."""
    ids = [machine["InstanceId"] for machine in machines]
    return {
        "TemplateName": TEMPLATE,
        "Description": "demo",
        "Parameters": {
            "targets": {"Type": "ResourceIds", "ResourceIds": ids, "RegionId": "cn-hangzhou"},
            "rateControl": {"Mode": "Concurrency", "MaxErrors": 0, "Concurrency": 2},
            "webHookUrl": f"{layout.simulator_url}/robot/send?access_token=demo-group",
            "atMobiles": ["13900001234"],
            "OOSAssumeRole": "OpsRole",
        },
    }


def _watch(
    client: Client, execution_id: str, outside: httpx.Client, told: Story, supervisor: Supervisor
) -> dict[str, Any]:
    approved = False
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for record in records(client, execution_id):
        _unless_stopped(supervisor)
        supervisor.tick()
        told.update(record)
        if record.get("Waiting") and not approved:
            approved = _approve(outside)
        if time.monotonic() > deadline:
            raise CliError(f"{execution_id} is still {record['Status']} after {_PATIENCE_SECONDS} s")
    return record


def _approve(outside: httpx.Client) -> bool:
    """Approve through the newest message's link; false when there is no message yet."""
    messages = outside.get("/_simulator/messages").json()["messages"]
    if not messages:
        return False
    body = messages[-1]["body"]
    text = clean(str(body.get("text", {}).get("content", "")))
    chapter("The group chat shows")
    say("\n".join(f"  | {line}" for line in text.splitlines()))
    found = _LINK.search(text)
    if not found:
        raise CliError("the message in the group chat has no approval link")
    with Approver(found[0]) as alice:
        chapter("Alice opens the link (GET: shows what is decided, decides nothing)")
        page = alice.open()
        say(f"  {clean(page.title)}")
        say(f"  buttons: {', '.join(page.decisions)}")
        chapter("Alice presses Approve (POST: the form of the page)")
        after = alice.decide(page, decision="Approve", approver="Alice", note="go ahead")
        say(f"  {clean(after.notice or after.title)}")
    chapter("The execution goes on: two restarts at a time")
    return True


def _check(record: dict[str, Any], machines: list[dict[str, Any]], outside: httpx.Client) -> None:
    if record["Status"] != "Success":
        raise CliError(f"the execution ended as {record['Status']}: {record.get('StatusMessage')}")
    calls = outside.get("/_simulator/calls", params={"action": "RebootInstance"}).json()["calls"]
    chapter("The cloud received")
    for call in calls:
        say(f"  {call['time'][11:23]}  RebootInstance {call['instance_id']}: {call['outcome']}")
    times = Counter(call["instance_id"] for call in calls)
    wanted = Counter(machine["InstanceId"] for machine in machines)
    if times != wanted:
        raise CliError(f"expected one restart of each machine, got {json.dumps(times)}")
    say(f"\nSuccess: {len(calls)} machines, each restarted exactly once, after one approval.")


def chapter(text: str) -> None:
    """A line that says what comes."""
    say(f"\n== {text}")


def _unless_stopped(supervisor: Supervisor) -> None:
    if supervisor.stopping:
        raise CliError("stopped before the end")
