"""The library: names in any letter case; actions and templates apart; the first of several with one name is meant."""

import pytest

from caboose.oos.library import Library, Source
from caboose.oos.loading import MAX_BYTES
from caboose.oos.problems import Problem


def test_looked_up_in_any_case() -> None:
    library = Library([Source("ACS::ECS::Reboot", "text", "ours"), Source("ACS-ECS-Reboot", "public")])
    found = library.find("acs::Ecs::reboot")
    assert found is not None
    assert (found.name, found.origin, found.is_action) == ("ACS::ECS::Reboot", "ours", True)
    public = library.find("acs-ecs-REBOOT")
    assert public is not None
    assert not public.is_action
    assert library.find("ACS::ECS::Other") is None


def test_the_first_of_several_is_meant() -> None:
    library = Library([Source("ACS::B::X", "1"), Source("ACS::A::Y", "2"), Source("acs::b::x", "3")])
    found = library.find("ACS::b::x")
    assert found is not None
    assert found.text == "1"
    assert library.names() == ["ACS::A::Y", "ACS::B::X"]
    assert [source.text for source in library.hidden("acs::B::x")] == ["3"]
    assert library.hidden("ACS::A::Y") == library.hidden("nobody") == []


def test_actions_and_templates_are_listed_apart() -> None:
    library = Library([Source("b", "1"), Source("ACS::A::Y", "2"), Source("ACS-A", "3")])
    assert (library.names(), library.templates()) == (["ACS::A::Y"], ["ACS-A", "b"])
    library.names().clear()
    library.templates().clear()
    assert (library.names(), library.templates()) == (["ACS::A::Y"], ["ACS-A", "b"]), "a library never changes"


@pytest.mark.parametrize("given", [{}, {"max_bytes": MAX_BYTES}])
def test_how_large_a_template_may_be(given: dict[str, int]) -> None:
    assert Library((), **given).max_bytes == MAX_BYTES
    assert Library((), max_bytes=5).max_bytes == 5


def test_a_source_is_loaded_or_says_why_not() -> None:
    document, problems = Source("a", "b: 1").load()
    assert document is not None
    assert (document.value, problems) == ({"b": 1}, [])
    assert Source("a", "b: 1").load(max_bytes=3)[1][0].id == "TemplateTooLarge"
    fault = Problem("InvalidYaml", "no")
    assert Source("a", "", fault=fault).load() == (None, [fault])
