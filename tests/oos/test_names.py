"""Names: exact first, then in any case; twins; what can name a template."""

import pytest

from caboose.oos.names import case_twins, resolve_name, template_name_fault


@pytest.mark.parametrize(
    ("name", "declared", "found"),
    [
        ("webhookUrl", ["webHookUrl"], "webHookUrl"),
        ("Name", ["name", "Name"], "Name"),
        ("NAME", ["name", "Name"], "name"),
        ("other", ["name"], None),
        ("x", [], None),
    ],
)
def test_resolved(name: str, declared: list[str], found: str | None) -> None:
    assert resolve_name(name, declared) == found


def test_twins_differ_by_letter_case_only() -> None:
    assert case_twins(["a", "B", "A", "b", "c"]) == [("a", "A"), ("B", "b")]


@pytest.mark.parametrize("name", ["a", "reboot-with-approval", "A_1", "x" * 200])
def test_template_names(name: str) -> None:
    assert not template_name_fault(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a.b", "é", "x" * 201, "ACS-x", "acs-x", "AliyunThing", "execution", "a\n"]
)
def test_no_template_names(name: str) -> None:
    assert template_name_fault(name)
