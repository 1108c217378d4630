"""The library: product actions in any letter case; the first of two with one name wins."""

from caboose.oos.library import Library, Source


def test_looked_up_in_any_case() -> None:
    library = Library([Source("ACS::ECS::Reboot", "text", "ours")])
    found = library.find("acs::Ecs::reboot")
    assert found is not None
    assert (found.name, found.origin) == ("ACS::ECS::Reboot", "ours")
    assert library.find("ACS::ECS::Other") is None


def test_the_first_of_two_wins() -> None:
    library = Library([Source("ACS::B::X", "1"), Source("ACS::A::Y", "2"), Source("acs::b::x", "3")])
    found = library.find("ACS::b::x")
    assert found is not None
    assert found.text == "1"
    assert library.names() == ["ACS::A::Y", "ACS::B::X"]
