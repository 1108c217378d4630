"""``python -m benchmarks.executions``: whole executions, beside a workflow written by hand for the same job.

One server, one simulated cloud, one store, and for each of the two a worker process with the same settings. Both
restart the same machines after the same approval. What is compared is the time from the approval to the end, the
workers' processor time, and the events and bytes of all histories: as ratios, because machines differ and are busy.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from temporalio.client import Client

from benchmarks.handwritten import APPROVED, TASK_QUEUE, Job, RestartWithApproval
from benchmarks.processes import Used, used
from tests.support.processes import Process, until
from tests.support.stack import Stack, running_stack

CONCURRENCY = 50
_REGION = "cn-hangzhou"
ONE_CALL = {
    "FormatVersion": "OOS-2019-06-01",
    "Parameters": {"ids": {"Type": "List"}},
    "Tasks": [
        {
            "Name": "reboot",
            "Action": "ACS::ExecuteAPI",
            "Properties": {
                "Service": "ECS",
                "API": "RebootInstance",
                "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}"},
            },
            "Loop": {"Items": "{{ ids }}", "RateControl": {"Concurrency": CONCURRENCY}},
        }
    ],
}


@dataclass(frozen=True)
class Measured:
    """One execution: seconds from the approval to the end, the worker's seconds of processor time, and the events and
    bytes of its histories."""

    seconds: float
    cpu: float
    events: int
    size: int

    def ratio(self, other: "Measured") -> dict[str, float]:
        """This one's numbers in units of the other's."""
        mine, others = asdict(self), asdict(other)
        return {name: round(mine[name] / others[name], 3) for name in mine}


async def _histories(client: Client, workflow_id: str) -> tuple[int, int]:
    """The events and bytes of a workflow with all its runs and its children."""
    events = size = 0
    async for each in client.list_workflows(f"WorkflowId STARTS_WITH '{workflow_id}'"):
        info = (await client.get_workflow_handle(each.id, run_id=each.run_id).describe()).raw_description
        events += info.workflow_execution_info.history_length
        size += info.workflow_execution_info.history_size_bytes
    return events, size


async def _end(client: Client, workflow_id: str) -> None:
    await client.get_workflow_handle(workflow_id).result(rpc_timeout=None)


async def of_caboose(stack: Stack, client: Client) -> Measured:
    """The example's template, started and approved over HTTP."""
    control = {"Mode": "Concurrency", "Concurrency": CONCURRENCY, "MaxErrors": 0}
    parameters = {**stack.parameters([]), "targets": {"Type": "All"}, "rateControl": control}
    execution_id = await asyncio.to_thread(stack.start, parameters, SafetyCheck="Skip")
    await asyncio.to_thread(stack.wait_for_approval, execution_id)
    pid = stack.worker.running.pid
    before = used(pid)
    begun = time.perf_counter()
    await asyncio.to_thread(stack.notify, execution_id, "Approve")
    await _end(client, execution_id)
    seconds = time.perf_counter() - begun
    return Measured(seconds, used(pid).cpu - before.cpu, *await _histories(client, execution_id))


async def by_hand(stack: Stack, client: Client, worker: Process) -> Measured:
    """The workflow written by hand, approved by its signal."""
    job = Job(_REGION, CONCURRENCY, stack.simulator.webhook())
    name = f"handwritten-{time.time_ns()}"
    handle = await client.start_workflow(RestartWithApproval.run, job, id=name, task_queue=TASK_QUEUE)
    await asyncio.to_thread(until, lambda: len(stack.simulator.messages()) > 0, "the message is posted")
    pid = worker.running.pid
    before = used(pid)
    begun = time.perf_counter()
    await handle.signal(APPROVED)
    await _end(client, name)
    seconds = time.perf_counter() - begun
    return Measured(seconds, used(pid).cpu - before.cpu, *await _histories(client, name))


def _middle(found: list[Measured]) -> Measured:
    return Measured(*(median(getattr(each, name) for each in found) for name in ("seconds", "cpu", "events", "size")))


async def compared(stack: Stack, worker: Process, instances: int, rounds: int) -> dict[str, Any]:
    """Both in turn, ``rounds`` times; medians, and their ratios."""
    client = await stack.temporal_client()
    ours: list[Measured] = []
    theirs: list[Measured] = []
    for _ in range(rounds):
        ours.append(await _counted(stack, instances, of_caboose(stack, client)))
        theirs.append(await _counted(stack, instances, by_hand(stack, client, worker)))
    mine, others = _middle(ours), _middle(theirs)
    return {
        "instances": instances,
        "caboose": asdict(mine),
        "by hand": asdict(others),
        "ratio": mine.ratio(others),
        "events an item": round(mine.events / instances, 2),
        "bytes an item": round(mine.size / instances),
    }


