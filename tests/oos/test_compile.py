"""Compiling: a plan that survives JSON, bodies that are there once, and problems in product actions at their place."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from temporalio.converter import DataConverter

from caboose.library_folders import built_in_templates, load_library
from caboose.oos.compile import MAX_ACTION_DEPTH, compile_template
from caboose.oos.library import Library, Source
from caboose.oos.plan import Body, Plan, Task
from caboose.oos.problems import errors
from tests.oos.templates import READ, compiled, places, task, template

PRODUCT = template([task(Properties={"Service": "ECS", "API": "{{ x }}"})])


def product(name: str, *actions: str, **sections: Any) -> Source:
    """A product action whose tasks use the named actions, or one read."""
    tasks = [{"Name": f"t{n}", "Action": action} for n, action in enumerate(actions)] or [READ]
    return Source(name, template(tasks, **sections))


def using(*actions: str) -> str:
    return template([{"Name": f"t{n}", "Action": action} for n, action in enumerate(actions)])


async def test_a_plan_travels_through_history_unchanged() -> None:
    library = load_library()
    for text in built_in_templates().values():
        plan = compile_template(text, library).plan
        assert plan is not None
        payloads = await DataConverter.default.encode([plan])
        assert (await DataConverter.default.decode(payloads, [Plan]))[0] == plan
        assert json.loads(json.dumps(asdict(plan))) == asdict(plan), "plain data: no tuples, no sets"


def test_the_built_in_templates_have_no_problems_but_the_example_s_letter_case() -> None:
    library = load_library()
    for name, text in built_in_templates().items():
        found = compile_template(text, library, name)
        assert found.plan is not None
        assert [problem.id for problem in found.problems] == ["LetterCase"]
        assert found.plan.body.name == name


def test_every_product_action_of_the_library_compiles() -> None:
    library = load_library()
    for name in library.names():
        source = library.find(name)
        assert source is not None
        assert not compile_template(source.text, library).problems, name


def test_the_same_text_is_compiled_once() -> None:
    library = Library()
    assert compile_template(template(), library) is compile_template(template(), library)


def test_a_body_that_many_tasks_use_is_there_once() -> None:
    library = Library([product("ACS::ECS::A", "ACS::ECS::B"), product("ACS::ECS::B")])
    plan = compiled(using("ACS::ECS::A", "ACS::ECS::B", "acs::ecs::a"), library).plan
    assert plan is not None
    assert sorted(body.name for body in plan.bodies.values()) == ["", "ACS::ECS::A", "ACS::ECS::B"]
    first, second, third = plan.body.tasks
    assert first.body == third.body
    assert plan.bodies[first.body].tasks[0].body == second.body
    assert third.action == "ACS::ECS::A", "the declared spelling"


def test_the_hash_names_what_is_in_a_body() -> None:
    library = Library([product("ACS::ECS::A")])
    other = Library([product("ACS::ECS::A", Description="another")])
    one, two = compiled(using("ACS::ECS::A"), library).plan, compiled(using("ACS::ECS::A"), other).plan
    assert one is not None
    assert two is not None
    assert one.body.tasks[0].body != two.body.tasks[0].body


def test_problems_of_a_product_action_are_shown_under_its_name() -> None:
    library = Library([Source("ACS::ECS::A", PRODUCT)])
    found = compiled(using("ACS::ECS::A", "ACS::ECS::A"), library)
    assert found.plan is None
    assert places(found.problems) == [
        ("UnknownReference", "ACS::ECS::A.Tasks.look.Properties.API"),
        ("NotSupportedYet", "ACS::ECS::A.Tasks.look.Properties.API"),
    ], "once, however many tasks use it"


def test_an_unreadable_product_action() -> None:
    found = compiled(using("ACS::ECS::A", "ACS::ECS::A"), Library([Source("ACS::ECS::A", "a: [")]))
    assert found.plan is None
    assert [problem.id for problem in found.problems] == ["InvalidYaml"]


def test_product_actions_in_a_circle() -> None:
    library = Library([product("ACS::A::A", "ACS::A::B"), product("ACS::A::B", "ACS::A::A")])
    problems = compiled(using("ACS::A::A"), library).problems
    assert [problem.id for problem in errors(problems)] == ["ActionCycle"]
    assert "ACS::A::A -> ACS::A::B -> ACS::A::A" in problems[0].message


def chain(length: int) -> Library:
    return Library(
        [product(f"ACS::C::N{n}", f"ACS::C::N{n + 1}") for n in range(length)] + [product(f"ACS::C::N{length}")]
    )


def test_product_actions_are_sixteen_deep_at_most() -> None:
    assert compiled(using("ACS::C::N0"), chain(MAX_ACTION_DEPTH - 1)).plan is not None
    too_deep = compiled(using("ACS::C::N0"), chain(MAX_ACTION_DEPTH))
    assert [problem.id for problem in too_deep.problems] == ["TooManyActions"]


def test_at_most_two_hundred_bodies() -> None:
    names = [f"ACS::M::N{n}" for n in range(201)]
    found = compiled(using(*names), Library([product(name, Description=name) for name in names]))
    assert [problem.id for problem in found.problems] == ["TooManyActions"]


def test_a_plan_of_more_than_a_megabyte_is_refused() -> None:
    names = [f"ACS::M::N{n}" for n in range(20)]
    found = compiled(using(*names), Library([product(name, Description=name + "x" * 60_000) for name in names]))
    assert found.plan is None
    assert [problem.id for problem in found.problems] == ["PlanTooLarge"]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"RamRole": "someRole"}, ("NotSupportedYet", "ACS::A::A.RamRole")),
        (
            {"Parameters": {"p": {"AllowedPattern": "a", "Default": "a"}}},
            ("NotSupportedYet", "ACS::A::A.Parameters.p.AllowedPattern"),
        ),
    ],
)
def test_what_only_a_started_template_may_have(sections: dict[str, Any], expected: tuple[str, str]) -> None:
    assert compiled(template(**sections)).plan is not None
    found = compiled(using("ACS::A::A"), Library([product("ACS::A::A", **sections)]))
    assert places(found.problems) == [expected]


def test_a_template_that_is_no_map_and_one_that_is_not_read() -> None:
    assert [problem.id for problem in compiled("[1]").problems] == ["InvalidType", "InvalidType"]
    assert compiled("a: [").problems[0].id == "InvalidYaml"


def test_a_plan_has_the_body_that_is_started() -> None:
    body = Body("x", [Task("t", "ACS::ExecuteAPI", {})])
    assert Plan("r", {"r": body, "s": Body("y", [])}).body is body


def test_a_literal_list_of_too_many_items() -> None:
    found = compiled(template([task(Loop={"Items": [1] * 1_001}, Outputs=None)]))
    assert places(found.problems) == [("TooManyItems", "Tasks.look.Loop.Items")]
    assert compiled(template([task(Loop={"Items": [1] * 1_000}, Outputs=None)])).plan is not None
