"""Commands and what became of them: Cloud Assistant's side of RunCommand. Nothing is really run.

What a command would do is what a test says it does (`PUT /_simulator/commands`); a command that nobody has spoken of
ends well and says that it was simulated. The outcome is settled when the command is given and shows when its time has
come.

InvocationStatus and the older InvokeStatus say different things: a script that ended with 3 is Failed in the one and
Finished in the other, which knows no exit codes and calls only that Failed what never came to an end by itself.
"""

import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from caboose.simulator.instances import Instance
from caboose.simulator.resources import Clock, Resource

OLDER_WORDS = {"Running": "Running", "Success": "Finished", "Failed": "Finished", "Terminated": "Stopped"}
"""InvokeRecordStatus of an InvocationStatus; of all others it is Failed."""
ERRORS = {
    "Failed": ("ExitCodeNonzero", "The exit code of the command is not 0."),
    "Timeout": ("ExecutionTimeout", "The execution of the command timed out."),
    "Error": ("ExecutionException", "An exception occurred when the command was run."),
    "Aborted": ("InstanceNotRunning", "The instance is not in the Running state."),
    "Invalid": ("CommandNotApplicable", "The command is not applicable to the instance."),
}


class Outcome(BaseModel):
    """What a command does on an instance.

    It is for commands whose content has ``Contains`` in it, on ``InstanceId`` when that is given, ``Times`` times when
    that is given. Left out, ``InvocationStatus`` follows the exit code, and ``Seconds`` is how long changes take.
    """

    model_config = ConfigDict(extra="forbid")

    Contains: str = ""
    InstanceId: str | None = None
    Times: int | None = Field(None, ge=1)
    ExitCode: int = 0
    Output: str | None = None
    InvocationStatus: Literal["Success", "Failed", "Timeout", "Error", "Aborted", "Invalid", "Terminated"] | None = None
    Seconds: float | None = Field(None, ge=0)


OUTCOMES: TypeAdapter[list[Outcome]] = TypeAdapter(list[Outcome])


@dataclass
class Run:
    """A command on one instance."""

    instance_id: str
    status: str
    exit_code: int
    output: str
    started: float
    ends: float

    def status_at(self, now: float) -> str:
        """Its InvocationStatus."""
        return self.status if now >= self.ends else "Running"

    def end_at(self, now: float) -> str:
        """When it ended, '' while it runs."""
        return time_text(self.ends) if now >= self.ends else ""


@dataclass
class Command:
    """What is to be run: of a call to RunCommand, or kept by CreateCommand."""

    id: str
    type: str
    content: str
    fields: dict[str, Any] = field(default_factory=dict)


