"""A template as the rules see it: its compiled body, and one list of all texts and references in it.

Made once for all rules: walking the values is what costs. Of each text is told whether it stands where a missing value
is expected: in a condition, which may ask for just that, or in a branch of ``Fn::If``, of which only one is evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from caboose.oos.loading import Path
from caboose.oos.plan import Body, Task
from caboose.oos.references import Reference, references

VALUE = "value"
BRANCH = "branch"
CONDITION = "condition"
"""Where a text stands."""

_INNER_TASKS = "LoopTasks"
_IF = "Fn::If"
_WHEN = "When"
_CHOICES = "Choices"


@dataclass(frozen=True)
class Text:
    """One string of the template, and where it stands.

    ``task`` is the task that it belongs to, '' if it is in none. ``place`` is VALUE, BRANCH (of ``Fn::If``) or
    CONDITION.
    """

    path: Path
    text: str
    place: str = VALUE
    task: str = ""


@dataclass(frozen=True)
class Use:
    """One reference, and the text in which it stands."""

    reference: Reference
    text: Text

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self.text.path


@dataclass(frozen=True)
class PlacedTask:
    """A task, and where it stands; the inner tasks of an ``ACS::Loop`` are below it."""

    task: Task
    path: Path


@dataclass(frozen=True)
class PlacedLoop:
    """A task's ``Loop``, or an ``ACS::Loop``: what it loops over and how fast, and where both stand."""

    task: Task
    items: Any
    rate_control: Any
    path: Path
    control_path: Path


@dataclass(frozen=True)
class Template:
    """A template that has no structural error: ``raw`` as it is written, ``body`` as it was compiled.

    ``bodies`` are the compiled product actions that it uses, by hash.
    """

    raw: dict[str, Any]
    body: Body
    bodies: Mapping[str, Body] = field(default_factory=dict)

    @cached_property
    def task_lists(self) -> list[list[PlacedTask]]:
        """The template's tasks, and the inner tasks of each ``ACS::Loop``: lists between which nothing jumps."""
        return list(_lists(self.body.tasks, ("Tasks",)))

    @cached_property
    def tasks(self) -> list[PlacedTask]:
        """Every task, inner ones too."""
        return [placed for each in self.task_lists for placed in each]

    @cached_property
    def loops(self) -> list[PlacedLoop]:
        """Every loop."""
        return [loop for placed in self.tasks for loop in self._loops(placed.task, placed.path)]

    def _loops(self, task: Task, path: Path) -> Iterator[PlacedLoop]:
        if task.loop:
            here = (*path, "Loop")
            written = (*here, "RateControl")
            control = here if self.written(written) is None else written  # the older form has the keys beside Items
            yield PlacedLoop(task, task.loop.items, task.loop.rate_control, here, control)
        elif task.tasks:
            here = (*path, "Properties")
            control = (*here, "LoopRateControl")
            items, rate_control = (task.properties.get(key) for key in ("LoopItems", "LoopRateControl"))
            yield PlacedLoop(task, items, rate_control, here, control)

    @cached_property
    def _walked(self) -> "_Walk":
        walk = _Walk()
        walk.body(self.body, self.tasks)
        return walk

    @property
    def texts(self) -> list[Text]:
        """Every string in which a reference could stand."""
        return self._walked.texts

    @property
    def conditions(self) -> list[tuple[Path, Any]]:
        """Every condition: the declared ones, those of ``When``, and the first arguments of ``Fn::If``."""
        return self._walked.conditions

    def written(self, path: Path) -> Any:
        """What is written at ``path``; None when nothing is."""
        value: Any = self.raw
        for step in path:
            if isinstance(value, list) and isinstance(step, int):
                value = value[step]
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value

    @cached_property
    def uses(self) -> list[Use]:
        """Every reference of the template."""
        return [
            Use(reference, text) for text in self.texts if "{{" in text.text for _, reference in references(text.text)
        ]


def _lists(tasks: list[Task], path: Path) -> Iterator[list[PlacedTask]]:
    placed = [PlacedTask(task, (*path, index)) for index, task in enumerate(tasks)]
    yield placed
    for each in placed:
        if each.task.tasks:
            yield from _lists(each.task.tasks, (*each.path, "Properties", _INNER_TASKS))


class _Walk:
    """One walk over every value of a body."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.conditions: list[tuple[Path, Any]] = []
        self._task = ""

    def body(self, body: Body, tasks: list[PlacedTask]) -> None:
        for name, parameter in body.parameters.items():
            self._value(parameter.default, ("Parameters", name, "Default"))
        for name, condition in body.conditions.items():
            self._condition(condition, ("Conditions", name))
        self._value(body.ram_role, ("RamRole",))
        for placed in tasks:
            self._task = placed.task.name
            self._one_task(placed.task, placed.path)
        self._task = ""
        for name, output in body.outputs.items():
            self._value(output.value, ("Outputs", name, "Value"))

    def _one_task(self, task: Task, path: Path) -> None:
        if task.when is not None:
            self._condition(task.when, (*path, _WHEN))
        for name, value in task.properties.items():
            self._value(value, (*path, "Properties", name))
        if task.loop:
            self._value(task.loop.items, (*path, "Loop", "Items"))
            self._value(task.loop.rate_control, (*path, "Loop", "RateControl"))
        for name, output in task.outputs.items():
            self._value(output.selector, (*path, "Outputs", name, "ValueSelector"))

    def _condition(self, value: Any, path: Path) -> None:
        self.conditions.append((path, value))
        self._value(value, path, CONDITION)

    def _value(self, value: Any, path: Path, place: str = VALUE) -> None:
        if isinstance(value, str):
            self.texts.append(Text(path, value, place, self._task))
        elif isinstance(value, dict):
            for key, child in value.items():
                self._entry(key, child, (*path, key), place)
        elif isinstance(value, list):
            for index, child in enumerate(value):
                self._value(child, (*path, index), place)

    def _entry(self, key: str, value: Any, path: Path, place: str) -> None:
        if key == _WHEN and _CHOICES in path:
            self._condition(value, path)
        elif key == _IF and isinstance(value, list) and value:
            self._condition(value[0], (*path, 0))
            for index in range(1, len(value)):
                self._value(value[index], (*path, index), CONDITION if place == CONDITION else BRANCH)
        else:
            self._value(value, path, place)
