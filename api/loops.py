"""Large loops while they run: each is a workflow of its own that counts its items and knows those that aren't over.

The execution's own record hears of their counters now and then; who looks asks the loop. One that can't be asked is
shown as the execution last heard of it.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from api.context import Context
from api.problems import problem_of, with_problems
from api.records import Known, Record
from api.temporal import NoAnswer, NotFound, Unreachable
from caboose.oos.text import being_cancelled
from caboose.store import FINAL_STATUSES
from workflows.messages import GET_EXECUTION

_MOST_ASKED = 50
"""Loops within the items of loops can be many; of those beyond, what the store has is shown."""
_ENDED = (*FINAL_STATUSES, "Skipped")
_COUNTED = ("Success", "Failed", "Skipped", "Cancelled", "Running", "NotStarted")


@dataclass(frozen=True)
class LoopWorkflow:
    """A large loop: its task execution, its workflow, and whether it still runs."""

    task_execution_id: str
    workflow_id: str
    running: bool

    def holds(self, task_execution_id: str) -> bool:
        """Whether this is the loop's task execution or one below it."""
        mine = self.task_execution_id
        return task_execution_id == mine or task_execution_id.startswith(f"{mine}.")


async def with_exact_loops(ctx: Context, known: Known) -> Record:
    """The record with the counters of its large loops as they are at this moment."""
    record = known.record
    if known.stored or known.as_of or known.final:
        return record
    running = [task for task in record.get("Tasks", []) if _workflow_of(task) and not task.get("EndDate")][:_MOST_ASKED]
    answers, problems = await asyncio.gather(
        asyncio.gather(*(ask(ctx, _workflow_of(task)) for task in running)),
        asyncio.gather(*(problem_of(ctx, _workflow_of(task)) for task in running)),
    )
    exact = {task["TaskExecutionId"]: answer for task, answer in zip(running, answers, strict=True) if answer}
    return with_problems(_with_counters(record, exact) if exact else record, *problems)


async def ask(ctx: Context, workflow_id: str) -> dict[str, Any]:
    """What a loop's workflow says of itself; nothing when it can't be asked."""
    try:
        answer = await ctx.gateway.query(workflow_id, GET_EXECUTION)
    except (NoAnswer, NotFound, Unreachable):
        return {}
    return answer if isinstance(answer, dict) else {}


def loops_of(answer: Record) -> list[LoopWorkflow]:
    """The large loops that a record, or a loop's own answer, names."""
    return [
        LoopWorkflow(each["TaskExecutionId"], each["WorkflowId"], each["Status"] not in _ENDED)
        for each in answer.get("LoopWorkflows") or []
    ]


async def loop_around(ctx: Context, record: Record, task_execution_id: str) -> LoopWorkflow | None:
    """The innermost large loop whose task execution this is, or within which it is."""
    found: LoopWorkflow | None = None
    loops = loops_of(record)
    while inner := next((each for each in loops if each != found and each.holds(task_execution_id)), None):
        found = inner
        loops = loops_of(await ask(ctx, found.workflow_id)) if found.running else []
    return found


async def running_loops(ctx: Context, record: Record, below: str = "") -> list[LoopWorkflow]:
    """The large loops that run, those in their items included; only those at or below a task execution."""
    found: list[LoopWorkflow] = []
    left = [loop for loop in loops_of(record) if loop.running and _touches(loop, below)]
    while left and len(found) < _MOST_ASKED:
        found += left
        answers = await asyncio.gather(*(ask(ctx, loop.workflow_id) for loop in left))
        inner = [loop for answer in answers for loop in loops_of(answer)]
        left = [loop for loop in inner if loop.running and loop not in found and _touches(loop, below)]
    return [loop for loop in found if not below or _is_below(loop, below)][:_MOST_ASKED]


def _touches(loop: LoopWorkflow, below: str) -> bool:
    """Whether what is asked for is in the loop or around it."""
    return not below or loop.holds(below) or _is_below(loop, below)


def _is_below(loop: LoopWorkflow, above: str) -> bool:
    return loop.task_execution_id == above or loop.task_execution_id.startswith(f"{above}.")


def _workflow_of(task: Record) -> str:
    return str((task.get("ExtraData") or {}).get("LoopWorkflowId") or "")


def _with_counters(record: Record, exact: dict[str, Record]) -> Record:
    """The record with what its loops said, in the loops and in what is counted of all steps."""
    progress = dict(record.get("Progress") or {})
    tasks = []
    for task in record["Tasks"]:
        answer = exact.get(task["TaskExecutionId"]) or {}
        before, loop = task.get("Loop") or {}, answer.get("Loop") or {}
        for name in _COUNTED if loop else ():
            progress[name] = progress.get(name, 0) + loop.get(name, 0) - before.get(name, 0)
        tasks.append({**task, "Loop": {**before, **loop, "Waiting": answer.get("Waiting", 0)}} if loop else task)
    message = record.get("StatusMessage") or ""
    if all(task["TaskExecutionId"] in exact for task in record.get("CurrentTasks", [])):  # nothing else makes calls now
        progress["CallsInFlight"] = sum(answer.get("CallsInFlight", 0) for answer in exact.values())
        if message.startswith(being_cancelled(0)):
            message = being_cancelled(progress["CallsInFlight"])
    return {**record, "StatusMessage": message, "Progress": progress, "Tasks": tasks}
