"""Compiling: a plan that survives JSON, bodies that are there once, and problems in product actions at their place."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from temporalio.converter import DataConverter

from caboose.library_folders import built_in_templates, load_library
from caboose.oos.compiling.compile import compile_template
from caboose.oos.compiling.compiler import MAX_BODIES, MAX_DEPTH
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
        assert [problem.id for problem in found.problems] == ["LetterCase", "SecretWithoutNoEcho"]
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


def test_problems_of_a_product_action_are_shown_where_it_is_used() -> None:
    library = Library([Source("ACS::ECS::A", PRODUCT)])
    found = compiled(using("ACS::ECS::A", "ACS::ECS::A"), library)
    assert found.plan is None
    assert places(found.problems) == [("BrokenTemplate", "Tasks.t0.Action"), ("BrokenTemplate", "Tasks.t1.Action")]
    assert "ACS::ECS::A can't be used: UnknownReference" in found.problems[0].message
    assert "Tasks.look.Properties.API" in found.problems[0].message


def test_an_unreadable_product_action() -> None:
    found = compiled(using("ACS::ECS::A", "ACS::ECS::A"), Library([Source("ACS::ECS::A", "a: [")]))
    assert found.plan is None
    assert places(found.problems) == [("BrokenTemplate", "Tasks.t0.Action"), ("BrokenTemplate", "Tasks.t1.Action")]
    assert "InvalidYaml line 1" in found.problems[0].message


def test_product_actions_in_a_circle() -> None:
    library = Library([product("ACS::A::A", "ACS::A::B"), product("ACS::A::B", "ACS::A::A")])
    problems = compiled(using("ACS::A::A"), library).problems
    assert [problem.id for problem in errors(problems)] == ["BrokenTemplate"]
    assert "TemplateCycle" in problems[0].message
    assert "ACS::A::A -> ACS::A::B -> ACS::A::A" in problems[0].message


def test_a_template_that_uses_itself() -> None:
    source = product("ACS::A::A", "acs::a::a")
    found = compile_template(source.text, Library([source]), source.name)
    assert places(found.problems) == [("TemplateCycle", "Tasks.t0.Action")]
    assert "ACS::A::A -> ACS::A::A" in found.problems[0].message


def chain(length: int) -> Library:
    return Library(
        [product(f"ACS::C::N{n}", f"ACS::C::N{n + 1}") for n in range(length)] + [product(f"ACS::C::N{length}")]
    )


def test_product_actions_are_sixteen_deep_at_most() -> None:
    assert compiled(using("ACS::C::N0"), chain(MAX_DEPTH - 2)).plan is not None
    too_deep = compiled(using("ACS::C::N0"), chain(MAX_DEPTH - 1))
    assert "TooDeepNesting" in too_deep.problems[0].message


def test_depth_counts_also_below_what_was_compiled_before() -> None:
    library = chain(MAX_DEPTH - 2)
    assert compiled(using("ACS::C::N0"), library).plan is not None, "and is kept"
    sources = [source for name in library.names() if (source := library.find(name))]
    library_too = Library([product("ACS::C::Above", "ACS::C::N0"), *sources])
    assert compiled(using("ACS::C::N1"), library_too).plan is not None, "and is kept"
    found = compiled(using("ACS::C::Above"), library_too)
    assert "TooDeepNesting" in found.problems[0].message


def test_at_most_two_hundred_bodies() -> None:
    names = [f"ACS::M::N{n}" for n in range(MAX_BODIES)]
    library = Library([product(name, Description=name) for name in names])
    assert compiled(using(*names[1:]), library).plan is not None
    assert "TooManyBodies" in [problem.id for problem in compiled(using(*names), library).problems]


def test_a_plan_of_more_than_a_megabyte_is_refused() -> None:
    names = [f"ACS::M::N{n}" for n in range(20)]
    found = compiled(using(*names), Library([product(name, Description=name + "x" * 60_000) for name in names]))
    assert found.plan is None
    assert [problem.id for problem in found.problems] == ["PlanTooLarge"]


def nesting(name: str, version: str = "") -> dict[str, Any]:
    properties = {"TemplateName": name, **({"TemplateVersion": version} if version else {})}
    return {"Name": f"use-{name}{version}", "Action": "ACS::Template", "Properties": properties}


def test_stored_templates_are_compiled_with_the_one_that_names_them() -> None:
    stored = {("outer", ""): template([nesting("inner")]), ("inner", ""): template()}
    text = template([nesting("outer"), nesting("inner")])
    library = Library()
    found = compile_template(text, library, "", lambda name, version: stored.get((name, version)))
    assert found.plan is not None
    assert sorted(body.name for body in found.plan.bodies.values()) == ["", "inner", "outer"]
    assert found.plan.body.tasks[0].body
    stored["inner", ""] = template(Description="another now")
    again = compile_template(text, library, "", lambda name, version: stored.get((name, version)))
    assert again.plan != found.plan, "a template that was stored anew is compiled anew"
    assert compile_template(text, library).missing == [("outer", ""), ("inner", "")]


def test_stored_templates_that_are_not_there_or_broken() -> None:
    text = template([nesting("broken", "v2"), nesting("broken")])
    found = compile_template(text, Library(), "", lambda name, version: "a: [" if version else None)
    broken, unknown = (problem for problem in found.problems if problem.id != "NotSupportedYet")
    assert (broken.id, broken.path) == ("BrokenTemplate", "Tasks.use-brokenv2.Properties.TemplateName")
    assert (unknown.id, unknown.path) == ("UnknownTemplate", "Tasks.use-broken.Properties.TemplateName")
    assert '"broken" here' in unknown.message


def test_stored_templates_in_a_circle() -> None:
    stored = {"one": template([nesting("two")]), "two": template([nesting("one")])}
    found = compile_template(stored["one"], Library(), "one", lambda name, _: stored.get(name))
    assert [problem.id for problem in errors(found.problems)] == ["BrokenTemplate"]
    assert "one -> two -> one" in found.problems[-1].message


def test_names_that_begin_with_acs_are_the_library_s() -> None:
    library = Library([Source("ACS-ECS-Look", template())])
    found = compile_template(
        template([nesting("acs-ecs-look")]), library, "", lambda *_: pytest.fail("asked the store")
    )
    assert found.plan is not None
    assert found.plan.bodies[found.plan.body.tasks[0].body].name == "ACS-ECS-Look"


def test_a_template_that_is_no_map_and_one_that_is_not_read() -> None:
    assert [problem.id for problem in compiled("[1]").problems] == ["InvalidType"]
    assert compiled("a: [").problems[0].id == "InvalidYaml"


def test_a_plan_has_the_body_that_is_started() -> None:
    body = Body("x", [Task("t", "ACS::ExecuteAPI", {})])
    assert Plan("r", {"r": body, "s": Body("y", [])}).body is body


def test_a_program_that_is_written_out_is_kept_for_whoever_can_check_it_and_has_a_length() -> None:
    outputs = {
        "a": {"ValueSelector": ".a|b"},
        "b": {"ValueSelector": ".a|" + "b" * 20_000},
        "c": {"ValueSelector": "a.b"},
    }
    found = compiled(template([task(Outputs=outputs)]))
    assert [(use.program, use.path, use.line) for use in found.programs] == [
        (".a|b", "Tasks.look.Outputs.a.ValueSelector", 1)
    ]
    assert places(found.problems) == [("InvalidSelector", "Tasks.look.Outputs.b.ValueSelector")]
    assert "20003 characters, at most 20000" in found.problems[0].message


def test_the_store_comes_before_the_library() -> None:
    library = Library([Source("look", template(Description="of the library"))])
    text = template([nesting("look")])
    found = compile_template(text, library, "", lambda *_: template(Description="of the store"))
    assert found.plan is not None
    assert found.plan.bodies[found.plan.body.tasks[0].body].description == "of the store"


def test_a_stored_template_below_one_of_the_library_is_never_an_older_one() -> None:
    library = Library([Source("ACS-Outer", template([nesting("look")])), product("ACS::X::Y", "ACS-Outer")])
    for written in ("first", "second"):
        text = template([nesting("ACS-Outer"), {"Name": "y", "Action": "ACS::X::Y"}], Description=written)
        found = compile_template(text, library, "", lambda *_: template(Description=written))  # noqa: B023
        assert found.plan is not None
        assert {body.description for body in found.plan.bodies.values()} == {"", written}


def test_versions_of_a_stored_template_are_different_templates() -> None:
    stored = {("one", "v1"): template(), ("one", "v2"): template([nesting("one", "v1")]), ("bad", "v1"): "a: ["}
    stored["bad", "v2"] = template(Description="mended")

    def find(name: str, version: str) -> str | None:
        return stored.get((name, version))

    assert compile_template(stored["one", "v2"], Library(), "one", find).plan is not None, "no circle"
    found = compile_template(template([nesting("bad", "v1"), nesting("bad", "v2")]), Library(), "", find)
    assert [problem.path for problem in errors(found.problems)] == ["Tasks.use-badv1.Properties.TemplateName"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("Fn::Joins", 'Did you mean "Fn::Join"?'),
        ("fn::equal", 'Did you mean "Fn::Equals"?'),
        ("Fn::GetAtt", "as a text (TemplateBody: |)"),
        ("Fn::FindInMap", "as a text (TemplateBody: |)"),
    ],
)
def test_a_function_that_isnt_there_may_be_misspelt_or_another_products(key: str, hint: str) -> None:
    found = compiled(template(Outputs={"o": {"Value": {key: ["a", "b"]}}}))
    unknown = next(problem for problem in found.problems if problem.id == "UnknownFunction")
    assert hint in unknown.hint


def test_a_file_of_the_library_has_no_versions() -> None:
    found = compile_template(template([nesting("ACS-Look", "v2")]), Library([Source("ACS-Look", template())]))
    unknown = next(problem for problem in found.problems if problem.id == "UnknownTemplate")
    assert '"ACS-Look" of version v2' in unknown.message
    assert "leave TemplateVersion out" in unknown.hint


def test_a_stored_template_is_asked_for_and_compiled_once_however_often_it_is_used() -> None:
    asked = []

    def find(name: str, _: str) -> str | None:
        asked.append(name)
        number = int(name)
        tasks = [{**nesting(str(number + 1)), "Name": f"t{n}"} for n in range(10)]
        return template(tasks if number < 12 else [READ])

    found = compile_template(template([nesting("1")]), Library(), "", find)
    assert found.plan is not None, "ten to the power of twelve uses"
    assert asked == [str(number) for number in range(1, 13)]


def test_what_stops_a_start_is_told_of_templates_below() -> None:
    library = Library([Source("ACS-Outer", template([nesting("nobody")]))])
    found = compile_template(template([nesting("ACS-Outer")]), library)
    assert ("UnknownTemplate", "ACS-Outer.Tasks.use-nobody.Properties.TemplateName") in places(found.problems)


def test_programs_of_templates_below_are_kept_too() -> None:
    inner = [task(Outputs={"a": {"ValueSelector": ".a|b"}})]
    inline = {"Name": "in", "Action": "ACS::Template", "Properties": {"TemplateContent": json.loads(template(inner))}}
    library = Library([Source("ACS::X::Y", template(inner)), Source("ACS::X::Z", template(inner))])
    actions = [{"Name": f"t{n}", "Action": f"ACS::X::{name}"} for n, name in enumerate("YYZ")]
    for description in ("compiled anew", "kept"):
        found = compile_template(template([inline, *actions], Description=description), library)
        assert [(use.path, use.line) for use in found.programs] == [
            ("Tasks.in.Properties.TemplateContent.Tasks.look.Outputs.a.ValueSelector", 1),
            ("ACS::X::Y.Tasks.look.Outputs.a.ValueSelector", 0),
            ("ACS::X::Z.Tasks.look.Outputs.a.ValueSelector", 0),
        ]
