"""Large loops apart: what a workflow of their own is given, and what it gives back.

Everything is plain data. The workflow rebuilds the frame in which the loop stands and runs the loop by the same code as
an execution does (design section 2, "Loops").
"""

from dataclasses import dataclass, field
from typing import Any

from caboose.engine.context import Context
from caboose.engine.effects import Effects
from caboose.engine.errors import Completed, Rejected, TaskCancelled, TaskFailed
from caboose.engine.frame import Frame
from caboose.engine.progress import Begun, Progress
from caboose.engine.run import Run
from caboose.engine.state import ExecutionState, LoopCounters, TaskRun
from caboose.oos.plan import Body, Plan, Task


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


@dataclass(frozen=True)
class LoopInput:
    """A large loop: the task, where it stands, and what it was given. The same for all runs of its workflow; how far it
    has come travels beside it."""

    execution_id: str
    first_run_id: str
    plan: Plan
    context: Context
    frame: FrameData
    task: str
    run_id: str
    items: list[Any]
    control: Any
    secrets: list[str] = field(default_factory=list)
    targets: dict[str, Any] | None = None


@dataclass(frozen=True)
class LoopOutcome:
    """How a large loop ended. ``ended`` is the name of the engine's exception, '' when all is well."""

    counters: LoopCounters
    progress: Progress
    ended: str = ""
    code: str = ""
    message: str = ""
    notes: list[str] = field(default_factory=list)


def describe(frame: Frame, task: Task, run: TaskRun, begun: Begun) -> tuple[LoopInput, Progress]:
    """The task's loop as data."""
    body = next(name for name, each in frame.run.plan.bodies.items() if each is frame.body)
    data = FrameData(
        body=body,
        id=frame.id,
        parameters=frame.parameters,
        parent_id=frame.parent_id,
        item=frame.item,
        outputs=frame.outputs,
        ram_role=frame.ram_role,
        within=list(frame.within),
        attended=frame.attended,
        depth=frame.depth,
    )
    loop = LoopInput(
        execution_id=frame.run.state.execution_id,
        first_run_id=frame.run.first_run_id,
        plan=Plan(body, _reachable(frame.run.plan.bodies, body)),
        context=frame.run.context,
        frame=data,
        task=task.name,
        run_id=run.id,
        items=begun.items,
        control=begun.control,
        secrets=frame.run.secrets,
        targets=frame.run.state.targets,
    )
    return loop, begun.progress


def _reachable(bodies: dict[str, Body], root: str) -> dict[str, Body]:
    """The bodies that a body can reach, itself first."""
    found: dict[str, Body] = {}
    left = [root]
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
    )
    task = next(each for each in frame.tasks if each.name == loop.task)
    return frame, task, frame.add(TaskRun(loop.run_id, task.name, task.action, run.now(), frame.parent_id))


def outcome_of(
    counters: LoopCounters, progress: Progress, notes: list[str], ended: BaseException | None
) -> LoopOutcome:
    """What the loop's workflow gives back; ``ended`` is how it ended other than well."""
    name, code, message = "", "", ""
    if isinstance(ended, TaskFailed):
        name, code, message = "TaskFailed", ended.code, ended.message
    elif isinstance(ended, (Rejected, TaskCancelled)):
        name, message = type(ended).__name__, ended.reason
    elif isinstance(ended, Completed):
        name, code, message = "Completed", ended.status, ended.reason
    return LoopOutcome(counters, progress, name, code, message, notes)


def take_over(run: TaskRun, begun: Begun, outcome: LoopOutcome, state: ExecutionState) -> None:
    """What came of a large loop becomes its task execution's.

    Raises:
        TaskFailed, TaskCancelled, Rejected, Completed: as the loop ended.
    """
    run.loop, begun.progress = outcome.counters, outcome.progress
    state.notes += outcome.notes
    endings = {
        "TaskFailed": TaskFailed(outcome.code, outcome.message),
        "TaskCancelled": TaskCancelled(outcome.message),
        "Rejected": Rejected(outcome.message),
        "Completed": Completed(outcome.code, outcome.message),
    }
    if outcome.ended:
        raise endings[outcome.ended]
