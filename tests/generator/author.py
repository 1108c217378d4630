"""The author: writes a case by chance, the same one for the same seed.

Most templates are in order, so that they run; some are spoilt, and start as wrong as they are or are refused. All
chance comes from one ``Random``. Road not taken: a strategy for each part. Hypothesis would spend its time on making
templates smaller, and a failure is known by its seed at once.
"""

import copy
import json
from random import Random
from typing import Any

from tests.generator import tasks as kinds
from tests.generator.case import Case
from tests.generator.cloud import answers
from tests.generator.people import decisions, steps
from tests.generator.words import LARGE, MACHINES, SECRET, TYPES, Words, braced
from tests.oos.language import ODD

STORED = "kept-inner"
ITSELF = "kept-itself"
MANY_CALLS = 60
"""Tasks of an inner template of which the first jumps to the end: it counts as so many calls, and makes none."""
_NAMES = ("first", "second", "third", "fourth", "fifth", "sixth")
_JUMPS = ("ACS::END", "ACS::NEXT", "END", "CONTINUE", "NEXT")


def case(seed: int, *, real: bool = False) -> Case:
    """The case of this seed; ``real``: for the real server, where time passes and calls take some."""
    random = Random(seed)
    author = Author(random, real=real)
    template: Any = author.template()
    if random.random() < 0.1:
        template = spoilt(template, random)
    if random.random() < 0.02:
        template = json.dumps(template)[: random.randrange(2_000)]
    start = author.start()
    return Case(
        template,
        start,
        author.stored(),
        answers(random, real=real),
        steps(random, real=real),
        decisions(random, debug=start["Mode"] == "Debug"),
        apart=None if real else random.choice([None, 0, 0, 5]),
        rounds=random.randint(1, 4),
    )