class Invocation(Resource):
    """One call of RunCommand or InvokeCommand."""

    def __init__(
        self, position: int, command: Command, parameters: Mapping[str, str], runs: Sequence[Run], clock: Clock
    ) -> None:
        super().__init__(position, f"t-sim{position:05d}", {}, clock)
        self.command = command
        self.parameters = parameters
        self.runs = runs

    @property
    def record(self) -> dict[str, Any]:
        """The invocation as DescribeInvocations shows it, without outputs."""
        return self.shown()

    def shown(self, *, output: bool = False, plain: bool = False) -> dict[str, Any]:
        """The invocation as DescribeInvocations shows it."""
        states = [run.status_at(self._clock()) for run in self.runs]
        content = self.command.content
        return {
            **self.command.fields,
            "InvokeId": self.id,
            "CommandId": self.command.id,
            "CommandType": self.command.type,
            "CommandContent": content if plain else _base64(content),
            "CreationTime": time_text(self.runs[0].started),
            "InvocationStatus": _together(states, "Success"),
            "InvokeStatus": _together([_older(state) for state in states], "Finished"),
            "Parameters": self.parameters.get("Parameters", "{}"),
            "RepeatMode": "Once",
            "Frequency": "",
            "Timed": False,
            "InvokeInstances": {"InvokeInstance": [self._instance(run, output, plain) for run in self.runs]},
        }

    def result(self, run: Run, *, plain: bool = False) -> dict[str, Any]:
        """What DescribeInvocationResults tells of one instance."""
        now = self._clock()
        state, end = run.status_at(now), run.end_at(now)
        return {
            "InvokeId": self.id,
            "CommandId": self.command.id,
            "InstanceId": run.instance_id,
            "InvocationStatus": state,
            "InvokeRecordStatus": _older(state),
            "StartTime": time_text(run.started),
            "FinishedTime": end,
            "StopTime": end if state == "Terminated" else "",
            "Username": self.parameters.get("Username", "root"),
            **self._told(run, state, plain),
        }

    def stop(self, instance_ids: Sequence[str]) -> None:
        """End what still runs, on these instances or on all."""
        now = self._clock()
        for run in self.runs:
            if now < run.ends and (not instance_ids or run.instance_id in instance_ids):
                run.status, run.output, run.ends = "Terminated", "", now

    def _instance(self, run: Run, output: bool, plain: bool) -> dict[str, Any]:
        now = self._clock()
        state, end = run.status_at(now), run.end_at(now)
        told = self._told(run, state, plain)
        if not output:
            told["Output"] = ""
        return {
            "InstanceId": run.instance_id,
            "InvocationStatus": state,
            "InstanceInvokeStatus": _older(state),
            "CreationTime": time_text(run.started),
            "StartTime": time_text(run.started),
            "UpdateTime": end or time_text(run.started),
            "FinishTime": end,
            "StopTime": end if state == "Terminated" else "",
            "Timed": False,
            **told,
        }

    def _told(self, run: Run, state: str, plain: bool) -> dict[str, Any]:
        code, info = ERRORS.get(state, ("", ""))
        ended = state in ("Success", "Failed")
        text = run.output if ended else ""
        told = {"Output": text if plain else _base64(text), "Dropped": 0, "ErrorCode": code, "ErrorInfo": info}
        return {**told, "Repeats": 1 if ended else 0, **({"ExitCode": run.exit_code} if ended else {})}


class Outcomes:
    """What tests have said about commands."""

    def __init__(self, seconds: float, clock: Clock = time.time) -> None:
        self._seconds = seconds
        self._clock = clock
        self._outcomes: list[Outcome] = []

    def replace(self, outcomes: Any) -> int:
        """Make these the outcomes of the commands to come; the first that fits counts.

        Raises:
            pydantic.ValidationError: when they aren't a list of outcomes.
        """
        self._outcomes = OUTCOMES.validate_python(outcomes)
        return len(self._outcomes)

    def run(self, command: Command, content: str, instance: Instance) -> Run:
        """What the command does on an instance."""
        outcome = self._take(content, instance.id)
        status = outcome.InvocationStatus or ("Failed" if outcome.ExitCode else "Success")
        seconds = self._seconds if outcome.Seconds is None else outcome.Seconds
        windows = instance.record["OSType"] == "windows"
        if instance.status != "Running":
            status, seconds = "Aborted", 0
        elif windows != (command.type in ("RunBatScript", "RunPowerShellScript")):
            status, seconds = "Invalid", 0
        output = f"Simulated on {instance.id}.\n" if outcome.Output is None else outcome.Output
        now = self._clock()
        return Run(instance.id, status, outcome.ExitCode, output, now, now + seconds)

    def _take(self, content: str, instance_id: str) -> Outcome:
        for outcome in self._outcomes:
            if outcome.Contains in content and outcome.InstanceId in (None, instance_id):
                if outcome.Times is not None:
                    outcome.Times -= 1
                    if outcome.Times == 0:
                        self._outcomes.remove(outcome)
                return outcome
        return Outcome()


def time_text(moment: float) -> str:
    """A moment as Cloud Assistant writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _older(state: str) -> str:
    return OLDER_WORDS.get(state, "Failed")


def _together(states: Sequence[str], well: str) -> str:
    """The state of all instances together, from their own."""
    kinds = set(states)
    if "Running" in kinds:
        return "Running"
    stopped = kinds & {"Terminated", "Stopped"}
    if kinds <= {well, *stopped}:
        return well if well in kinds else "Stopped"
    return "PartialFailed" if well in kinds or stopped else "Failed"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
