"""The Parameters section: types, constraints that hang together, defaults that are allowed, circles and patterns."""

from typing import Any

import pytest

from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Document
from caboose.oos.parameters.declarations import read_parameters
from caboose.oos.parameters.patterns import MAX_PATTERN, Patterns
from caboose.oos.plan import Parameter
from caboose.oos.problems import MAX_PROBLEMS, TooManyProblems


def read(section: Any) -> tuple[dict[str, Parameter], list[str]]:
    """The parameters, and (severity id path) of each problem."""
    reader = Reader(Document({"Parameters": section}))
    declared = read_parameters(reader, section)
    return declared, [f"{each.severity} {each.id} {each.path}" for each in reader.problems]


def parameter(**fields: Any) -> tuple[Parameter, list[str]]:
    """One parameter of these fields, and what is wrong with it, without the place of the parameter itself."""
    declared, problems = read({"p": fields})
    return declared["p"], [each.replace("Parameters.p.", "") for each in problems]


def test_everything_that_can_be_declared() -> None:
    declared, problems = read(
        {
            "text": {
                "Type": "String",
                "Description": {"en": "a text", "zh-cn": "文字"},
                "Label": {"en": "Text", "zh-cn": "文字"},
                "MinLength": "2",
                "MaxLength": 3.0,
                "AllowedPattern": "[a-z]*",
                "ConstraintDescription": {"zh-cn": "小写字母"},
                "NoEcho": "True",
                "AssociationProperty": "Code",
                "AssociationPropertyMetadata": {"Visible": {"Condition": {"Fn::Equals": ["${x}", 1]}}},
                "Default": "abc",
            },
            "number": {"Type": "Number", "MinValue": "-1.5", "MaxValue": 3, "AllowedValues": ["1", 2], "Default": "2"},
            "flag": {"Type": "Boolean", "AllowedValues": ["true", False], "NoEcho": None},
            "list": {"Type": "List", "AllowedValues": ["a", 1], "Default": "a"},
            "json": {"Type": "Json", "Default": {"RegionId": "{{ acs::regionid }}"}},
            "plain": None,
        }
    )
    assert problems == ["warning LetterCase Parameters.json.Default.RegionId"]
    assert declared["text"] == Parameter(
        "text",
        has_default=True,
        default="abc",
        allowed_pattern="[a-z]*",
        min_length=2,
        max_length=3,
        no_echo=True,
        constraint_description="小写字母",
        description="a text",
    )
    assert (declared["number"].min_value, declared["number"].allowed_values) == (-1.5, [1, 2])
    assert declared["flag"].allowed_values == [True, False]
    assert declared["list"].allowed_values == ["a", 1]
    assert declared["json"].default == {"RegionId": "{{ ACS::RegionId }}"}
    assert declared["plain"] == Parameter("plain")