async def _counted(stack: Stack, instances: int, work: Awaitable[Measured]) -> Measured:
    """Does the work with so many new machines, and makes sure that each was restarted once."""
    stack.simulator.reset(transition_seconds=0)
    stack.simulator.put_instances({"count": instances})
    measured = await work
    calls = len(stack.reboots())
    if calls != instances:
        raise RuntimeError(f"{calls} restarts of {instances} machines: the comparison is void")
    return measured


async def latencies(stack: Stack, times: int) -> dict[str, dict[str, float]]:
    """Seconds from a start to its first call, and from an approval to the next call."""
    stack.simulator.reset(transition_seconds=0)
    stack.simulator.put_instances({"count": 1})
    first, following = [], []
    known = stack.simulator.instances()[0]["InstanceId"]
    for number in range(times):
        robot = stack.simulator.webhook(f"group-{number:04d}")  # one takes 20 messages a minute
        parameters = stack.parameters([known], webHookUrl=robot)
        seconds, execution_id = await _until_call(stack, "DescribeInstances", stack.start, parameters)
        first.append(seconds)
        await asyncio.to_thread(stack.wait_for_approval, execution_id)
        seconds, _ = await _until_call(stack, "RebootInstance", stack.notify, execution_id, "Approve")
        following.append(seconds)
        await asyncio.to_thread(stack.finish, execution_id)
    return {"start to first call": _spread(first), "approval to next call": _spread(following)}


async def _until_call(stack: Stack, action: str, work: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """The seconds from the work's beginning to the next call of the action, and what the work gave."""
    before = len(stack.simulator.calls(action))
    begun = time.time()
    given = await asyncio.to_thread(work, *arguments)
    while True:
        calls = stack.simulator.calls(action)
        if len(calls) > before:
            return datetime.fromisoformat(calls[before]["time"]).timestamp() - begun, given
        await asyncio.sleep(0.005)


def _spread(seconds: list[float]) -> dict[str, float]:
    hundredths = quantiles(seconds, n=100)
    return {"p50": round(hundredths[49], 4), "p99": round(hundredths[98], 4)}


async def memory(folder: Path, items: int) -> dict[str, Any]:
    """The worker's memory at most in a loop of so many items, in a stack of its own."""
    with running_stack(folder / f"memory-{items}") as stack:
        stack.simulator.reset(transition_seconds=0)
        ids = [f"i-{number:06d}" for number in range(items)]
        stack.simulator.put_instances([{"InstanceId": each} for each in ids])
        client = await stack.temporal_client()
        begun = time.perf_counter()
        text = json.dumps(ONE_CALL)
        execution_id = await asyncio.to_thread(stack.start, {"ids": ids}, TemplateContent=text, SafetyCheck="Skip")
        await _end(client, execution_id)
        seconds = time.perf_counter() - begun
        longest = await _longest_history(client, execution_id)
        peak: Used = used(stack.worker.running.pid)
        return {"items": items, "peak MB": round(peak.peak), "seconds": round(seconds), "longest history": longest}


async def _longest_history(client: Client, workflow_id: str) -> int:
    longest = 0
    async for each in client.list_workflows(f"WorkflowId STARTS_WITH '{workflow_id}'"):
        info = (await client.get_workflow_handle(each.id, run_id=each.run_id).describe()).raw_description
        longest = max(longest, info.workflow_execution_info.history_length)
    return longest


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: list[tuple[bool, Callable[[], Awaitable[None]]]] = [
            (bool(arguments.instances), lambda: _side_by_side(folder, arguments, found)),
            (bool(arguments.items), lambda: _memories(folder, arguments, found)),
        ]
        for wanted, part in parts:
            if wanted:
                await part()
    return found


async def _side_by_side(folder: Path, arguments: argparse.Namespace, found: dict[str, Any]) -> None:
    with running_stack(folder / "side-by-side") as stack:
        env = {**stack.env, "CABOOSE_TASK_QUEUE": TASK_QUEUE}
        command = [sys.executable, "-m", "benchmarks.handwritten"]
        worker = Process("handwritten", command, folder / "handwritten.log", env)
        worker.start()
        worker.wait_for_log("ready, task queue")
        try:
            found["side by side"] = [
                await compared(stack, worker, each, arguments.rounds) for each in arguments.instances
            ]
            if arguments.latencies:
                found["latencies"] = await latencies(stack, arguments.latencies)
        finally:
            worker.kill()


async def _memories(folder: Path, arguments: argparse.Namespace, found: dict[str, Any]) -> None:
    found["memory"] = [await memory(folder, each) for each in arguments.items]
    first, last = found["memory"][0], found["memory"][-1]
    found["memory ratio"] = round(last["peak MB"] / first["peak MB"], 2)


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.executions", description=__doc__)
    parser.add_argument("--instances", type=int, nargs="*", default=[1_000, 10_000], help="machines to restart")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--latencies", type=int, default=200, help="starts and approvals to measure")
    parser.add_argument("--items", type=int, nargs="*", default=[1_000, 100_000], help="loops to take the memory of")
    print(json.dumps(asyncio.run(run(parser.parse_args())), indent=1))


if __name__ == "__main__":
    main()