class Author(Words):
    """Writes one template, and what starts it."""

    def __init__(self, random: Random, *, real: bool = False, depth: int = 0) -> None:
        super().__init__(random)
        self.real = real
        self._depth = depth
        self._loops = 0

    def template(self) -> dict[str, Any]:
        """A template in order, as a value."""
        self.parameters = self.some(list(TYPES), 0.6) or ["ids"]
        template: dict[str, Any] = {"FormatVersion": "OOS-2019-06-01"}
        template["Parameters"] = {name: self._declared(name) for name in self.parameters}
        template["Conditions"] = {name: self.decision() for name in self.some(["IsSmall", "IsBig"], 0.3)}
        self.conditions = list(template["Conditions"])
        count = self.random.randint(1, 3 if self._depth else len(_NAMES))
        template["Tasks"] = self._tasks(list(_NAMES[:count]))
        outputs = self.some(["one", "two", "three"])
        template["Outputs"] = {name: {"Type": self.either("Json", "String"), "Value": self.value()} for name in outputs}
        return template

    def start(self) -> dict[str, Any]:
        """The other fields of a start: mostly right."""
        given = {name: self._given(name) for name in self.parameters if self.chance(0.99)}
        if self.chance(0.03):
            given["nobody"] = 1
        start: dict[str, Any] = {"Parameters": given}
        start["Mode"] = self.either("Automatic", "Automatic", "Automatic", "FailurePause", "Debug")
        start["LoopMode"] = self.either("Automatic", "Automatic", "Automatic", "FirstBatchPause", "EveryBatchPause")
        start["SafetyCheck"] = self.either("Skip", "ConfirmEveryHighRiskAction")
        if self.chance(0.03):
            start[self.either("Mode", "Tags", "RegionId", "Parameters", "Odd")] = self.random.choice(ODD)
        return start

    def stored(self) -> dict[str, Any]:
        """Templates that others name: one as it comes, one that names itself."""
        again = {"Name": "again", "Action": "ACS::Template", "Properties": {"TemplateName": _computed(ITSELF)}}
        loop = self.either({}, {}, {"Loop": {"Items": [1, 2], "RateControl": {"MaxErrors": "100%"}}})
        itself = {"FormatVersion": "OOS-2019-06-01", "Tasks": [{**again, **loop}]}
        return {STORED: self._inner(), ITSELF: itself}

    def _declared(self, name: str) -> dict[str, Any]:
        declared: dict[str, Any] = {"Type": TYPES[name]}
        if name == "secret":
            declared["NoEcho"] = True
        if self._depth or self.chance(0.4):
            declared["Default"] = self._given(name)
        return declared

    def _given(self, name: str) -> Any:
        if self.chance(0.015):
            return self.random.choice([*ODD, *LARGE])
        right: dict[str, tuple[Any, ...]] = {
            "text": ("PT1S", "i-1", "a,b", "", "kept-inner"),
            "size": (0, 1, 2, 50, "3"),
            "flag": (True, "false"),
            "ids": ([], ["i-1"], MACHINES, [*MACHINES, *MACHINES], ["i-1", None, {"a": 1}]),
            "data": ({"Type": "ResourceIds", "ResourceIds": MACHINES}, [1, [2]], {}, {"a": {"b": 1}}),
            "control": (
                {"Mode": "Concurrency", "Concurrency": 2, "MaxErrors": 1},
                {"Mode": "Batch", "Batch": [1, 2], "BatchPauseOption": "EveryBatchPause"},
                {"Concurrency": 0},
                {},
            ),
            "secret": (SECRET,),
            "name": (STORED, STORED, ITSELF, "nothing-here", "ACS::ECS::StopInstance"),
        }
        return self.random.choice(right[name])

    def _tasks(self, names: list[str]) -> list[dict[str, Any]]:
        return [self._task(name, names) for name in names]

    def _task(self, name: str, names: list[str]) -> dict[str, Any]:
        backwards = self.chance(0.1)
        targets = self.targets = [each for each in names if backwards or names.index(each) > names.index(name)]
        looped = self.chance(0.45)
        outside, self.looped = self.looped, self.looped or looped
        task = {"Name": name, **self._kind(looped=looped)}
        if task["Action"] not in ("ACS::Loop", "ACS::Choice", "ACS::Pause"):
            outputs = self.some(["id", "ids", "state"])
            types = ("String", "List", "Json", "Number", "Boolean")
            task["Outputs"] = {
                each: {"Type": self.either(*types), "ValueSelector": kinds.selector(self)} for each in outputs
            }
        visible = list(task.get("Outputs", {}))
        if self.chance(0.25):
            task["When"] = self.condition()
        self.looped = outside
        if looped and task["Action"] != "ACS::Loop":
            task["Loop"] = self._loop(visible)
            visible = list(task["Loop"]["Outputs"])
        for key in ("OnSuccess", "OnError", "OnCancel"):
            if self.chance(0.2):
                task[key] = self.random.choice([*targets, *_JUMPS])
        if self.chance(0.1):
            task["IsCritical"] = self.either(True, False)
        self.outputs[name] = visible
        return task

    def _kind(self, *, looped: bool) -> dict[str, Any]:
        if self._depth < 2 and self.chance(0.2):
            return self._nested()
        if self._depth < 2 and looped and self.chance(0.3):
            return self._loop_action()
        return self.random.choice(kinds.LOOPED if looped else kinds.KINDS)(self)

    def _loop(self, outputs: list[str]) -> dict[str, Any]:
        over = kinds.items(self)
        collected = {
            f"all-{name}": {"AggregateType": self.either("Fn::ListJoin", "Fn::Sum"), "AggregateField": name}
            for name in outputs
        }
        return {"Items": over, **kinds.control(self, over), "Outputs": collected}

    def _loop_action(self) -> dict[str, Any]:
        outside, self.looped = self.looped, False
        over = kinds.items(self)
        control = kinds.control(self, over).get("RateControl")
        self.looped = True
        self._loops += 1
        before = dict(self.outputs)
        inner = self._tasks([f"{name}-{self._depth}-{self._loops}" for name in _NAMES[: self.random.randint(1, 3)]])
        found = [f"{task}.{name}" for task, names in self.outputs.items() if task not in before for name in names]
        self.outputs, self.looped = before, outside
        properties: dict[str, Any] = {"LoopItems": over, "LoopTasks": inner}
        if control is not None:
            properties["LoopRateControl"] = control
        outputs = {f"out{number}": {"ValueSelector": braced(name)} for number, name in enumerate(found[:2])}
        return {"Action": "ACS::Loop", "Properties": properties, "Outputs": outputs}

    def _nested(self) -> dict[str, Any]:
        inner = self._inner()
        properties: dict[str, Any] = self.either(
            {"TemplateContent": inner},
            {"TemplateContent": inner},
            {"TemplateContent": json.dumps(inner)},
            {"TemplateContent": _computed("{]")},
            {"TemplateName": STORED},
            {"TemplateName": _computed(STORED)},
            {"TemplateName": self.reference("name"), "Parameters": self.either({}, {"instanceId": self.item()})},
            {"TemplateName": "ACS::ECS::RebootInstance", "Parameters": {"instanceId": self.item()}},
            {"TemplateName": _computed(ITSELF)},
            {"TemplateContent": _of_many_calls()},
        )
        return {"Action": "ACS::Template", "Properties": properties}

    def _inner(self) -> dict[str, Any]:
        return Author(self.random, real=self.real, depth=self._depth + 1).template()


def _computed(name: str) -> dict[str, Any]:
    return {"Fn::Join": ["", [name[:4], name[4:]]]}


def _of_many_calls() -> dict[str, Any]:
    end = {"Name": "end", "Action": "ACS::Choice", "Properties": {"DefaultTask": "ACS::END", "Choices": []}}
    call = {"Action": "ACS::ExecuteAPI", "Properties": {"Service": "ECS", "API": "DescribeInstances"}}
    tasks = [{"Name": f"task{number}", **call} for number in range(MANY_CALLS)]
    return {"FormatVersion": "OOS-2019-06-01", "Tasks": [end, *tasks]}


def spoilt(template: Any, random: Random) -> Any:
    """The template with some nodes removed, doubled, or replaced by odd values or by each other."""
    template = copy.deepcopy(template)
    for _ in range(random.randint(1, 3)):
        places = [(holder, key) for holder, key in _places(template) if holder is not template or key != "Tasks"]
        holder, key = random.choice(places)
        match random.randrange(4):
            case 0:
                del holder[key]
            case 1:
                holder[key] = random.choice([*ODD, *LARGE])
            case 2:
                other, place = random.choice(places)
                holder[key] = copy.deepcopy(other[place]) if isinstance(other, list) or place in other else None
            case _ if isinstance(holder, dict):
                holder[f"{key}x"] = holder[key]
            case _:
                holder.append(copy.deepcopy(holder[key]))
    return template


def _places(value: Any) -> Any:
    """Every (holder, key) of a value, inside of it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
