"""Running real templates: for each a region of its own in the simulator, with machines in it, and values to start with.

A region keeps templates apart that select or delete whatever they find, so that all of them run at once in one stack.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caboose.oos.compiling.compile import compile_template
from caboose.oos.plan import Parameter
from tests.corpus.answerable import real_library
from tests.corpus.sensible import value_for
from tests.simulator.client import call
from tests.support.processes import until
from tests.support.stack import FINAL, Stack

GROUP = "corpus"


@dataclass(frozen=True)
class Place:
    """A template's own region, and what is in it."""

    number: int

    @property
    def region(self) -> str:
        """The region's name, as good as any."""
        return f"cn-t{self.number:03d}"

    @property
    def on(self) -> str:
        """An instance that runs."""
        return f"i-{self.number:03d}on"

    @property
    def also_on(self) -> str:
        """Another one."""
        return f"i-{self.number:03d}too"

    @property
    def off(self) -> str:
        """An instance that is stopped."""
        return f"i-{self.number:03d}off"

    @property
    def address(self) -> str:
        """The public address of the first."""
        return f"198.51.{self.number % 250}.1"

    @property
    def group(self) -> str:
        """The security group of all three."""
        return f"sg-{self.number:03d}"

    def instances(self, fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The instances for the simulator; ``fields`` are what a template needs them to have."""
        for place, (instance_id, status) in enumerate(
            ((self.on, "Running"), (self.also_on, "Running"), (self.off, "Stopped"))
        ):
            yield {
                "InstanceId": instance_id,
                "InstanceName": f"machine-{place}",
                "Status": status,
                "RegionId": self.region,
                "Tags": {"env": "prod", "number": str(place)},
                "PublicIpAddress": {"IpAddress": [f"198.51.{self.number % 250}.{place + 1}"]},
                "SecurityGroupIds": {"SecurityGroupId": [self.group]},
                **fields,
            }


@dataclass(frozen=True)
class Needs:
    """What a template needs beside the usual: parameters, fields of its machines, calls to make before it starts."""

    parameters: dict[str, Any] = field(default_factory=dict)
    machines: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Stack, Place], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Ran:
    """What came of a template: a status, or ``Refused`` when it couldn't be started."""

    path: Path
    status: str
    why: str = ""


def usual(parameter: Parameter, place: Place, stack: Stack) -> Any:
    """A value for a parameter by what its name says; None where it says nothing."""
    targets = {"Type": "ResourceIds", "ResourceIds": [place.on, place.also_on], "RegionId": place.region}
    known: dict[str, Any] = {
        "targets": json.dumps(targets) if parameter.type == "String" else targets,
        "instanceid": place.on,
        "instanceids": [place.on, place.also_on],
        "regionid": place.region,
        "region": place.region,
        "zoneid": [f"{place.region}-k"] if parameter.type == "List" else f"{place.region}-k",
        "webhook": stack.simulator.webhook(GROUP),
        "webhookurl": stack.simulator.webhook(GROUP),
        "diskid": f"d-{place.number:03d}on",
        "diskids": [f"d-{place.number:03d}on"],
        "securitygroupid": place.group,
        "securitygroupids": [place.group],
        "instancetype": ["ecs.g7.large"] if parameter.type == "List" else "ecs.g7.large",
        "tags": [{"Key": "env", "Value": "prod"}],
        "tagkey": "env",
        "tagvalue": "prod",
        "tagkeys": ["env"],
        "commandtype": "RunShellScript",
    }
    return known.get(parameter.name.lower())


def values(declared: dict[str, Parameter], place: Place, stack: Stack) -> dict[str, Any]:
    """Values for the parameters that need one, and for roles, whose default the simulator doesn't trust."""
    found = {}
    for name, parameter in declared.items():
        if name.lower() == "oosassumerole":
            found[name] = ""
        elif not parameter.has_default or name.lower().startswith("webhook"):
            value = usual(parameter, place, stack)
            found[name] = value_for(parameter) if value is None else value
    return found


def start(stack: Stack, path: Path, place: Place, needs: Needs) -> tuple[str, str]:
    """Starts a template in its region; gives the execution's id, or '' and why it was refused."""
    text = path.read_text("utf-8")
    plan = compile_template(text, real_library()).plan
    assert plan
    given = {**values(plan.body.parameters, place, stack), **_filled_in(needs.parameters, place)}
    if needs.before:
        given |= needs.before(stack, place)
    start = {"TemplateContent": text, "Parameters": given, "RegionId": place.region, "SafetyCheck": "Skip"}
    answer = stack.http.post("/executions", json=start)
    body = answer.json()
    if answer.status_code != 201:
        return "", f"{body['Code']}: {body['Message']}"
    return str(body["Execution"]["ExecutionId"]), ""


def run_all(stack: Stack, wanted: dict[Path, Needs], seconds: float = 120) -> list[Ran]:
    """Runs templates at once and tells what came of each; whatever waits for an approval gets it."""
    places = {path: Place(number) for number, path in enumerate(wanted, start=1)}
    machines = [each for path, needs in wanted.items() for each in places[path].instances(needs.machines)]
    stack.simulator.put_instances(machines)
    begun: dict[Path, str] = {}
    ended: dict[Path, Ran] = {}
    for path, needs in wanted.items():
        begun[path], why = start(stack, path, places[path], needs)
        if why:
            ended[path] = Ran(path, "Refused", why)

    def all_ended() -> bool:
        for path, execution_id in begun.items():
            if path not in ended:
                record = stack.get(execution_id)
                if record["Status"] == "Waiting":
                    stack.notify(execution_id, "Approve", Approver="tester")
                elif record["Status"] in FINAL:
                    ended[path] = Ran(path, record["Status"], record["StatusMessage"])
        return len(ended) == len(begun)

    try:
        until(all_ended, "all have ended", seconds)
    except AssertionError:
        for path in begun:
            ended.setdefault(path, Ran(path, stack.get(begun[path])["Status"], "it goes on"))
    return [ended[path] for path in begun]


def made(stack: Stack, place: Place, action: str, **parameters: str) -> dict[str, Any]:
    """Makes a call in a template's region before it starts."""
    answer = call(stack.simulator, action, {"RegionId": place.region, **parameters})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _filled_in(value: Any, place: Place) -> Any:
    """The value with what stands in for the region's own things: ``{off}``, ``{region}``."""
    if isinstance(value, str):
        for name in ("on", "also_on", "off", "region", "group", "address"):
            value = value.replace(f"{{{name}}}", getattr(place, name))
        return value
    if isinstance(value, list):
        return [_filled_in(each, place) for each in value]
    if isinstance(value, dict):
        return {key: _filled_in(each, place) for key, each in value.items()}
    return value
