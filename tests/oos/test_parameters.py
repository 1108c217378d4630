"""Parameters: soft conversions, every violation at once, defaults in any order, and secrets that are never shown."""

from typing import Any

import pytest

from caboose.oos.parameters import ConversionError, bind_parameters, convert, is_secret, secret_names
from caboose.oos.plan import Parameter
from caboose.oos.resolve import resolve

WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=canary"


def bind(given: dict[str, Any], *declared: Parameter) -> tuple[dict[str, Any], list[str]]:
    """The bound values, and every problem as it is shown."""
    values, problems = bind_parameters(
        {parameter.name: parameter for parameter in declared},
        given,
        lambda value, bound: resolve(value, lambda reference: bound.get(reference.name)),
    )
    return values, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("type_name", "given", "value"),
    [
        ("String", "x", "x"),
        ("String", 5, "5"),
        ("String", 1.5, "1.5"),
        ("String", True, "true"),
        ("String", False, "false"),
        ("String", None, None),
        ("Number", 5, 5),
        ("Number", "30", 30),
        ("Number", " -1.5e2 ", -150.0),
        ("Boolean", True, True),
        ("Boolean", "FALSE", False),
        ("Boolean", "True", True),
        ("List", ["a", 1], ["a", 1]),
        ("List", '["a", null]', ["a", None]),
        ("List", "InService", ["InService"]),
        ("List", "", [""]),
        ("List", '{"a": 1}', ['{"a": 1}']),
        ("List", 5, [5]),
        ("List", False, [False]),
        ("Json", {"a": 1}, {"a": 1}),
        ("Json", [1], [1]),
        ("Json", ' {"Type": "All"} ', {"Type": "All"}),
        ("Json", "[]", []),
    ],
)
def test_conversions(type_name: str, given: Any, value: Any) -> None:
    converted = convert(type_name, given)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("type_name", "given"),
    [
        ("String", []),
        ("String", {}),
        ("Number", "five"),
        ("Number", ""),
        ("Number", True),
        ("Number", "true"),
        ("Number", None),
        ("Number", [1]),
        ("Number", "NaN"),
        ("Number", "1e999"),
        ("Number", float("inf")),
        ("Number", "9" * 400),
        ("Number", "9" * 5000),
        ("Number", "[" * 100_000),
        ("Boolean", "yes"),
        ("Boolean", 1),
        ("Boolean", None),
        ("List", {"a": 1}),
        ("List", None),
        ("Json", "x"),
        ("Json", "5"),
        ("Json", '{"a": NaN}'),
        ("Json", "[" * 100_000),
        ("Json", None),
        ("Json", True),
    ],
)
def test_no_conversion(type_name: str, given: Any) -> None:
    with pytest.raises(ConversionError, match="expected"):
        convert(type_name, given)


def test_a_number_without_a_float_is_no_number() -> None:
    with pytest.raises(ConversionError):
        convert("Number", 10**400)


def test_every_violation_is_reported_at_once() -> None:
    values, problems = bind(
        {"count": "x", "name": "toolong!", "Size": 11, "nobody": 1, "kind": "c"},
        Parameter("count", "Number"),
        Parameter("name", max_length=4, allowed_pattern="[a-z]*", constraint_description="four letters"),
        Parameter("size", "Number", max_value=10),
        Parameter("kind", allowed_values=["a", "b"]),
        Parameter("missing", description="here is why"),
        Parameter("fine", has_default=True, default="d"),
    )
    assert values == {"fine": "d"}
    assert problems == [
        'InvalidParameter Parameters.count: expected a number, got "x"',
        "InvalidParameter Parameters.name: has 8 characters, at most 4. four letters",
        'InvalidParameter Parameters.name: "toolong!" doesn\'t match AllowedPattern [a-z]*. four letters',
        "InvalidParameter Parameters.size: 11 is more than 10",
        'UnknownParameter Parameters: the template has no parameter "nobody". '
        "It has count, name, size, kind, missing, fine.",
        'InvalidParameter Parameters.kind: "c" is not one of "a", "b"',
        'MissingParameter Parameters.missing: the parameter "missing" has no default and must be given. here is why',
    ]