def test_a_section_that_is_none() -> None:
    assert read(None) == ({}, [])
    assert read([]) == ({}, ["error InvalidType Parameters"])
    assert read({"p": "String"})[1] == ["error InvalidType Parameters.p"]
    assert read({"a b": {}, "x": {}, "X": {}})[1] == [
        "error AmbiguousName Parameters.X",
        "error InvalidName Parameters.a b",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Type": "Number"}, []),
        ({"Type": None}, []),
        ({"Type": "number"}, ["warning LetterCase Type"]),
        ({"Type": "JSON"}, ["warning LetterCase Type"]),
        ({"Type": "Integer"}, ["error InvalidType Type"]),
        ({"Type": "Array"}, ["error InvalidType Type"]),
        ({"Type": ["List"]}, ["error InvalidType Type"]),
        ({"Defualt": "x"}, ["warning UnknownKey Defualt"]),
        ({"MinLength": 1.5}, ["error InvalidType MinLength"]),
        ({"MinLength": -1}, ["error InvalidType MinLength"]),
        ({"MaxLength": "x"}, ["error InvalidType MaxLength"]),
        ({"MaxLength": True}, ["error InvalidType MaxLength"]),
        ({"Type": "Number", "MinValue": []}, ["error InvalidType MinValue"]),
        ({"Type": "Number", "MaxValue": "1e999"}, ["error InvalidType MaxValue"]),
        ({"MinLength": 3, "MaxLength": "2"}, ["error ContradictoryBounds MaxLength"]),
        ({"MinLength": 2, "MaxLength": 2}, []),
        ({"Type": "Number", "MinValue": 0.5, "MaxValue": 0}, ["error ContradictoryBounds MaxValue"]),
        ({"MinValue": 3, "MaxValue": 2}, [f"warning ConstraintWithoutEffect M{each}Value" for each in ("in", "ax")]),
        ({"Type": "Number", "MinLength": 3}, ["warning ConstraintWithoutEffect MinLength"]),
        ({"Type": "List", "MaxLength": "x"}, ["warning ConstraintWithoutEffect MaxLength"]),
        ({"Type": "Json", "AllowedPattern": "("}, ["warning ConstraintWithoutEffect AllowedPattern"]),
        ({"Type": "Json", "AllowedPattern": None, "MinValue": None}, []),
        ({"AllowedValues": None}, []),
        ({"AllowedValues": []}, ["warning ConstraintWithoutEffect AllowedValues"]),
        ({"AllowedValues": "x"}, ["error InvalidType AllowedValues"]),
        ({"AllowedValues": [1, True, None, ["a"]]}, [f"error InvalidType AllowedValues[{each}]" for each in (2, 3)]),
        ({"Type": "Number", "AllowedValues": [1, "2", "x"]}, ["error InvalidType AllowedValues[2]"]),
        ({"AllowedPattern": 5}, ["error InvalidType AllowedPattern"]),
        ({"AllowedPattern": "("}, ["error InvalidPattern AllowedPattern"]),
        ({"NoEcho": "sometimes"}, ["error InvalidType NoEcho"]),
        ({"NoEcho": "false"}, []),
    ],
)  # fmt: skip
def test_fields(fields: dict[str, Any], expected: list[str]) -> None:
    assert parameter(**fields)[1] == expected


def test_a_constraint_without_effect_has_none() -> None:
    found, _ = parameter(Type="Number", MinLength=3, AllowedPattern="x", MaxValue=5)
    assert (found.min_length, found.allowed_pattern, found.max_value) == (None, "", 5)


def test_what_may_be_a_wish_to_hide_hides() -> None:
    assert parameter(NoEcho="sometimes")[0].no_echo


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Type": "Number", "Default": "30"}, []),
        ({"Type": "Number", "Default": None}, []),
        ({"Type": "Json", "Default": None}, []),
        ({"Type": "Number", "Default": "x"}, ["error InvalidDefault Default"]),
        ({"Default": ["a"]}, ["error InvalidDefault Default"]),
        ({"Type": "Json", "Default": {"Mode": "Concurrency,"}}, []),
        ({"Default": "c", "AllowedValues": ["a", "b"]}, ["warning DefaultNotAllowed Default"]),
        ({"Default": False, "AllowedValues": ["false"]}, []),
        ({"Default": "", "MinLength": 1, "AllowedPattern": "x+"}, ["warning DefaultNotAllowed Default"] * 2),
        ({"Default": "x", "AllowedPattern": "x+"}, []),
        ({"Default": "{{ ACS::RegionId }}", "AllowedPattern": "x+", "AllowedValues": ["a"]}, []),
        ({"Type": "Number", "Default": 5, "MaxValue": 4}, ["warning DefaultNotAllowed Default"]),
        ({"Default": 5, "AllowedPattern": "x"}, []),
        ({"Default": "a" * 4000 + "c", "AllowedPattern": "((((a{0,999}){0,999}){0,999}){0,999})"}, []),
        ({"Default": "{{ nobody }}"}, ["error UnknownReference Default"]),
        ({"Default": "{{ task.output }}"}, ["error UnknownReference Default"]),
        ({"Default": "{{ ACS::TaskLoopItem }}"}, ["error UnknownReference Default"]),
        ({"Default": "{{ ACS::AccountId }}-{{ ACS::OOSUtilVersion }}-{{ ACS::CurrentUTCTime }}"}, []),
        ({"Default": "{{ oos-secret:x }}"}, ["warning NotSupportedYet Default"]),
        ({"Default": "{{ oos: }}"}, ["error InvalidReference Default"]),
        ({"Default": {"Fn::Now": []}}, ["error FunctionNotAllowed Default.Fn::Now"]),
        ({"Type": "Json", "Default": {"fn::join": []}}, ["error FunctionNotAllowed Default.fn::join"]),
        (
            {"Type": "Json", "Default": {"Resources": [{"Fn::GetAtt": ["{{ ACS::RegionId }}"]}]}},
            ["warning FunctionInData Default.Resources[0].Fn::GetAtt"],
        ),
    ],
)
def test_defaults(fields: dict[str, Any], expected: list[str]) -> None:
    found, problems = parameter(**fields)
    assert problems == expected
    assert found.has_default


