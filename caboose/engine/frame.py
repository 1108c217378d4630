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
from caboose.oos.evaluate import Evaluator
from caboose.oos.hiding import hide, secret_texts
from caboose.oos.parameters import secret_names
from caboose.oos.plan import Body, OutputSpec, Plan, Task
from caboose.oos.references import OUTPUT, PARAMETER, RAW, Reference
from caboose.oos.selectors import Engine
from caboose.oos.values import EvaluationError, Room

_JQ = "Fn::Jq"


@dataclass
class Run:
    """One execution being run: its plan, its state, and the world."""

    plan: Plan
    state: ExecutionState
    effects: Effects
    region_id: str
    ram_role: str
    executed_by: str
    account_id: str = ""
    oosutil_version: str = ""
    _calls: dict[str, int] = field(default_factory=dict)
    _secrets: dict[str, None] = field(default_factory=dict)

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

    def keep_secret(self, body: Body, parameters: dict[str, Any]) -> None:
        """From now on no message of this execution shows the secret ones of these parameters."""
        values = [parameters.get(name) for name in secret_names(body.parameters, ())]
        self._secrets.update(dict.fromkeys(secret_texts(values)))

    def hide(self, message: str) -> str:
        """A message as people may read it."""
        return hide(message, self._secrets)

    def pseudo(self, name: str) -> Any:
        """A pseudo parameter that is the same for all tasks of the execution."""
        if name == "ACS::CurrentUTCTime":
            return self.now()
        if name == "ACS::CurrentDate":
            return self.now()[:10]
        known = {
            "ACS::RegionId": self.region_id,
            "ACS::ExecuteUser": self.executed_by,
            "ACS::AccountId": self.account_id,
            "ACS::OOSUtilVersion": self.oosutil_version,
        }
        return known.get(name)

    def now(self) -> str:
        """The execution's time as OOS writes it."""
        return timestamp(self.effects.now())


@dataclass
class Frame:
    """One body being run. ``id`` is the (child) execution's id, ``item`` the loop item of the task that began it,
    ``ram_role`` whose permissions its calls have."""

    run: Run
    body: Body
    id: str
    parameters: dict[str, Any]
    parent_id: str = ""
    item: Any = None
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    ram_role: str = ""
    started: int = 0

    async def evaluate(
        self, value: Any, place: str = "", item: Any = None, room: Room | None = None, programs: Engine | None = None
    ) -> Any:
        """The value with its references and functions evaluated.

        Args:
            value: a part of the template.
            place: where that stands in its task, for messages: ``Loop.Items``.
            item: the current loop item.
            room: what values share that are made together.
            programs: runs programs in place of the execution's own.

        Raises:
            TaskFailed: ``ValueTooLarge``, ``FunctionError``, ``SelectorError`` or ``InvalidCondition``.
        """
        await self.run.effects.breathe()
        try:
            return await self._evaluator(item, room, programs).evaluate(value)
        except EvaluationError as error:
            error.path += [place] if place else []
            raise TaskFailed(error.code, str(error)) from None

    async def selectors(self, task: Task, item: Any) -> tuple[dict[str, OutputSpec], dict[str, Any]]:
        """The selectors of a task's outputs as texts, and the outputs that need no result: those made by ``Fn::Jq``.

        Raises:
            TaskFailed: as ``evaluate``.
        """
        specs: dict[str, OutputSpec] = dict(task.raw_outputs)
        made: dict[str, Any] = {}
        for name, spec in task.outputs.items():
            selector = await self.evaluate(spec.selector, f"Outputs.{name}.ValueSelector", item)
            if isinstance(spec.selector, dict) and _JQ in spec.selector:
                made[name] = selector
            else:
                specs[name] = OutputSpec(spec.type, selector)
        return specs, made

    def _evaluator(self, item: Any, room: Room | None, programs: Engine | None) -> Evaluator:
        return Evaluator(
            lambda reference: self._value(reference, item),
            programs or self.run.effects.programs,
            room=room,
            conditions=self.body.conditions,
            now=self.run.effects.now,
            pace=self.run.effects,
        )

    def _value(self, reference: Reference, item: Any) -> Any:
        if reference.kind == PARAMETER:
            return self.parameters.get(reference.name)
        if reference.kind in (OUTPUT, RAW):
            return self.outputs.get(reference.name, {}).get(reference.field)
        if reference.name == "ACS::TaskLoopItem":
            return item
        if reference.name == "ACS::ExecutionId":
            return self.id
        return self.run.pseudo(reference.name)

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
        return Place(region if isinstance(region, str) and region else self.run.region_id, self.ram_role, summary)

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