@pytest.mark.parametrize(
    ("parameter", "given", "fault"),
    [
        (Parameter("p", min_length=2), "a", "has 1 characters, at least 2"),
        (Parameter("p", max_length=2), "界界界", "has 3 characters, at most 2"),
        (Parameter("p", "Number", min_value=2), "1", "1 is less than 2"),
        (Parameter("p", "Number", min_value=0.5), 0.25, "0.25 is less than 0.5"),
        (Parameter("p", "Number", allowed_values=[1, 2]), 3, "3 is not one of 1, 2"),
        (Parameter("p", "Boolean", allowed_values=[False]), "true", "true is not one of false"),
        (Parameter("p", "Json", allowed_values=[[1]]), [True, 1], "[true,1] is not one of [1]"),
        (Parameter("p", "List", allowed_values=["a"]), ["a", "b"], '"b" is not one of "a"'),
        (Parameter("p", "List", allowed_values=[0]), [False], "false is not one of 0"),
        (Parameter("p", allowed_pattern="d-[a-z]*"), "xd-a", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="d-[a-z]*"), "d-a!", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="a"), "a\n", "doesn't match AllowedPattern"),
        (Parameter("p", allowed_pattern="((((a{0,999}){0,999}){0,999}){0,999})"), "a" * 4000 + "c", "takes too long"),
        (Parameter("p", "List"), "[" * 101 + "]" * 101, "nested more than 100 levels"),
        (Parameter("p", "Json"), '{"a": 1e999}', "number in it that JSON doesn't know"),
        (Parameter("p", "Json"), {"a": float("nan")}, "number in it that JSON doesn't know"),
        (Parameter("p", "Json"), '["\\ud83d"]', "half a character"),
        (Parameter("p"), "x" * 500 + "!", ""),
    ],
)
def test_constraints(parameter: Parameter, given: Any, fault: str) -> None:
    values, problems = bind({"p": given}, parameter)
    if fault:
        assert fault in problems[0]
        assert not values
    else:
        assert not problems


def test_a_long_value_is_cut_where_it_is_shown() -> None:
    _, problems = bind({"p": "x" * 5000}, Parameter("p", "Number"))
    assert len(problems[0]) < 300
    assert problems[0].endswith("…")


def test_names_match_in_any_case_but_only_once() -> None:
    assert bind({"WEBHOOKURL": "u"}, Parameter("webHookUrl")) == ({"webHookUrl": "u"}, [])
    _, problems = bind({"name": "a", "Name": "b"}, Parameter("name"))
    assert problems == ['UnknownParameter Parameters: the parameter "name" is given twice']


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    _, problems = bind({"targtes": 1}, Parameter("targets", has_default=True), Parameter("other", has_default=True))
    assert 'Did you mean "targets"?' in problems[0]
    _, problems = bind({"x": 1})
    assert "It has none." in problems[0]


def test_defaults_may_refer_to_each_other_in_any_order() -> None:
    values, problems = bind(
        {"region": "cn-x"},
        Parameter("c", has_default=True, default="{{ b }}!"),
        Parameter("b", has_default=True, default="{{ a }}{{ region }}"),
        Parameter("a", has_default=True, default="a-"),
        Parameter("region"),
        Parameter("list", "List", has_default=True, default="{{ c }}"),
    )
    assert not problems
    assert values["c"] == "a-cn-x!"
    assert values["list"] == ["a-cn-x!"]


def test_a_default_that_is_not_used_may_refer_to_what_is_missing() -> None:
    values, problems = bind({"a": "1"}, Parameter("a", has_default=True, default="{{ b }}"), Parameter("b"))
    assert values == {"a": "1"}
    assert len(problems) == 1


def test_defaults_in_a_circle() -> None:
    _, problems = bind(
        {},
        Parameter("a", has_default=True, default="{{ b }}"),
        Parameter("b", has_default=True, default="{{ a }}"),
        Parameter("c", has_default=True, default="x"),
    )
    assert problems == ["CircularDefault Parameters: the defaults of a, b refer to each other in a circle"]


def test_what_follows_from_a_problem_is_not_reported_as_another() -> None:
    _, problems = bind(
        {"size": "x"},
        Parameter("size", "Number"),
        Parameter("missing"),
        Parameter("first", "Number", has_default=True, default="{{ size }}"),
        Parameter("second", has_default=True, default="{{ missing }}", allowed_pattern="[0-9]+"),
        Parameter("third", has_default=True, default="{{ second }}", min_length=1),
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "InvalidParameter Parameters.size",
        "MissingParameter Parameters.missing",
    ]


def test_a_default_is_held_against_the_constraints_too() -> None:
    _, problems = bind({}, Parameter("p", has_default=True, default="x", min_length=2))
    assert "has 1 characters, at least 2" in problems[0]


def test_a_long_chain_of_defaults_is_bound_in_time() -> None:
    names = [f"p{n}" for n in range(2_000)]
    chain = [Parameter(name, has_default=True, default=f"{{{{ p{n + 1} }}}}") for n, name in enumerate(names)]
    values, problems = bind({"p2000": "end"}, *chain, Parameter("p2000"))
    assert not problems
    assert values["p0"] == "end"


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
def test_a_secret_is_never_shown(parameter: Parameter) -> None:
    _, problems = bind({parameter.name: 987654321}, parameter)
    assert problems
    assert "987654321" not in "".join(problems)
    assert is_secret(parameter)


def test_a_webhook_is_masked_in_what_is_said_about_it() -> None:
    _, problems = bind({"url": [WEBHOOK], "other": WEBHOOK}, Parameter("url"), Parameter("other", max_length=3))
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
