"""Calls that take a while: how many of them ran at once, by batch."""

import asyncio
from collections.abc import Callable
from typing import Any

from caboose.engine.effects import Call
from caboose.engine.errors import TaskFailed
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act
from tests.oos.templates import template

COLLECTED = {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}
ALL = {"all": {"Type": "List", "Value": "{{ a.all }}"}}


def loop_task(items: Any, control: Any = None) -> dict[str, Any]:
    """A task ``a`` that is looped over the items."""
    loop = {"Items": items, "Outputs": COLLECTED, **({"RateControl": control} if control is not None else {})}
    return act("a", {"Id": ITEM}, Outputs={"x": {"ValueSelector": "X"}}, Loop=loop)


def looped(items: Any, control: Any = None, *after: dict[str, Any], **sections: Any) -> str:
    """A template with a loop ``a`` over the items, and tasks after it."""
    return template([loop_task(items, control), *after], **{"Outputs": ALL, **sections})


class Crowd:
    """Answers the calls of a loop ``a``; those of items in ``bad`` fail as often as it says."""

    def __init__(self, bad: dict[Any, int] | None = None) -> None:
        self.bad = dict(bad or {})
        self.started: list[Any] = []
        self.running: list[Any] = []
        self.together: list[list[Any]] = []
        """Which items ran when one more had begun."""

    async def answer(self, call: Call) -> dict[str, Any] | Exception:
        """One call; others begin meanwhile."""
        item = call.parameters["Id"]
        self.started.append(item)
        self.running.append(item)
        self.together.append(list(self.running))
        for _ in range(20):
            await asyncio.sleep(0)
        self.running.remove(item)
        if self.bad.get(item, 0) > 0:
            self.bad[item] -= 1
            return TaskFailed("Bad", f"no {item}", f"request-{item}")
        return {"X": f"{item}!"}

    def script(self) -> dict[str, Callable[[Call], Any]]:
        """The script for a ``Recording``."""
        return {"Modify-a": self.answer}

    def peak(self, items: list[Any]) -> int:
        """How many of these items ran at once at most."""
        return max(sum(each in items for each in together) for together in self.together)


def batches(done: Execution) -> dict[int, list[Any]]:
    """The items by their batch."""
    found: dict[int, list[Any]] = {}
    for run in done.state.runs.values():
        if run.has_item:
            found.setdefault(run.batch, []).append(run.item)
    return found


def execution(text: str, crowd: Crowd, **fields: Any) -> Execution:
    """An execution in which the crowd answers, started."""
    parameters = fields.pop("parameters", None)
    return Execution(text, Recording(crowd.script()), parameters, fields=fields).start()
