"""The reference pages say what the declarations say, and their links lead somewhere."""

import re

import pytest

from caboose.oos.actions import ACTIONS
from caboose.oos.checks import RULES
from caboose.oos.functions import FUNCTIONS
from caboose.oos.parameters import TYPES
from tests.docs.make_reference import FOLDER, PAGES
from tests.docs.markdown import link
from tests.docs.parameters_page import GIVEN


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == PAGES[name](), "make docs"


def test_there_are_no_other_pages() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_sections(name: str) -> None:
    text = PAGES[name]()
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    there = [re.search(r"\((#.*)\)", link(title)) for title in titles]
    anchors = [found[1] for found in there if found]
    assert len(set(anchors)) == len(anchors)
    assert [anchor for anchor in re.findall(r"\]\((#[^)]*)\)", text) if anchor not in anchors] == []


def test_everything_that_is_declared_has_a_section() -> None:
    sections = {name: re.findall(r"^#+ (.+)$", make(), re.MULTILINE) for name, make in PAGES.items()}
    assert [name for name in FUNCTIONS if name not in sections["functions.md"]] == []
    assert [name for name in ACTIONS if name not in sections["actions.md"]] == []
    assert [name for name in RULES if name not in sections["checks.md"]] == []
    assert [name for name in TYPES if name not in sections["parameters.md"]] == []


def test_every_type_has_its_conversions() -> None:
    assert list(GIVEN) == list(TYPES)
