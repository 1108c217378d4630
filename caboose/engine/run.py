"""One execution being run: its plan, its state, the world, and what is the same for all of its tasks."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from caboose.engine.context import Context
from caboose.engine.effects import Effects
from caboose.engine.errors import TaskFailed
from caboose.engine.state import ExecutionState, timestamp
from caboose.oos.hiding import MOST, hide, secret_texts
from caboose.oos.parameters import secret_names
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.selectors import is_plain
from caboose.oos.start import Start
from caboose.oos.values import compact_json

MAX_BODIES = 200
"""Design section 2: as many as a plan has at most."""


def programs_of(task: Task) -> int:
    """How many programs one run of a task needs in workflow code: its own ``Fn::Jq``, and selectors over the outputs of
    a template that are no plain paths."""
    selectors = [spec.selector for spec in task.outputs.values()]
    programs = [each for each in selectors if isinstance(each, str) and not is_plain(each)] if task.body else []
    return _keys("Fn::Jq", [task.properties, task.when, selectors]) + len(programs)


def _programs_around(body: Body) -> int:
    """The same for a template: the patterns of its parameters, and ``Fn::Jq`` in its outputs."""
    patterns = sum(bool(each.allowed_pattern) for each in body.parameters.values())
    return patterns + _keys("Fn::Jq", [each.value for each in body.outputs.values()])


def _keys(name: str, value: Any) -> int:
    """How often a key stands in a value."""
    if isinstance(value, dict):
        return (name in value) + sum(_keys(name, each) for each in value.values())
    return sum(_keys(name, each) for each in value) if isinstance(value, list) else 0


def context_of(start: Start) -> Context:
    """What an execution knows from its checked start."""
    return Context(
        region_id=start.region_id,
        ram_role=start.ram_role,
        executed_by=start.executed_by,
        account_id=start.account_id,
        oosutil_version=start.oosutil_version,
        mode=start.mode,
        loop_mode=start.loop_mode,
        safety_check=start.safety_check,
        trust_names=start.trust_names,
    )


@dataclass
class Run:
    """One execution being run: its plan, its state, and the world."""

    plan: Plan
    state: ExecutionState
    effects: Effects
    context: Context
    first_run_id: str = ""
    pinned: dict[str, str] = field(default_factory=dict)
    """Of templates that were known only when they were reached: which body each is."""
    _compiling: asyncio.Lock = field(default_factory=asyncio.Lock)
    _calls: dict[str, int] = field(default_factory=dict)
    _secrets: dict[str, None] = field(default_factory=dict)

    def calls_of(self, body_hash: str) -> int:
        """How many calls one run of a body makes, its product actions included (loops in it count once).

        An atomic action, whose body hash is '', makes one.
        """
        if not body_hash:
            return 1
        if body_hash not in self._calls:
            body = self.plan.bodies[body_hash]
            self._calls[body_hash] = self.calls_of_tasks(body.tasks) + _programs_around(body)
        return self._calls[body_hash]

    def calls_of_tasks(self, tasks: list[Task]) -> int:
        """The same for a list of tasks; a program of a template is a call too, of the worker itself."""
        return sum(
            programs_of(task) + (self.calls_of_tasks(task.tasks) if task.tasks else self.calls_of(task.body))
            for task in tasks
        )

    async def template(self, name: str, version: str, content: str | None) -> Body:
        """A template that is known only when it is reached; the same one for the rest of the execution.

        Raises:
            TaskFailed: as ``Effects.compile``; ``PlanTooLarge``.
        """
        key = f"{name} {version} {compact_json(content)}"
        async with self._compiling:
            if key not in self.pinned:
                plan = await self.effects.compile(name, version, content)
                self.know(plan.bodies)
                self.pinned[key] = plan.root
        if len(self.plan.bodies) > MAX_BODIES:
            message = f"the execution would use more than {MAX_BODIES} different templates"
            raise TaskFailed("PlanTooLarge", message)
        return self.plan.bodies[self.pinned[key]]

    def know(self, bodies: dict[str, Body]) -> None:
        """More bodies by hash. One that is known stays the object that it is: frames run in it."""
        for name, body in bodies.items():
            self.plan.bodies.setdefault(name, body)

    def hash_of(self, body: Body) -> str:
        """The hash of a body that is known."""
        return next(name for name, each in self.plan.bodies.items() if each is body)

    def keep_secret(self, body: Body, parameters: dict[str, Any]) -> None:
        """From now on no message of this execution shows the secret ones of these parameters."""
        values = [parameters.get(name) for name in secret_names(body.parameters, ())]
        self.keep_texts_secret(secret_texts(values))

    @property
    def secrets(self) -> list[str]:
        """The texts that no message shows."""
        return list(self._secrets)

    def keep_texts_secret(self, texts: list[str]) -> None:
        """From now on no message of this execution shows these texts."""
        if len(self._secrets) <= MOST:  # with more no message is shown at all
            self._secrets.update(dict.fromkeys(texts))

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
            "ACS::RegionId": self.context.region_id,
            "ACS::ExecuteUser": self.context.executed_by,
            "ACS::AccountId": self.context.account_id,
            "ACS::OOSUtilVersion": self.context.oosutil_version,
        }
        return known.get(name)

    def now(self) -> str:
        """The execution's time as OOS writes it."""
        return timestamp(self.effects.now())
