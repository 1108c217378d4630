"""Properties of compiling and evaluating, for templates that nobody would write: in order, spoilt, and no templates.

What compiles is plain data with exact names in it; what doesn't says why, in ids that are documented. What is evaluated
is a value or an error, the same each time, and nothing that was given changes.
"""

import copy
import json
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.converter import value_to_type

from caboose.oos.checks import RULES
from caboose.oos.compiling.compile import MAX_PLAN_BYTES, Compiled, compile_template
from caboose.oos.compiling.compiler import plan_bytes
from caboose.oos.evaluate import Evaluator
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.problems import MAX_PROBLEMS, errors
from caboose.oos.references import OUTPUT, PARAMETER, PSEUDO_PARAMETERS, RAW, STORE, Reference, references
from caboose.oos.selectors import SelectorError
from caboose.oos.values import MAX_VALUE_BYTES, EvaluationError, compact_json, json_fault, json_size
from tests.oos.language import LIBRARY, ODD, Author, in_other_case

SEED = st.integers(0, 2**32)
"""Of an author's chance: a failure names it at once, where hypothesis would look for a smaller template for minutes."""
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
MANY = settings(deadline=None, max_examples=120)

KEYS = (
    "FormatVersion",
    "Parameters",
    "Conditions",
    "Tasks",
    "Outputs",
    "RamRole",
    "Name",
    "Action",
    "Properties",
    "Loop",
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(ODD)
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def compiled(template: Any) -> Compiled:
    return compile_template(template if isinstance(template, str) else json.dumps(template), LIBRARY)


def assert_sound(found: Compiled) -> None:
    """There is a plan or an error, and what is said can be looked up and sent."""
    assert (found.plan is None) == bool(errors(found.problems))
    assert {problem.id for problem in found.problems} <= set(RULES)
    assert all(problem.severity == RULES[problem.id].severity for problem in found.problems)
    assert all(count <= MAX_PROBLEMS + 1 for count in Counter(problem.id for problem in found.problems).values())
    assert json_fault([problem.as_record() for problem in found.problems]) == ""
    if found.plan:
        assert_plain(found.plan)


def assert_plain(plan: Plan) -> None:
    text = json.dumps(asdict(plan), allow_nan=False)
    assert json.loads(text) == asdict(plan)
    assert value_to_type(Plan, json.loads(text)) == plan
    assert plan_bytes(plan.bodies.values()) <= MAX_PLAN_BYTES


@MANY
@given(st.text(max_size=300))
def test_any_text_is_compiled_or_refused(text: str) -> None:
    assert_sound(compiled(text))
    assert_sound(compiled(f"FormatVersion: OOS-2019-06-01\nTasks:\n- Name: a\n  Action: {text}"))


@MANY
@given(st.dictionaries(st.sampled_from(KEYS), VALUES), st.booleans())
def test_any_value_is_compiled_or_refused(value: dict[str, Any], as_yaml: bool) -> None:
    value.setdefault("FormatVersion", "OOS-2019-06-01")
    assert_sound(compiled(yaml.safe_dump(value) if as_yaml else value))


@MANY
@given(SEED)
def test_what_is_in_order_compiles_and_names_everything_exactly(seed: int) -> None:
    found = compiled(Author(Random(seed)).template())
    assert [str(problem) for problem in errors(found.problems)] == []
    assert_sound(found)
    assert found.plan
    for body in found.plan.bodies.values():
        tasks = dict(every_task(body.tasks))
        for _, reference in references([asdict(body)]):
            assert is_declared(reference, body, tasks), reference


def every_task(tasks: list[Task]) -> Iterator[tuple[str, Task]]:
    for task in tasks:
        yield task.name, task
        yield from every_task(task.tasks)


def is_declared(reference: Reference, body: Body, tasks: dict[str, Task]) -> bool:
    task = tasks.get(reference.name)
    if reference.kind == PARAMETER:
        return reference.name in body.parameters
    if reference.kind == OUTPUT:
        return task is not None and reference.field in (task.loop.outputs if task.loop else task.outputs)
    if reference.kind == RAW:
        return task is not None and reference.field in task.raw_outputs
    return reference.kind == STORE or reference.name in PSEUDO_PARAMETERS


@MANY
@given(SEED)
def test_another_letter_case_becomes_the_same_plan(seed: int) -> None:
    template = Author(Random(seed)).template()
    plain, other = compiled(template), compiled(in_other_case(template))
    assert plain.plan
    assert other.plan
    assert other.plan.body == plain.plan.body


@settings(deadline=None, max_examples=250)
@given(SEED)
def test_what_is_spoilt_is_compiled_or_refused(seed: int) -> None:
    author = Author(Random(seed))
    assert_sound(compiled(author.spoilt(author.template())))


class Echo:
    """An engine whose results depend on nothing but what it is asked."""

    async def run(self, program: str, value: Any) -> list[Any]:
        if "env" in program:
            raise SelectorError("no")
        return [value] * (len(program) % 3)

    async def matches(self, pattern: str, text: str) -> bool:
        return pattern == text


def finished(waiting: Coroutine[Any, Any, Any]) -> Any:
    """The result of what never really waits."""
    with pytest.raises(StopIteration) as stopped:
        waiting.send(None)
    return stopped.value.value


def outcome(value: Any, known: dict[str, Any], conditions: dict[str, Any], *, as_condition: bool = False) -> Any:
    """The value evaluated, or what is said of it; nothing else is ever raised."""

    def lookup(reference: Reference) -> Any:
        return f"{{{{ {reference} }}}}" if reference.kind == STORE else known.get(reference.name)

    evaluator = Evaluator(lookup, Echo(), conditions=conditions, now=lambda: NOW)

    async def tried() -> Any:
        try:
            return await (evaluator.condition(value) if as_condition else evaluator.evaluate(value))
        except EvaluationError as error:
            assert error.code in RULES
            return error

    return finished(tried())


def assert_evaluates(
    value: Any, known: dict[str, Any], conditions: dict[str, Any], *, as_condition: bool = False
) -> None:
    before = copy.deepcopy((value, known, conditions))
    once = outcome(value, known, conditions, as_condition=as_condition)
    twice = outcome(value, known, conditions, as_condition=as_condition)
    assert (value, known, conditions) == before, "evaluating changes nothing"
    if isinstance(once, EvaluationError):
        assert (once.code, str(once)) == (twice.code, str(twice))
        return
    assert compact_json(once) == compact_json(twice)
    assert json_size(once) <= MAX_VALUE_BYTES + 10 * json_size(value)
    assert json_fault(once) == ""


NAMES = st.sampled_from(["text", "size", "flag", "items", "data", "look", "wait", "act", "ACS::TaskLoopItem"])
GIVEN = st.dictionaries(NAMES, VALUES, max_size=8)


@MANY
@given(SEED, GIVEN)
def test_what_compiled_evaluates_to_a_value_or_an_error(seed: int, known: dict[str, Any]) -> None:
    plan = compiled(Author(Random(seed)).template()).plan
    assert plan
    for _, task in every_task(plan.body.tasks):
        assert_evaluates(task.properties, known, plan.body.conditions)
        if task.when is not None:
            assert_evaluates(task.when, known, plan.body.conditions, as_condition=True)
    for output in plan.body.outputs.values():
        assert_evaluates(output.value, known, plan.body.conditions)


@settings(deadline=None, max_examples=300)
@given(SEED, GIVEN)
def test_any_call_that_compiles_evaluates_to_a_value_or_an_error(seed: int, known: dict[str, Any]) -> None:
    author = Author(Random(seed))
    template = author.template()
    template["Outputs"] = {"one": {"Value": author.spoilt([author.call()])}}
    plan = compiled(template).plan
    if plan:
        assert_evaluates(plan.body.outputs["one"].value, known, plan.body.conditions)


def nested(depth: int, inner: Any, wrap: Any) -> Any:
    for _ in range(depth):
        inner = wrap(inner)
    return inner


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: [inner],
        lambda inner: {"a": inner},
        lambda inner: {"Fn::Not": inner},
        lambda inner: {"Fn::And": [inner, True]},
        lambda inner: {"Fn::If": [True, inner, 1]},
        lambda inner: {"Fn::Equals": [inner, "{{ text }}"]},
        lambda inner: {"Fn::Join": ["", ["x", inner]]},
    ],
)
def test_what_is_nested_as_deeply_as_it_may_be_is_compiled_and_evaluated(wrap: Any) -> None:
    for depth in (10, 20, 45, 50, 51, 150):
        value = nested(depth, "{{ flag }}", wrap)
        template = {
            "FormatVersion": "OOS-2019-06-01",
            "Parameters": {"flag": {"Type": "Boolean"}, "text": {}},
            "Tasks": [{"Name": "a", "Action": "ACS::Pause"}],
            "Outputs": {"one": {"Value": value}},
        }
        found = compiled(template)
        assert_sound(found)
        if found.plan:
            assert_evaluates(found.plan.body.outputs["one"].value, {"flag": True, "text": "x"}, {})
        else:
            assert [problem.id for problem in found.problems] == ["TooDeep"]


def test_problems_are_counted_to_a_bound() -> None:
    task = {"Name": "a", "Action": "ACS::ExecuteAPI", "Properties": {"Service": "ECS", "API": "DescribeX"}}
    task["Properties"] = {"Service": "ECS", "API": "DescribeX", "Parameters": {str(n): "{{ no }}" for n in range(500)}}
    found = compiled({"FormatVersion": "OOS-2019-06-01", "Tasks": [task]})
    assert_sound(found)
    assert len(found.problems) <= MAX_PROBLEMS + 1
    assert found.problems[-1].id == "TooManyProblems"