def test_a_secret_default_is_not_quoted() -> None:
    section = {"password": {"Default": "hunter2", "AllowedValues": ["a"]}}
    reader = Reader(Document({"Parameters": section}))
    read_parameters(reader, section)
    assert "hunter2" not in str(reader.problems)


def test_defaults_in_a_circle_are_reported_once_with_their_way() -> None:
    section = {
        "before": {"Default": "{{ b }}"},
        "a": {"Default": "{{ B }}"},
        "b": {"Default": ["x", "{{ c }}-{{ a }}"], "Type": "List"},
        "c": {"Default": "{{ a }}"},
        "self": {"Default": "{{ self }}"},
        "fine": {"Default": "{{ other }}"},
        "other": {},
    }
    reader = Reader(Document({"Parameters": section}))
    read_parameters(reader, section)
    found = [each for each in reader.problems if each.id == "CircularDefault"]
    assert [(each.path, each.message.rpartition(": ")[2]) for each in found] == [
        ("Parameters.b.Default", "b -> c -> a -> b"),
        ("Parameters.self.Default", "self -> self"),
    ]


def test_many_circles_are_found_in_time() -> None:
    section = {f"p{n}": {"Default": f"{{{{ p{(n + 1) % 3_000} }}}}"} for n in range(3_000)}
    assert read(section)[1] == ["error CircularDefault Parameters.p0.Default"]
    with pytest.raises(TooManyProblems):
        read({f"p{n}": {"Default": f"{{{{ p{n} }}}}"} for n in range(MAX_PROBLEMS + 1)})


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "ecs\\.[A-Za-z0-9\\.\\-]*",
        "^(?!\\.|\\-)(?!.*\\.\\.|.*\\-\\-)(?!.*_).*(?<!\\.|\\-)$",
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "[^]]{3}[]a]{3}[\\]]{3}",
        "((((a{0,999}){0,999}){0,999}){0,999})",
        "a{0,1000000000}",
        "(?P<x>a{300}){300}",
        "x" * MAX_PATTERN,
        "(?:" * 50 + ")" * 50,
        "(?x) a b  # a comment",
        "a{2}(?# a comment [with a bracket)b{3}",
    ],
)
def test_patterns(pattern: str) -> None:
    assert not Patterns().fault(pattern)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "not a regular expression"),
        ("a)", "not a regular expression"),
        ("{3}", "not a regular expression"),
        ("[a", "not a regular expression"),
        ("a**", "not a regular expression"),
        ("(?:" * 51 + ")" * 51, "groups in groups 51 deep"),
        ("(" * 500 + ")" * 500, "groups in groups 500 deep"),
        ("a{1000000000}", "unfold to more than"),
        ("(?:(?:a{100}){100}){100}", "unfold to more than"),
        ("((?:ab[^c]){9000}){20}", "unfold to more than"),
        ("a{" + "9" * 900 + "}", "unfold to more than"),
        ("a{" + "0" * 30 + "2000000}", "unfold to more than"),
        ("(?#[)a{2000000}]", "unfold to more than"),
        ("(?x)#[\na{2000000}]", "the flag x"),
        ("a(?s-x:b)(?ix:a{2 000 000})", "the flag x"),
        ("x" * (MAX_PATTERN + 1), "at most 1000"),
    ],
)
def test_what_is_no_pattern(pattern: str, words: str) -> None:
    assert words in Patterns().fault(pattern)


def test_patterns_have_a_bound_together() -> None:
    """Each of them alone takes a twentieth of a second to compile."""
    patterns = {f"p{number}": {"AllowedPattern": f"a{{90000}}{number}"} for number in range(100)}
    found = read(patterns)[1]
    assert found == [f"error InvalidPattern Parameters.p{number}.AllowedPattern" for number in range(3, 100)]
