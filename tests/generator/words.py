"""Values, references, conditions and functions, put together by chance from what may be named where they stand."""

import copy
from random import Random
from typing import Any

from caboose.oos.functions import FUNCTIONS, VALUE
from caboose.oos.kinds import CONDITION

TYPES = {
    "text": "String",
    "size": "Number",
    "flag": "Boolean",
    "ids": "List",
    "data": "Json",
    "control": "Json",
    "secret": "String",
    "name": "String",
}
"""The parameters that templates may have, by name."""
MACHINES = [f"i-{number}" for number in range(1, 7)]
NO_MACHINE = "i-none"
SECRET = "kq7Zr2Vw9Xs4Tn6Bp"
"""The value of the secret parameter: nothing that anybody is shown has it in it."""
LARGE: tuple[Any, ...] = ({"$text": 2_500_000}, {"$text": 4_100_000}, {"$list": 30_000}, {"$deep": 99}, {"$deep": 150})
_TEXTS = (
    "",
    "i-1",
    "true",
    "a b",
    "界",
    "${a}",
    "10%",
    "PT1S",
    "Running",
    "2026-01-31T08:00:00Z",
    "ACS::END",
    "{{",
    "0",
)
_PSEUDO = ("RegionId", "ExecutionId", "CurrentDate", "CurrentUTCTime", "ExecuteUser")
_PATHS = ("Instances.Instance[].InstanceId", "Instances.Instance[0].Status", "a.b[].c", 'Tags."a b"[]?.Value')
SELECTORS = (
    "Instances.Instance[].InstanceId",
    "Instances.Instance[].Status",
    "TotalCount",
    ".",
    ".RequestId",
    ".Instances.Instance|length",
    "Instances.Instance[?Status=='Running'].InstanceId",
    ".a.b|tostring",
    ".[]",
    "[.. | strings]",
    'error("no")',
    '.Tags["{{ ACS::RegionId }}"]',
)
"""Plain paths, programs of both languages, and one that fails."""
ENDLESS = "until(false; .)"
"""A program that is stopped after two seconds; so it is rare."""
_DECIDE = ("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not")
_DEPTH = 2


def braced(name: str) -> str:
    """A reference, as templates write it."""
    return "{{ " + name + " }}"


class Words:
    """What may be named: parameters, conditions, outputs of tasks, the loop item; and tasks to jump to."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.parameters: list[str] = []
        self.conditions: list[str] = []
        self.outputs: dict[str, list[str]] = {}
        self.targets: list[str] = []
        self.looped = False

    def chance(self, of: float) -> bool:
        """True in so many cases of one."""
        return self.random.random() < of

    def either(self, *values: Any) -> Any:
        """One of these."""
        return self.random.choice(values)

    def some(self, values: list[str], of: float = 0.5) -> list[str]:
        """Some of these."""
        return [each for each in values if self.chance(of)]

    def reference(self, *wanted: str) -> str:
        """A reference to something known; to one of ``wanted`` where that is known."""
        known = [name for name in wanted if name in self.parameters] or [
            *self.parameters,
            *(f"ACS::{name}" for name in _PSEUDO),
            *(["ACS::TaskLoopItem"] * 3 if self.looped else []),
            *(f"{task}.{name}" for task, outputs in self.outputs.items() for name in [*outputs, self.either(*_PATHS)]),
        ]
        return braced(self.random.choice(known))

    def known(self, name: str, otherwise: Any) -> Any:
        """A reference to a parameter; a value where there is none of this name, and now and then to anything."""
        if self.chance(0.03):
            return self.reference()
        return braced(name) if name in self.parameters else otherwise

    def item(self) -> str:
        """What a task of a loop is about, or a machine."""
        return "{{ ACS::TaskLoopItem }}" if self.looped and self.chance(0.9) else self.machine()

    def machine(self) -> str:
        """A machine's id: mostly of one that is there."""
        return NO_MACHINE if self.chance(0.1) else self.random.choice(MACHINES)

    def value(self, depth: int = _DEPTH) -> Any:
        """A value: data, references, calls of functions."""
        kind = self.random.randrange(7 if depth else 4)
        if kind < 2:
            return self.random.choice([None, True, 0, -3, 0.5, *_TEXTS])
        if kind == 2:
            return self.reference()
        if kind == 3:
            return f"{self.random.choice(_TEXTS[:6])}{self.reference()}-{self.reference()}"
        if kind == 4:
            return [self.value(depth - 1) for _ in range(self.random.randrange(3))]
        if kind == 5:
            return {name: self.value(depth - 1) for name in self.some(["a", "b", "界"])}
        return self.call(depth)

    def call(self, depth: int = _DEPTH) -> dict[str, Any]:
        """A function: its example, with references and other calls in place of some arguments."""
        function = FUNCTIONS[self.random.choice(list(FUNCTIONS))]
        example, kinds = copy.deepcopy(function.example[0]), [each.kind for each in function.arguments]
        if function.form == VALUE:
            return {function.name: self._argument(kinds[0], example, depth)}
        return {
            function.name: [
                self._argument(kinds[min(number, len(kinds) - 1)], each, depth) for number, each in enumerate(example)
            ]
        }

    def _argument(self, kind: str, example: Any, depth: int) -> Any:
        which = self.random.randrange(5)
        if which == 0:
            return self.reference()
        if which == 1 and depth:
            return self.condition(depth - 1) if kind == CONDITION else self.call(depth - 1)
        return example

    def condition(self, depth: int = _DEPTH) -> Any:
        """A condition: mostly one that holds or doesn't, sometimes a value that is neither."""
        kind = self.random.randrange(8)
        if kind < 2 or not depth:
            return self.either(True, False, "true", "False")
        if kind == 2 and self.conditions:
            return self.random.choice(self.conditions)
        return self.reference() if kind == 3 else self.decision(depth - 1)

    def decision(self, depth: int = _DEPTH) -> dict[str, Any]:
        """A condition that is a function."""
        name = self.random.choice(_DECIDE)
        if name == "Fn::Equals":
            value = self.value(depth and depth - 1)
            return {name: [value, value if self.chance(0.4) else self.value(0)]}
        if name == "Fn::Not":
            return {name: self.condition(depth and depth - 1)}
        return {name: [self.condition(depth and depth - 1) for _ in range(self.random.randint(1, 3))]}
