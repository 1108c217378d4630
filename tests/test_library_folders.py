"""Library folders: the file tells the action's name; our own library comes first."""

from pathlib import Path

import pytest

from caboose.library_folders import BUILT_IN, built_in_templates, load_library

REBOOT = "ACS::ECS::RebootInstance"


def test_our_own_library() -> None:
    library = load_library()
    assert REBOOT in library.names()
    source = library.find(REBOOT)
    assert source is not None
    assert source.text == (BUILT_IN / "ECS" / "RebootInstance.yml").read_text("utf-8")
    assert source.origin == "library/ECS/RebootInstance.yml"


def test_templates_are_no_actions() -> None:
    assert "reboot-with-approval" in built_in_templates()
    assert not [name for name in load_library().names() if "templates" in name]


def test_more_folders_add_actions_and_replace_none(tmp_path: Path) -> None:
    (tmp_path / "ECS").mkdir()
    (tmp_path / "ECS" / "RebootInstance.yml").write_text("other", "utf-8")
    (tmp_path / "ECS" / "Mine.yml").write_text("mine", "utf-8")
    (tmp_path / "README.md").write_text("no action", "utf-8")
    library = load_library([tmp_path])
    reboot, mine = library.find(REBOOT), library.find("acs::ecs::mine")
    assert reboot is not None
    assert reboot.text != "other"
    assert mine is not None
    assert mine.text == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"CABOOSE_LIBRARY_PATH names .*gone"):
        load_library([tmp_path / "gone"])
