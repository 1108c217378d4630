"""An author of templates: puts the parts of the language together as they may be, and spoils what is in order.

Functions and their examples come from the declarations, so what is added there is tried here at once. All chance comes
from the ``Random`` that is given, so that a template can be written again.
"""

import copy
import json
import re
from random import Random
from typing import Any, TypeVar

from caboose.oos.functions import FIXED, FUNCTIONS, MANY, VALUE
from caboose.oos.kinds import CONDITION
from caboose.oos.library import Library, Source

_T = TypeVar("_T")

ACTION = "ACS::Test::Act"
PUBLIC = "ACS-Test-Public"
_INNER = {
    "FormatVersion": "OOS-2019-06-01",
    "Parameters": {"id": {}, "size": {"Type": "Number", "Default": 1}, "tags": {"Type": "Json", "Default": {}}},
    "Tasks": [
        {"Name": "get", "Action": "ACS::ExecuteAPI", "Properties": {"Service": "ECS", "API": "DescribeInstances"}}
    ],
    "Outputs": {"result": {"Value": "{{ id }}"}},
}
LIBRARY = Library([Source(name, json.dumps(_INNER)) for name in (ACTION, PUBLIC, "ACS::Test::Other")])

TYPES = {"text": "String", "size": "Number", "flag": "Boolean", "items": "List", "data": "Json"}
"""The parameters that templates of this author may have, by name."""
_CONDITIONS = ("IsSmall", "IsBig", "Both")
_TASKS = ("look", "wait", "act", "again", "last")
_OUTPUTS = ("id", "ids", "state")
_PATHS = ("Instances.Instance[].InstanceId", "A[0]", 'Tags."a b"[]?.Value', "a.b.c")
_SELECTORS = ("Instances.Instance[].InstanceId", ".a", ".", ".a|length", "a[?b=='c'].d", "a.{{ text }}[]")
_TEXTS = ("", "i-1", "true", "a b", "界", "${a}", "{}", "}}", "10%", "PT1M", "2026-01-31T08:00:00Z", "ACS::END")
_PSEUDO = ("ACS::RegionId", "ACS::ExecutionId", "ACS::CurrentDate", "ACS::CurrentUTCTime", "ACS::ExecuteUser")
_DECIDE = ("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not")
_DEPTH = 3

ODD: tuple[Any, ...] = (
    None, "", "x", -1, 0, 1e300, 10**30, 0.1, True, [], {}, [[]], [None], {"": None}, {"a": {"b": []}},
    "{{ nobody }}", "{{ nobody.x }}", "{{ }}", "{{", "{{{{ a }}}}", "{{ ACS::Nothing }}", "{{ ACS::TaskLoopItem }}",
    "{{ oos: }}", "{{ oos:key }}", "{{ oos-secret:key }}", "{{ look[].a }}", "{{ look.ids }}", "{{ last.id }}",
    "{{ TEXT }}", "{{ a | upper }}", {"Fn::Nothing": 1}, {"Fn::Join": []}, {"Fn::If": [1, 2, 3]},
    {"fn::equals": [1, 1]}, {"Fn::Equals": [1, 1], "a": 1}, {"Fn::Jq": ["First", "env", {}]}, {"Fn::Eval": "9**9**9"},
    "IsSmall", "ACS::END", "ACS::NEXT", "look", "last", "ACS::Sleep", "ACS::Choice", "ACS::Loop", "ACS::Template",
    "ACS::TimerTrigger", "ACS::Test::Act", "ACS::No::One", "acs::executeapi", "OOS-2019-06-01", "100%", "-5%", "PT1M",
    "99999999999M", "0 0 * * * ?", "a[", ".a | env", "$ENV", "(" * 40, "x" * 2_000, "\x00", "ecs", "DeleteInstance",
    "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
)  # fmt: skip
"""What is put where it doesn't belong."""


