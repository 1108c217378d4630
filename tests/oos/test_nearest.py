"""The nearest of many names, found quickly."""

from difflib import get_close_matches

import pytest

from caboose.oos.nearest import MAX_CANDIDATES, MAX_NAME, nearest


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("instanceid", ["regionId", "instanceId"], "instanceId"),
        ("Instance", ["instanceId", "instanceIds", "imageId"], "instanceId"),
        (
            "ACS::ECS::RebootInstnace",
            ["ACS::ECS::StartInstance", "ACS::ECS::RebootInstance"],
            "ACS::ECS::RebootInstance",
        ),
        ("Wehn", ["Name", "When", "Loop"], "When"),
        ("ab", ["a", "abc"], "abc"),
        ("name", ["Name", "NAME"], "Name"),
        ("x", ["regionId"], ""),
        ("x", [], ""),
        ("", ["a", ""], ""),
        ("x" * MAX_NAME, ["x" * MAX_NAME], "x" * MAX_NAME),
        ("x" * (MAX_NAME + 1), ["x" * (MAX_NAME + 1)], ""),
    ],
)
def test_nearest(name: str, known: list[str], near: str) -> None:
    assert nearest(name, known) == near


def test_what_comes_after_a_thousand_names_is_not_looked_at() -> None:
    known = [f"name{n}" for n in range(MAX_CANDIDATES)]
    assert nearest("something", [*known[1:], "something"]) == "something"
    assert nearest("something", [*known, "something"]) == ""


def test_among_names_that_are_alike_it_is_the_one_that_difflib_would_choose() -> None:
    known = [f"parameter-of-the-template-{n:03}" for n in range(400)]
    for wrong in ("parameter-of-the-tenplate-123", "parametre-of-the-template-007", "parameter-of-template-399"):
        assert nearest(wrong, known) == get_close_matches(wrong, known, n=1)[0]
