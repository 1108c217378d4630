"""Binding: every violation at once, defaults in any order, and secrets that are never shown."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caboose.oos.evaluate import Evaluator
from caboose.oos.parameters import bind_parameters, is_secret, secret_names
from caboose.oos.plan import Parameter
from caboose.oos.problems import MAX_PROBLEMS, Problem
from caboose.oos.references import STORE, Reference
from caboose.oos.values import MAX_VALUE_BYTES, EvaluationError, Room
from tests.support.programs import PROGRAMS

WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=canary"


async def problems_of(
    given_values: Mapping[str, Any], *declared: Parameter, room: Room | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """The bound values and what is wrong; references to the store stay, as they do in a start."""
    room = room or Room()

    async def resolve_default(value: str, bound: Mapping[str, Any]) -> Any:
        def find(reference: Reference) -> Any:
            if reference.kind == STORE:
                return f"{{{{ {reference} }}}}"
            if reference.name not in bound:
                raise EvaluationError("UnknownReference", f"there is no parameter {reference}")
            return bound[reference.name]

        return await Evaluator(find, PROGRAMS, room=room).evaluate(value)

    return await bind_parameters({each.name: each for each in declared}, given_values, resolve_default, PROGRAMS)


async def bind(given_values: dict[str, Any], *declared: Parameter) -> tuple[dict[str, Any], list[str]]:
    """The bound values, and every problem as it is shown."""
    values, problems = await problems_of(given_values, *declared)
    return values, [str(problem) for problem in problems]


async def test_every_violation_is_reported_at_once_in_the_order_of_the_declarations() -> None:
    values, problems = await bind(
        {"count": "x", "kind": "c", "name": "toolong!", "Size": 11, "nobody": 1},
        Parameter("count", "Number"),
        Parameter("name", max_length=4, allowed_pattern="[a-z]*", constraint_description="Four letters."),
        Parameter("code", allowed_pattern="[0-9]+", has_default=True, default="x"),
        Parameter("size", "Number", max_value=10),
        Parameter("missing", description="here is why"),
        Parameter("kind", allowed_values=["a", "b"]),
        Parameter("fine", has_default=True, default="d"),
    )
    assert values == {"fine": "d"}
    assert problems == [
        'UnknownParameter Parameters: the template has no parameter "nobody". '
        "It has count, name, code, size, missing, kind, fine.",
        'InvalidParameter Parameters.count: expected a number, got "x"',
        "InvalidParameter Parameters.name: has 8 characters, at most 4. Four letters.",
        'InvalidParameter Parameters.code: "x" doesn\'t match AllowedPattern [0-9]+',
        "InvalidParameter Parameters.size: 11 is more than 10",
        'MissingParameter Parameters.missing: the parameter "missing" has no default and must be given. here is why',
        'InvalidParameter Parameters.kind: "c" is not one of "a", "b"',
    ]


@pytest.mark.parametrize(
    ("parameter", "value", "fault"),
    [
        (Parameter("p", min_length=2), "a", "has 1 character, at least 2"),
        (Parameter("p", max_length=2), "界界界", "has 3 characters, at most 2"),
        (Parameter("p", "Number", min_value=2), "1", "1 is less than 2"),
        (Parameter("p", "Number", min_value=0.5), 0.25, "0.25 is less than 0.5"),
        (Parameter("p", "Number", max_value=1_000_000), 1_000_001, "1000001 is more than 1000000"),
        (Parameter("p", "Number", allowed_values=[1, 2]), 3, "3 is not one of 1, 2"),
        (Parameter("p", "Boolean", allowed_values=[False]), "true", "true is not one of false"),
        (Parameter("p", "Json", allowed_values=[[1]]), [True, 1], "[true,1] is not one of [1]"),
        (Parameter("p", "List", allowed_values=["a"]), ["a", "b"], '"b" is not one of "a"'),
        (Parameter("p", "List", allowed_values=[0]), [False], "false is not one of 0"),
        (Parameter("p", "List", allowed_values=["null", "[1]"]), [None], "null is not one of"),
        (Parameter("p", "List", allowed_values=["null", "[1]"]), [[1]], "[1] is not one of"),
        (Parameter("p", "List", allowed_values=[["1"], None]), ["null"], '"null" is not one of'),
        (Parameter("p", allowed_pattern="d-[a-z]*"), "xd-a", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="d-[a-z]*"), "d-a!", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="a"), "a\n", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="(?<!x)a(?=b)"), "a", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="((((a{0,999}){0,999}){0,999}){0,999})"), "a" * 4000 + "c", "takes too long"),
        (Parameter("p", "List"), "[" * 101 + "]" * 101, "nested more than 100 levels"),
        (Parameter("p", "Json"), '{"a": 1e999}', "number in it that JSON doesn't know"),
        (Parameter("p", "Json"), {"a": float("nan")}, "number in it that JSON doesn't know"),
        (Parameter("p", "Json"), '["\\ud83d"]', "half a character"),
        (Parameter("p"), None, "null is given, which is no value"),
        (Parameter("p", has_default=True, default="x"), None, "Leave it out to take its default."),
    ],
)
async def test_constraints_that_are_violated(parameter: Parameter, value: Any, fault: str) -> None:
    values, problems = await bind({"p": value}, parameter)
    assert len(problems) == 1
    assert fault in problems[0]
    assert not values


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Parameter("p"), "x" * 500 + "!"),
        (Parameter("p", min_length=1, max_length=1), "界"),
        (Parameter("p", "Number", min_value=1, max_value=1), 1.0),
        (Parameter("p", "Number", allowed_values=[1, 2]), 2.0),
        (Parameter("p", "Json", allowed_values=[{"a": 1, "b": [2.0]}]), {"b": [2], "a": 1}),
        (Parameter("p", "List", allowed_values=["1", 2, True]), [1, "2", "true", True]),
        (Parameter("p", "List", allowed_values=["a"]), []),
        (Parameter("p", allowed_pattern="^(?!.*--name).*$"), "no such thing"),
        (Parameter("p", allowed_pattern=r"^\{\{oos-secret:.*$"), "{{oos-secret:code}}"),
        (Parameter("p", has_default=True), None),
        (Parameter("p", "Number", has_default=True), None),
    ],
)
async def test_constraints_that_are_kept(parameter: Parameter, value: Any) -> None:
    assert await bind({"p": value}, parameter) == ({"p": value}, [])


async def test_a_large_list_is_held_against_many_values_in_time() -> None:
    allowed = [f"v{n}" for n in range(5_000)]
    values, problems = await bind({"p": allowed * 19}, Parameter("p", "List", allowed_values=allowed))
    assert not problems
    assert len(values["p"]) == 95_000


async def test_a_long_value_is_cut_where_it_is_shown() -> None:
    _, problems = await bind({"p": "x" * 5000}, Parameter("p", "Number"))
    assert len(problems[0]) < 300
    assert problems[0].endswith("…")


async def test_names_match_in_any_case_but_only_once() -> None:
    assert await bind({"WEBHOOKURL": "u"}, Parameter("webHookUrl")) == ({"webHookUrl": "u"}, [])
    values, problems = await bind({"name": "a", "Name": "b"}, Parameter("name"))
    assert values == {"name": "a"}
    assert problems == ['UnknownParameter Parameters: the parameter "name" is given twice']


async def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    both = Parameter("targets", has_default=True), Parameter("other", has_default=True)
    _, problems = await bind({"targtes": 1}, *both)
    assert 'Did you mean "targets"?' in problems[0]
    _, problems = await bind({"x": 1})
    assert "It has none." in problems[0]


async def test_problems_have_an_end() -> None:
    _, problems = await bind({f"p{n}": 1 for n in range(1_000)}, *(Parameter(f"q{n}") for n in range(1_000)))
    assert len(problems) == MAX_PROBLEMS


async def test_defaults_may_refer_to_each_other_in_any_order() -> None:
    values, problems = await bind(
        {"region": "cn-x"},
        Parameter("c", has_default=True, default="{{ b }}!"),
        Parameter("b", has_default=True, default="{{ a }}{{ region }}"),
        Parameter("a", has_default=True, default="a-"),
        Parameter("region"),
        Parameter("list", "List", has_default=True, default="{{ c }}"),
        Parameter("map", "Json", has_default=True, default={"at": ["{{ list }}", "{{ a }}{{ a }}"]}),
    )
    assert not problems
    assert values["c"] == "a-cn-x!"
    assert values["list"] == ["a-cn-x!"]
    assert values["map"] == {"at": [["a-cn-x!"], "a-a-"]}


async def test_a_function_within_a_default_is_data() -> None:
    default = {"Resource": {"Fn::GetAtt": ["{{ a }}", 1, None]}}
    values, problems = await bind({"a": "x"}, Parameter("a"), Parameter("j", "Json", has_default=True, default=default))
    assert not problems
    assert values["j"] == {"Resource": {"Fn::GetAtt": ["x", 1, None]}}


async def test_a_default_that_is_not_used_may_refer_to_what_is_missing() -> None:
    values, problems = await bind({"a": "1"}, Parameter("a", has_default=True, default="{{ b }}"), Parameter("b"))
    assert values == {"a": "1"}
    assert len(problems) == 1


async def test_defaults_in_a_circle() -> None:
    """Compiling finds circles; a plan that was made otherwise is refused here."""
    declared = (
        Parameter("a", has_default=True, default="{{ b }}"),
        Parameter("b", has_default=True, default="{{ a }}"),
        Parameter("c", has_default=True, default="x"),
        Parameter("d", has_default=True, default="{{ a }}"),
    )
    values, problems = await bind({}, *declared)
    assert values == {"c": "x"}
    assert problems == ["CircularDefault Parameters.a: the defaults refer to each other in a circle: a -> b -> a"]
    values, problems = await bind({"b": "given"}, *declared)
    assert not problems
    assert values["d"] == "given"


async def test_what_follows_from_a_problem_is_not_reported_as_another() -> None:
    values, problems = await bind(
        {"size": "x", "code": "x"},
        Parameter("size", "Number"),
        Parameter("missing"),
        Parameter("first", "Number", has_default=True, default="{{ size }}"),
        Parameter("second", has_default=True, default="{{ missing }}", allowed_pattern="[0-9]+"),
        Parameter("third", has_default=True, default="{{ second }}", min_length=1),
        Parameter("code", allowed_pattern="[0-9]+"),
        Parameter("copy", has_default=True, default="{{ code }}", allowed_pattern="[0-9]+"),
        Parameter("copyOfCopy", has_default=True, default="{{ copy }}"),
    )
    assert not values
    assert [problem.split(":")[0] for problem in problems] == [
        "InvalidParameter Parameters.size",
        "MissingParameter Parameters.missing",
        "InvalidParameter Parameters.code",
    ]


async def test_a_default_is_held_against_the_constraints_too() -> None:
    _, problems = await bind({}, Parameter("p", has_default=True, default="x", min_length=2))
    assert "has 1 character, at least 2" in problems[0]


async def test_defaults_that_grow_too_large_are_one_problem() -> None:
    doubled = [Parameter(f"p{n}", has_default=True, default=f"{{{{ p{n - 1} }}}}" * 2) for n in range(1, 20)]
    values, problems = await problems_of(
        {"p0": "x" * (MAX_VALUE_BYTES // 100)}, Parameter("p0"), *doubled, Parameter("missing")
    )
    assert [(each.id, each.path) for each in problems] == [
        ("ValueTooLarge", "Parameters.p6"),
        ("MissingParameter", "Parameters.missing"),
    ]
    assert "its default can't be made" in problems[0].message
    assert list(values) == [f"p{n}" for n in range(6)]


async def test_a_default_that_can_t_be_made_names_its_parameter() -> None:
    async def resolve_default(value: str, bound: Mapping[str, Any]) -> Any:
        raise EvaluationError("MissingSetting", f"{value} isn't known here")

    declared = {name: Parameter(name, has_default=True, default="{{ ACS::AccountId }}") for name in ("a", "b")}
    values, problems = await bind_parameters(declared, {"b": "x"}, resolve_default, PROGRAMS)
    assert values == {"b": "x"}
    assert [(each.id, each.path) for each in problems] == [("MissingSetting", "Parameters.a")]


async def test_a_long_chain_of_defaults_is_bound_in_time() -> None:
    names = [f"p{n}" for n in range(2_000)]
    chain = [Parameter(name, has_default=True, default=f"{{{{ p{n + 1} }}}}") for n, name in enumerate(names)]
    values, problems = await bind({"p2000": "end"}, *chain, Parameter("p2000"))
    assert not problems
    assert values["p0"] == "end"


@pytest.mark.parametrize("type_name", ["String", "Number", "Boolean", "List", "Json"])
async def test_a_reference_to_the_store_is_kept_for_every_type(type_name: str) -> None:
    parameter = Parameter("p", type_name, allowed_values=["{{ oos-secret:a }}"] if type_name == "String" else [])
    assert await bind({"p": "{{ oos-secret:a }}"}, parameter) == ({"p": "{{ oos-secret:a }}"}, [])
    default = Parameter("d", type_name, has_default=True, default="{{ oos:b }}")
    assert await bind({}, default) == ({"d": "{{ oos:b }}"}, [])


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter("p", "Number", no_echo=True, max_value=1),
        Parameter("password", "Number", max_value=1),
        Parameter("accessKeySecret", allowed_values=["x"]),
        Parameter("dbPassword", "Boolean"),
        Parameter("apiToken", allowed_pattern="x"),
        Parameter("p", "Json", no_echo=True),
    ],
)
async def test_a_secret_is_never_shown(parameter: Parameter) -> None:
    _, problems = await bind({parameter.name: 987654321}, parameter)
    assert problems
    assert "987654321" not in "".join(problems)
    assert is_secret(parameter)


async def test_what_is_made_of_a_secret_is_not_shown_either() -> None:
    made = Parameter("copy", "Boolean", has_default=True, default="{{ pin }}")
    _, problems = await bind({"pin": 987654321}, Parameter("pin", no_echo=True), made)
    assert problems == ["InvalidParameter Parameters.copy: expected true or false, got a value that is not shown"]


async def test_a_webhook_is_masked_in_what_is_said_about_it() -> None:
    _, problems = await bind({"url": [WEBHOOK], "other": WEBHOOK}, Parameter("url"), Parameter("other", max_length=3))
    assert len(problems) == 2
    assert "canary" not in "".join(problems)


def test_what_is_made_of_a_secret_is_secret() -> None:
    declared = {
        parameter.name: parameter
        for parameter in (
            Parameter("line", has_default=True, default="login {{ code }}"),
            Parameter("code", has_default=True, default="{{ pin }}0"),
            Parameter("pin", no_echo=True),
            Parameter("plain"),
        )
    }
    assert sorted(secret_names(declared, [])) == ["code", "line", "pin"]
    assert secret_names(declared, ["code", "pin"]) == ["pin"], "a code that is given is not made of the pin"


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["{{ oos:x }}", "5"]),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=5), child, max_size=3),
    max_leaves=8,
)
DEFAULTS = (
    st.none() | st.booleans() | st.integers() | st.sampled_from(["{{ a }}", "{{ b }}-{{ c }}", "x", "{{ oos:y }}"])
)
DECLARED = st.builds(
    Parameter,
    name=st.sampled_from("abc"),
    type=st.sampled_from(["String", "Number", "Boolean", "List", "Json"]),
    has_default=st.booleans(),
    default=DEFAULTS,
    allowed_values=st.lists(ANY_JSON, max_size=2),
    allowed_pattern=st.sampled_from(["", "[a-z]*", "(?!x).*"]),
    min_length=st.none() | st.integers(0, 3),
    max_value=st.none() | st.integers(0, 3),
    no_echo=st.booleans(),
)


@settings(deadline=None)
@given(
    st.lists(DECLARED, max_size=3, unique_by=lambda each: each.name),
    st.dictionaries(st.sampled_from("abcAx"), ANY_JSON),
)
async def test_binding_never_raises_and_gives_the_same_twice(declared: list[Parameter], given_values: Any) -> None:
    first = await problems_of(given_values, *declared)
    second = await problems_of(given_values, *declared)
    assert repr(first) == repr(second)
    values, problems = first
    wrong = " ".join(problem.path for problem in problems)
    assert wrong or list(values) == [] or sorted(values) == sorted(each.name for each in declared)
    assert not [name for name in values if f"Parameters.{name}" in wrong.split()]
