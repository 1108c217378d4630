"""The flow of a list of tasks: where each task can go on to, and what can be reached from where.

A graph of indices; ``END`` is one behind the last task. Paths aren't told apart by their conditions: what some path
reaches can be reached.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from caboose.oos import plan
from caboose.oos.checks.template import PlacedTask
from caboose.oos.plan import Task

CHOICE = "ACS::Choice"


@dataclass(frozen=True)
class Steps:
    """Where one task goes on to: when it succeeded, when it failed or was cancelled, and when it was skipped."""

    success: tuple[int, ...]
    failure: tuple[int, ...]
    skipped: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Every way out of the task."""
        return (*self.success, *self.failure, *self.skipped)

    @property
    def without_failure(self) -> tuple[int, ...]:
        """The ways of an execution in which nothing goes wrong."""
        return (*self.success, *self.skipped)


class Flow:
    """The steps of a list of tasks."""

    def __init__(self, tasks: list[PlacedTask]) -> None:
        self.tasks = tasks
        self.end = len(tasks)
        self.index = {placed.task.name: index for index, placed in enumerate(tasks)}
        self.steps = [self._steps(index, placed.task) for index, placed in enumerate(tasks)]

    def reached(self, start: int, ways: Callable[[int], Iterable[int]]) -> dict[int, int]:
        """What can be reached from ``start``, itself included, by ``ways`` out of each task; and from where."""
        found = {start: start}
        open_ends = [start]
        while open_ends:
            source = open_ends.pop()
            for target in ways(source):
                if target not in found:
                    found[target] = source
                    if target != self.end:
                        open_ends.append(target)
        return found

    def leading_to_end(self) -> dict[int, int]:
        """From where the end can be reached while nothing goes wrong, itself included."""
        sources: dict[int, list[int]] = {}
        for index, steps in enumerate(self.steps):
            for target in steps.without_failure:
                sources.setdefault(target, []).append(index)
        return self.reached(self.end, lambda index: sources.get(index, ()))

    def _steps(self, index: int, task: Task) -> Steps:
        success = choice_targets(task) if task.action == CHOICE else [task.on_success]
        return Steps(
            success=tuple(self._target(index, name) for name in success),
            failure=tuple(self._target(index, name) for name in (task.on_error, task.on_cancel)),
            skipped=() if task.when is None else (index + 1,),
        )

    def _target(self, index: int, name: Any) -> int:
        if name == plan.NEXT:
            return index + 1
        return self.index.get(name, self.end)


def choice_targets(task: Task) -> list[Any]:
    """Where an ``ACS::Choice`` can lead to: the targets of its choices in order, then the default one."""
    return [*(choice.get("NextTask") for choice in choices(task)), task.properties.get("DefaultTask")]


def choices(task: Task) -> list[dict[str, Any]]:
    """The choices of an ``ACS::Choice``."""
    found = task.properties.get("Choices")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
