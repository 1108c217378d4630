"""Properties of product actions, and parameters of nested templates, held against what their templates declare."""

from typing import Any

import pytest

from caboose.oos.compiling.properties import check_parameters, check_product
from caboose.oos.plan import Body, Parameter
from tests.oos.reading import PATH, a_reader, found


def test_an_unknown_property_of_an_action_without_any() -> None:
    reader = a_reader()
    check_product(reader, "ACS::X::Y", Body("ACS::X::Y", []), {"a": 1}, PATH)
    assert [each.hint for each in reader.problems] == ["It has none."]


PARAMETERS = {
    each.name: each
    for each in (
        Parameter("instanceId", description="Which machine."),
        Parameter("count", "Number", True, 1, min_value=1, max_value=5),
        Parameter("mode", "String", True, "a", allowed_values=["a", "b"]),
        Parameter("names", "List", True, [], allowed_values=["a", "b"]),
        Parameter("tags", "Json", True, {}, allowed_values=[{"a": 1}]),
        Parameter("label", "String", True, "", min_length=2, max_length=3, constraint_description="Two or three."),
        Parameter("password", "String", True, "", no_echo=True, allowed_values=["secret"]),
        Parameter("pattern", "String", True, "", allowed_pattern="a+"),
    )
}
BODY = Body("ACS::X::Y", [], PARAMETERS)


@pytest.mark.parametrize(
    "given",
    [
        {"instanceId": "i-1"},
        {"instanceId": 5, "count": "3", "mode": "b", "names": ["a", "{{ other }}"], "label": "abc"},
        {"instanceId": "{{ id }}", "count": {"Fn::Eval": ["1+1"]}, "mode": "{{ mode }}", "names": "b"},
        {"instanceId": "i-1", "count": None, "tags": {"a": "{{ one }}"}, "label": "no {{ length }} is known"},
        {"instanceId": "i-1", "tags": {"a": 1}, "password": "secret", "pattern": "is matched at the start"},
    ],
)
def test_a_product_action_in_order(given: dict[str, Any]) -> None:
    for check in (check_product, check_parameters):
        reader = a_reader()
        assert check(reader, "ACS::X::Y", BODY, given, PATH) == given
        assert not reader.problems


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "MissingProperty"),
        ({"instanceId": None}, "MissingProperty"),
        ({"instanceId": ["i-1"]}, "InvalidType instanceId"),
        ({"instanceId": "i-1", "count": "many"}, "InvalidType count"),
        ({"instanceId": "i-1", "count": 6}, "InvalidProperty count"),
        ({"instanceId": "i-1", "mode": "c"}, "InvalidProperty mode"),
        ({"instanceId": "i-1", "names": ["{{ a }}", "c"]}, "InvalidProperty names"),
        ({"instanceId": "i-1", "names": {}}, "InvalidType names"),
        ({"instanceId": "i-1", "tags": {"a": 2}}, "InvalidProperty tags"),
        ({"instanceId": "i-1", "label": "a"}, "InvalidProperty label"),
        ({"InstanceID": "i-1"}, "(LetterCase InstanceID)"),
        ({"instanceId": "i-1", "InstanceId": "i-2"}, "AmbiguousName InstanceId"),
    ],
)
def test_a_product_action_at_fault(given: dict[str, Any], problem: str) -> None:
    for check in (check_product, check_parameters):
        reader = a_reader()
        check(reader, "ACS::X::Y", BODY, given, PATH)
        assert found(reader.problems) == [problem]


def test_messages_and_hints() -> None:
    reader = a_reader()
    given = {"label": "a", "password": "other"}
    check_product(reader, "ACS::X::Y", BODY, given, PATH)
    assert [(each.message, each.hint) for each in reader.problems] == [
        ("ACS::X::Y needs instanceId", "Which machine."),
        ("label: has 1 character, at least 2", "Two or three."),
        ('password: a value that is not shown is not one of "secret"', ""),
    ]


def test_an_unknown_property_is_an_error_and_an_unknown_parameter_of_a_template_is_left_out() -> None:
    given = {"instanceId": "i-1", "instanceID2": "i-2"}
    reader = a_reader()
    assert check_product(reader, "ACS::X::Y", BODY, given, PATH) == {"instanceId": "i-1"}
    assert found(reader.problems) == ["UnknownProperty instanceID2"]
    assert reader.problems[0].hint == 'Did you mean "instanceId"?'
    reader = a_reader()
    assert check_parameters(reader, "other", BODY, given, PATH) == {"instanceId": "i-1"}
    assert found(reader.problems) == ["(UndeclaredParameter instanceID2)"]
