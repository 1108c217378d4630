"""Frames: where a task runs, and what the names in it mean there.

A frame is one body being run: the template itself, or a product action's template for one task or one loop item. The
``Run`` behind it is the same for all frames of an execution.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from caboose.engine.effects import Effects, Place
from caboose.engine.errors import TaskFailed
from caboose.engine.state import RUNNING, WAITING, Answer, ExecutionState, TaskRun, Wait, timestamp
from caboose.oos.plan import Body, Plan
from caboose.oos.references import OUTPUT, PARAMETER, Reference
from caboose.oos.resolve import ResolveError, Room, resolve


@dataclass
class Run:
    """One execution being run: its plan, its state, and the world."""

    plan: Plan
    state: ExecutionState
    effects: Effects
    region_id: str
    ram_role: str
    executed_by: str
    _calls: dict[str, int] = field(default_factory=dict)

    def calls_of(self, body_hash: str) -> int:
        """How many calls one run of a body makes, its product actions included (loops in it count once).

        An atomic action, whose body hash is '', makes one.
        """
        if not body_hash:
            return 1
        if body_hash not in self._calls:
            tasks = self.plan.bodies[body_hash].tasks
            self._calls[body_hash] = sum(self.calls_of(task.body) for task in tasks)
        return self._calls[body_hash]

    def now(self) -> str:
        """The execution's time as OOS writes it."""
        return timestamp(self.effects.now())


@dataclass
class Frame:
    """One body being run. ``id`` is the (child) execution's id, ``item`` the loop item of the task that began it."""

    run: Run
    body: Body
    id: str
    parameters: dict[str, Any]
    parent_id: str = ""
    item: Any = None
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    started: int = 0

    def resolve(self, value: Any, item: Any = None, room: Room | None = None) -> Any:
        """The value with its references resolved; ``item`` is the current loop item, ``room`` what values share that
        are made together.

        Raises:
            TaskFailed: ``ValueTooLarge``.
        """
        try:
            return resolve(value, lambda reference: self._value(reference, item), room)
        except ResolveError as error:
            raise TaskFailed(error.code, str(error)) from None

    def _value(self, reference: Reference, item: Any) -> Any:
        if reference.kind == PARAMETER:
            return self.parameters.get(reference.name)
        if reference.kind == OUTPUT:
            return self.outputs.get(reference.name, {}).get(reference.field)
        if reference.name == "ACS::TaskLoopItem":
            return item
        if reference.name == "ACS::RegionId":
            return self.run.region_id
        if reference.name == "ACS::ExecutionId":
            return self.id
        if reference.name == "ACS::ExecuteUser":
            return self.run.executed_by
        if reference.name == "ACS::CurrentUTCTime":
            return self.run.now()
        if reference.name == "ACS::CurrentDate":
            return self.run.now()[:10]
        return None

    def new_run(self, name: str, action: str) -> TaskRun:
        """A task execution of this frame, numbered in the order of starting."""
        self.started += 1
        return self.add(TaskRun(f"{self.id}.t{self.started:04d}", name, action, self.run.now(), self.parent_id))

    def add(self, run: TaskRun) -> TaskRun:
        """Keeps a task execution in the state."""
        self.run.state.runs[run.id] = run
        return run

    def place(self, parameters: dict[str, Any], summary: str) -> Place:
        """Where a call of this frame goes: its own RegionId parameter, else the execution's region."""
        region = parameters.get("RegionId")
        return Place(region if isinstance(region, str) and region else self.run.region_id, self.run.ram_role, summary)

    async def wait_for_answer(self, wait: Wait, background: "asyncio.Future[None] | None" = None) -> Answer:
        """Keeps the execution Waiting until a notification is accepted for ``wait``.

        ``background`` goes on meanwhile and never ends well by itself: a bug in it comes up here.
        """
        state = self.run.state
        state.waits[wait.run.id] = wait
        wait.run.status = WAITING
        self.run.effects.report()
        try:
            while wait.answer is None:
                if background is not None and background.done():
                    background.result()
                await self.run.effects.wait_until(
                    lambda: wait.answer is not None or (background is not None and background.done())
                )
        finally:
            state.waits.pop(wait.run.id, None)
            wait.run.status = RUNNING
        self.run.effects.report()
        return wait.answer
