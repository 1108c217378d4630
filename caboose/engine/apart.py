"""Large loops apart: what a workflow of their own is given, and what it gives back.

Everything is plain data. The workflow rebuilds the frame in which the loop stands and runs the loop by the same code as
an execution does (design section 2, "Loops").
"""

import asyncio
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from caboose.engine.context import Context
from caboose.engine.effects import Effects
from caboose.engine.errors import Completed, Rejected, TaskCancelled, TaskFailed
from caboose.engine.frame import Frame
from caboose.engine.packing import pack
from caboose.engine.progress import Begun, Progress
from caboose.engine.run import Run
from caboose.engine.state import CANCELLED, ExecutionState, LoopCounters, TaskRun
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.references import OUTPUT, PARAMETER, RAW, references


@dataclass(frozen=True)
class FrameData:
    """A frame as data: see ``frame.Frame``."""

    body: str
    id: str
    parameters: dict[str, Any]
    parent_id: str
    item: Any
    outputs: dict[str, Any]
    ram_role: str
    within: list[str]
    attended: bool
    depth: int
    around: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LoopInput:
    """A large loop: the task, where it stands, and what it was given. The same for all runs of its workflow; how far it
    has come travels beside it. ``pages`` are its items (``packing``)."""

    execution_id: str
    first_run_id: str
    plan: Plan
    context: Context
    frame: FrameData
    task: str
    run_id: str
    pages: list[str]
    control: Any
    secrets: list[str] = field(default_factory=list)
    targets: dict[str, Any] | None = None
    pinned: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LoopOutcome:
    """How a large loop ended. ``ended`` is the name of the engine's exception, or Cancelled, '' when all is well;
    ``pinned`` and ``bodies`` are templates that were known only when they were reached, ``secrets`` the texts that no
    message shows: its outputs may have them."""

    counters: LoopCounters
    progress: Progress
    ended: str = ""
    code: str = ""
    message: str = ""
    notes: list[str] = field(default_factory=list)
    pinned: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)


def describe(frame: Frame, task: Task, run: TaskRun, begun: Begun) -> tuple[LoopInput, Progress]:
    """The task's loop as data."""
    body = frame.run.hash_of(frame.body)
    named = _named(task, frame.body)
    data = FrameData(
        body=body,
        id=frame.id,
        parameters=_only(frame.parameters, named[PARAMETER]),
        parent_id=frame.parent_id,
        item=frame.item,
        outputs=_only(frame.outputs, named[OUTPUT] + named[RAW]),
        ram_role=frame.ram_role,
        within=list(frame.within),
        attended=frame.attended,
        depth=frame.depth,
        around=list(frame.around),
    )
    loop = LoopInput(
        execution_id=frame.run.state.execution_id,
        first_run_id=frame.run.first_run_id,
        plan=Plan(body, reachable(frame.run.plan.bodies, [body, *frame.run.pinned.values()])),
        context=frame.run.context,
        frame=data,
        task=task.name,
        run_id=run.id,
        pages=pack(begun.items),
        control=begun.control,
        secrets=frame.run.secrets,
        targets=frame.run.state.targets,
        pinned=frame.run.pinned,
    )
    return loop, begun.progress


def _named(task: Task, body: Body) -> dict[str, list[str]]:
    """What an item of the task may name, by kind. All else stays where it is: it may be as large as the items."""
    found: dict[str, list[str]] = {PARAMETER: [], OUTPUT: [], RAW: []}
    for _, reference in references([asdict(replace(task, loop=None)), body.conditions]):
        if reference.kind in found:
            found[reference.kind].append(reference.name)
    return found


def _only(values: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def reachable(bodies: dict[str, Body], roots: list[str]) -> dict[str, Body]:
    """The bodies that these can reach, themselves first."""
    found: dict[str, Body] = {}
    left = list(roots)
    while left:
        name = left.pop()
        if name and name not in found:
            found[name] = bodies[name]
            left += [task.body for task in _every(found[name].tasks)]
    return found


def _every(tasks: list[Task]) -> list[Task]:
    return [each for task in tasks for each in (task, *_every(task.tasks))]


def rebuild(loop: LoopInput, state: ExecutionState, effects: Effects) -> tuple[Frame, Task, TaskRun]:
    """The frame, the task and the loop's task execution, as they were where the loop was reached."""
    run = Run(loop.plan, state, effects, loop.context, first_run_id=loop.first_run_id)
    run.keep_texts_secret(loop.secrets)
    run.pinned.update(loop.pinned)
    state.targets = loop.targets
    data = loop.frame
    frame = Frame(
        run,
        loop.plan.bodies[data.body],
        data.id,
        data.parameters,
        parent_id=data.parent_id,
        item=data.item,
        outputs=data.outputs,
        ram_role=data.ram_role,
        within=tuple(data.within),
        attended=data.attended,
        depth=data.depth,
        around=tuple(data.around),
    )
    task = next(each for each in frame.tasks if each.name == loop.task)
    return frame, task, frame.add(TaskRun(loop.run_id, task.name, task.action, run.now(), frame.parent_id))


def cut_off(state: ExecutionState, loop: TaskRun, at: str, message: str) -> None:
    """Whatever still ran when the loop ended is over with it, as when an execution ends; ``message`` says why."""
    left = [run for run in state.runs.values() if not run.ended and run is not loop]
    unknown = sum(run.unknown for run in left)
    if unknown:
        if loop.begun:
            loop.begun.progress.in_doubt += unknown
        state.notes.append(
            f"{loop.name}: calls that may or may not have been carried out: {unknown}; see the task executions"
        )
    for run in left:
        run.cut_off(CANCELLED, at, message)


def outcome_of(run: Run, counters: LoopCounters, progress: Progress, ended: BaseException | None) -> LoopOutcome:
    """What the loop's workflow gives back; ``ended`` is how it ended other than well."""
    name, code, message = "", "", ""
    if isinstance(ended, TaskFailed):
        name, code, message = "TaskFailed", ended.code, ended.message
    elif isinstance(ended, (Rejected, TaskCancelled)):
        name, message = type(ended).__name__, ended.reason
    elif isinstance(ended, asyncio.CancelledError):
        name = CANCELLED
    elif isinstance(ended, Completed):
        name, code, message = "Completed", ended.status, ended.reason
    bodies = reachable(run.plan.bodies, list(run.pinned.values()))
    return LoopOutcome(counters, progress, name, code, message, run.state.notes, run.pinned, bodies, run.secrets)


def take_over(run: TaskRun, begun: Begun, outcome: LoopOutcome, whole: Run) -> None:
    """What came of a large loop becomes its task execution's, and the ``whole`` execution's.

    Raises:
        TaskFailed, TaskCancelled, Rejected, Completed, asyncio.CancelledError: as the loop ended.
    """
    run.loop, begun.progress = outcome.counters, outcome.progress
    if outcome.progress.in_doubt:
        whole.state.in_doubt.append(run.id)
    if outcome.progress.carried_out:
        whole.state.carried_out.append(run.id)
    whole.state.notes += outcome.notes
    whole.pinned.update(outcome.pinned)
    whole.know(outcome.bodies)
    whole.keep_texts_secret(outcome.secrets)
    endings: dict[str, BaseException] = {
        "TaskFailed": TaskFailed(outcome.code, outcome.message),
        "TaskCancelled": TaskCancelled(outcome.message),
        "Rejected": Rejected(outcome.message),
        "Completed": Completed(outcome.code, outcome.message),
        CANCELLED: asyncio.CancelledError(),
    }
    if outcome.ended:
        raise endings[outcome.ended]