class Author:
    """Writes one template, in order unless ``spoilt`` is called."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._parameters = self._some(list(TYPES), 1)
        self._conditions: list[str] = []
        self._outputs: dict[str, list[str]] = {}
        self._looped = False
        self._loops = 0

    def template(self) -> dict[str, Any]:
        """A template without errors, as a value."""
        template: dict[str, Any] = {"FormatVersion": "OOS-2019-06-01"}
        template["Parameters"] = {name: self._parameter(name) for name in self._parameters}
        template["Conditions"] = {name: self._decision(_DEPTH) for name in self._some(list(_CONDITIONS))}
        self._conditions = list(template["Conditions"])
        template["RamRole"] = self._either("", "{{ text }}" if "text" in self._parameters else "role")
        template["Tasks"] = self._tasks(list(_TASKS[: self._random.randint(1, len(_TASKS))]), inner=False)
        template["Outputs"] = {name: {"Type": "Json", "Value": self.value()} for name in self._some(["one", "two"])}
        return template

    def spoilt(self, template: Any) -> Any:
        """The same with some nodes removed, doubled, or replaced by odd values or by each other."""
        template = copy.deepcopy(template)
        for _ in range(self._random.randint(1, 4)):
            places = list(_places(template))
            holder, key = self._random.choice(places)
            match self._random.randrange(4):
                case 0:
                    del holder[key]
                case 1:
                    holder[key] = self._random.choice(ODD)
                case 2:
                    other, place = self._random.choice(places)
                    holder[key] = copy.deepcopy(other[place]) if place in other or isinstance(other, list) else None
                case _ if isinstance(holder, dict):
                    holder[self._random.choice([str(key).upper(), f"{key}x", "Fn::Join", "Loop"])] = holder[key]
                case _:
                    holder.append(copy.deepcopy(holder[key]))
            if not list(_places(template)):
                break
        return template

    def value(self, depth: int = _DEPTH) -> Any:
        """A value: data, references and calls of functions, nested."""
        kind = self._random.randrange(8 if depth else 4)
        if kind < 2:
            return self._random.choice([None, True, 0, -3, 0.5, *_TEXTS])
        if kind == 2:
            return self._reference()
        if kind == 3:
            return f"{self._random.choice(_TEXTS)}{self._reference()}-{self._reference()}"
        if kind == 4:
            return [self.value(depth - 1) for _ in range(self._random.randrange(3))]
        if kind == 5:
            return {name: self.value(depth - 1) for name in self._some(["a", "b", "界"])}
        return self.call(depth)

    def call(self, depth: int = _DEPTH) -> dict[str, Any]:
        """A function: its example, with references and other calls in place of some arguments."""
        function = FUNCTIONS[self._random.choice(list(FUNCTIONS))]
        example = copy.deepcopy(function.example[0])
        if function.form == VALUE:
            [declared] = function.arguments
            return {function.name: self._argument(declared.kind, example, depth)}
        kinds = [each.kind for each in function.arguments]
        if function.form == MANY and self._random.random() < 0.2:
            return {function.name: self._reference()}
        assert function.form in (FIXED, MANY)
        arguments = [self._argument(kinds[min(n, len(kinds) - 1)], each, depth) for n, each in enumerate(example)]
        return {function.name: arguments}

    def _argument(self, kind: str, example: Any, depth: int) -> Any:
        which = self._random.randrange(4)
        if which == 0:
            return self._reference()
        if which == 1 and depth:
            return self._decision(depth - 1) if kind == CONDITION else self.call(depth - 1)
        return example

    def condition(self, depth: int = _DEPTH) -> Any:
        """A condition: a word, a name, a reference or a decision."""
        kind = self._random.randrange(5)
        if kind == 0:
            return self._either(True, False, "true", "False")
        if kind == 1 and self._conditions:
            return self._random.choice(self._conditions)
        return self._reference() if kind == 2 or not depth else self._decision(depth - 1)

    def _decision(self, depth: int) -> dict[str, Any]:
        name = self._random.choice(_DECIDE)
        if name == "Fn::Equals":
            return {name: [self.value(depth and depth - 1), self.value(0)]}
        if name == "Fn::Not":
            return {name: self.condition(depth and depth - 1)}
        return {name: [self.condition(depth and depth - 1) for _ in range(self._random.randint(1, 3))]}

    def _reference(self) -> str:
        known = [*self._parameters, *_PSEUDO, "oos:key", *(["ACS::TaskLoopItem"] if self._looped else [])]
        for task, outputs in self._outputs.items():
            known += [f"{task}.{name}" for name in outputs]
            known.append(f"{task}.{self._random.choice(_PATHS)}")
        return self._either("{{ %s }}", "{{%s}}", " {{ %s }} ") % self._random.choice(known)

    def _parameter(self, name: str) -> dict[str, Any]:
        declared: dict[str, Any] = {"Type": TYPES[name]}
        if self._random.random() < 0.5:
            declared["Default"] = {"text": "{{ ACS::RegionId }}-x", "size": "5", "flag": "True", "items": [1]}.get(name)
        constraints: dict[str, dict[str, Any]] = {
            "text": {"AllowedPattern": ".*", "MaxLength": 100, "NoEcho": True, "Description": {"en": "a"}},
            "size": {"MinValue": 1, "MaxValue": 100, "AllowedValues": [1, "5", 7.5]},
            "items": {"AllowedValues": [1, "a"], "Label": {"en": "the items"}},
        }
        return declared | constraints.get(name, {}) if self._random.random() < 0.5 else declared

    def _tasks(self, names: list[str], *, inner: bool) -> list[dict[str, Any]]:
        before = dict(self._outputs)
        tasks: list[dict[str, Any]] = []
        for name in names:
            first = not inner and not tasks
            tasks.append(self._task(name, names, inner=inner, first=first))
        if inner:
            self._outputs = before
        return tasks

    def _task(self, name: str, names: list[str], *, inner: bool, first: bool) -> dict[str, Any]:
        kinds = [
            self._api,
            self._wait,
            self._product,
            self._nested,
            self._inline,
            self._sleep,
            self._choice,
            self._odd_ones,
        ]
        if not inner:
            kinds.append(self._loop_action)
        if first:
            kinds.append(self._trigger)
        outside = self._looped
        looped = self._random.random() < 0.3
        self._looped = outside or looped
        task = {"Name": name, **self._random.choice(kinds[:3] if looped else kinds)(names)}
        task["Description"] = self._either("what it does", {"en": "what it does"}, None)
        if task["Action"] != "ACS::Loop":
            types = ("String", "List", "Json", "Number", "Boolean")
            task["Outputs"] = {each: self._output(types) for each in self._some(list(_OUTPUTS))}
        if self._random.random() < 0.4:
            task["When"] = self.condition()
        for key in self._some(["OnSuccess", "OnError", "OnCancel"]):
            task[key] = self._random.choice([*names, "ACS::END", "ACS::NEXT", "END", "next"])
        visible = list(task["Outputs"])
        if looped:
            task["Loop"] = loop = self._loop(visible)
            visible = list(loop["Outputs"])
        self._looped = outside
        self._outputs[name] = visible
        return task

    def _output(self, types: tuple[str, ...]) -> dict[str, Any]:
        selectors = [each for each in _SELECTORS if "text" in self._parameters or "{{" not in each]
        selector = self._either(self._random.choice(selectors), {"Fn::Jq": ["First", ".a", self._reference()]})
        return {"Type": self._random.choice(types), "ValueSelector": selector}

    def _loop(self, outputs: list[str]) -> dict[str, Any]:
        self._looped = False
        items = self._either(
            [1, "two", self._reference()], self._reference(), {"Fn::Jq": ["All", ".a[]", self._reference()]}
        )
        control: dict[str, Any] = self._either(
            {"RateControl": {"Mode": "Concurrency", "Concurrency": "50%", "MaxErrors": 1}},
            {"RateControl": {"Mode": "Batch", "Batch": [1, "25%"], "BatchPauseOption": "EveryBatchPause"}},
            {"Concurrency": {"Fn::CalculateBatch": [self._reference(), items]}, "MaxErrors": self._reference()},
            {"RateControl": self._reference()},
            {},
        )
        kinds = ("Fn::ListJoin", "Fn::Sum")
        collected = {
            f"all-{name}": {"AggregateType": self._random.choice(kinds), "AggregateField": name} for name in outputs
        }
        return {"Items": items, **control, "Outputs": collected}

    def _api(self, _: list[str]) -> dict[str, Any]:
        api = self._either("DescribeInstances", "DeleteInstance")
        parameters = {"RegionId": self.value(1), "Tag": self.value()}
        properties = {"Service": self._either("ECS", "RDS"), "API": api, "Parameters": parameters}
        return {"Action": "ACS::ExecuteAPI", "Properties": properties}

    def _wait(self, _: list[str]) -> dict[str, Any]:
        values = self._either([self.value(1), "Running"], self._reference())
        properties = {"Service": "ECS", "API": "DescribeInstances", "PropertySelector": "Instances.Instance[].Status"}
        action = self._either("ACS::WaitFor", "ACS::CheckFor")
        attributes = {"Retries": 5, "DelayType": "Constant", "Delay": "10"} if action == "ACS::WaitFor" else {}
        return {"Action": action, "Properties": {**properties, "DesiredValues": values}, **attributes}

    def _product(self, _: list[str]) -> dict[str, Any]:
        properties = {
            "id": self._reference(),
            "size": self._either(5, "7", self._reference()),
            "tags": {"a": self.value(1)},
        }
        return {
            "Action": ACTION,
            "Properties": {name: properties[name] for name in ["id", *self._some(["size", "tags"])]},
        }

    def _nested(self, names: list[str]) -> dict[str, Any]:
        given = self._product(names)["Properties"]
        properties = self._either(
            {"TemplateName": PUBLIC, "Parameters": given},
            {"TemplateName": self._reference(), "Parameters": self._reference()},
            {"TemplateName": "somebody-s", "TemplateVersion": "v1"},
        )
        return {"Action": "ACS::Template", "Properties": properties}

    def _inline(self, names: list[str]) -> dict[str, Any]:
        content = self._either(_INNER, json.dumps(_INNER))
        properties = {"TemplateContent": content, "Parameters": self._product(names)["Properties"]}
        return {"Action": "ACS::Template", "Properties": properties}

    def _sleep(self, _: list[str]) -> dict[str, Any]:
        properties = self._either(
            {"Duration": "PT1M"}, {"Duration": self._reference()}, {"EndDate": "2030-01-01T00:00:00Z"}
        )
        return {"Action": "ACS::Sleep", "Properties": properties}

    def _choice(self, names: list[str]) -> dict[str, Any]:
        targets = [*names, "ACS::END"]
        choices = [{"When": self.condition(), "NextTask": self._random.choice(targets)} for _ in range(2)]
        return {
            "Action": "ACS::Choice",
            "Properties": {"DefaultTask": self._random.choice(targets), "Choices": choices},
        }

    def _odd_ones(self, _: list[str]) -> dict[str, Any]:
        message = {"URI": "https://example.com", "Headers": {}, "Content": {"text": self.value(1)}}
        return self._either(
            {"Action": "ACS::Pause"},
            {"Action": "ACS::ExecuteHttpRequest", "Properties": {"URL": self._reference(), "Body": self.value(1)}},
            {"Action": "ACS::Notify", "Properties": {"NotifyType": "WebHook", "WebHook": message}},
            {
                "Action": "ACS::Approve",
                "Properties": {"WebHook": message, "Approvers": ["a"], "MinRequiredApprovals": 1},
            },
            {
                "Action": "ACS::SelectTargets",
                "Properties": {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [self._reference()]},
            },
        )

    def _trigger(self, _: list[str]) -> dict[str, Any]:
        return self._either(
            {
                "Action": "ACS::TimerTrigger",
                "Properties": {"Type": "rate", "Expression": "5 minutes", "EndDate": "2030-01-01T00:00:00Z"},
            },
            {"Action": "ACS::EventTrigger", "Properties": {"Product": "ECS", "Name": ["a"], "Content": {"a": ["b"]}}},
        )

    def _loop_action(self, names: list[str]) -> dict[str, Any]:
        properties: dict[str, Any] = {"LoopItems": self._either([1, 2], self._reference())}
        outside = self._looped
        self._looped = True
        self._loops += 1
        inner = [f"{name}-{self._loops}" for name in names[:2]]
        properties["LoopTasks"] = self._tasks(inner, inner=True)
        self._looped = outside
        outputs = {"id": {"Type": "List", "ValueSelector": f"{{{{ {inner[0]}.A[] }}}}"}}
        return {"Action": "ACS::Loop", "Properties": properties, "Outputs": outputs}

    def _either(self, *values: _T) -> _T:
        return self._random.choice(values)

    def _some(self, values: list[str], fewest: int = 0) -> list[str]:
        return [each for each in values if self._random.random() < 0.5] or values[:fewest]


_NAMES = re.compile(r"\{\{ ?([\w-]+(?:\.[\w-]+)?|acs::\w+) ?\}\}", re.IGNORECASE)
"""References, but for paths into results, which are data."""


def in_other_case(value: Any) -> Any:
    """The value with names in another letter case: references, functions and atomic actions."""
    if isinstance(value, str):
        named = _NAMES.sub(lambda match: "{{ " + match[1].swapcase() + " }}", value)
        return "Acs::executeapi" if value == "ACS::ExecuteAPI" else named
    if isinstance(value, dict):
        return {
            key.swapcase() if key in FUNCTIONS else key: child if key == "TemplateContent" else in_other_case(child)
            for key, child in value.items()
        }
    return [in_other_case(child) for child in value] if isinstance(value, list) else value


def _places(value: Any) -> Any:
    """Every (holder, key) of a value, inside of it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
