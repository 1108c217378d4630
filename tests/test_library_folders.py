"""Library folders: a file's name and folder say what it is; a bad file is bad alone."""

import json
import os
from pathlib import Path

import pytest

from caboose import library_folders
from caboose.library_folders import BUILT_IN, LibraryFolderError, built_in_templates, load_library, template_files
from caboose.oos.library import Library, Source

REBOOT = "ACS::ECS::RebootInstance"
TEMPLATE = """\
FormatVersion: OOS-2019-06-01
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeRegions}
"""


def write(path: Path, text: str = TEMPLATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def found(library: Library, name: str) -> Source:
    source = library.find(name)
    assert source is not None, name
    return source


def added(library: Library) -> tuple[list[str], list[str]]:
    """The actions and templates that a folder added to our own."""
    return [name for name in library.names() if name not in load_library().names()], library.templates()


def test_our_own_library() -> None:
    library = load_library()
    source = found(library, REBOOT)
    assert source.text == (BUILT_IN / "ECS" / "RebootInstance.yml").read_text("utf-8")
    assert source.origin == "library/ECS/RebootInstance.yml"
    assert source.path == str(BUILT_IN / "ECS" / "RebootInstance.yml")
    assert not [source.fault for name in library.names() if (source := found(library, name)).fault]


def test_our_own_templates_are_for_the_store() -> None:
    assert "reboot-with-approval" in built_in_templates()
    assert load_library().templates() == []
    assert not [name for name in load_library().names() if "templates" in name]


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("CloudProductActions/ECS/YAML/ACS::ECS::Mine.yml", (["ACS::ECS::Mine"], [])),
        ("CloudProductActions/ECS/JSON/ACS::ECS::Mine.json", (["ACS::ECS::Mine"], [])),
        ("CloudProductActions/R-kvstore/YAML/ACS::R-kvstore::Mine.yml", (["ACS::R-kvstore::Mine"], [])),
        ("CloudProductActions/ACS--ECS--Mine.yml", (["ACS::ECS::Mine"], [])),
        ("deep/er/than/that/ACS--ECS--Mine.YAML", (["ACS::ECS::Mine"], [])),
        ("ACS--Mine.yml", (["ACS::Mine"], [])),
        ("acs::ecs::mine.Json", (["acs::ecs::mine"], [])),
        ("ECS/Mine.yml", (["ACS::ECS::Mine"], [])),
        ("library/ECS/Mine.yaml", (["ACS::ECS::Mine"], [])),
        ("PublicTemplates/YAML/ACS-ECS-Mine.yml", ([], ["ACS-ECS-Mine"])),
        ("PublicTemplates/JSON/ACS-ECS-Mine.json", ([], ["ACS-ECS-Mine"])),
        ("PublicTemplates/Mine.yml", ([], ["Mine"])),
        ("YAML/Mine.yml", ([], ["Mine"])),
        ("templates/mine.yml", ([], ["mine"])),
        ("Templates/Mine.yml", ([], ["Mine"])),
        ("mine.yml", ([], ["mine"])),
        ("some folder/Mine.yml", ([], ["Mine"])),
        ("ECS/my-template.yml", ([], ["my-template"])),
        ("a--b.yml", ([], ["a--b"])),
        (".hidden/mine.yml", ([], [])),
        (".mine.yml", ([], [])),
        ("node_modules/mine.yml", ([], [])),
        ("mine.txt", ([], [])),
        ("yml", ([], [])),
    ],
)
def test_names(tmp_path: Path, file: str, names: tuple[list[str], list[str]]) -> None:
    write(tmp_path / "root" / file)
    assert added(load_library([tmp_path / "root"])) == names


def test_a_part_of_the_official_layout_is_a_library_too(tmp_path: Path) -> None:
    action = write(tmp_path / "CloudProductActions" / "VPC" / "YAML" / "ACS::VPC::Mine.yml")
    template = write(tmp_path / "PublicTemplates" / "YAML" / "mine.yml")
    for folder in (action.parent, action.parents[1], action.parents[2]):
        assert added(load_library([folder])) == (["ACS::VPC::Mine"], [])
    for folder in (template.parent, template.parents[1]):
        assert added(load_library([folder])) == ([], ["mine"])
    assert added(load_library([tmp_path])) == (["ACS::VPC::Mine"], ["mine"])


def test_a_folder_that_may_be_a_product_s_gives_its_files_both_names(tmp_path: Path) -> None:
    write(tmp_path / "VPC" / "Mine.yml")
    library = load_library([tmp_path / "VPC"])
    assert added(library) == (["ACS::VPC::Mine"], ["Mine"])
    assert found(library, "mine").text == found(library, "ACS::VPC::Mine").text


def test_what_is_no_template_is_left_out_unless_its_name_promises_an_action(tmp_path: Path) -> None:
    write(tmp_path / "package.json", '{"name": "x"}')
    write(tmp_path / "docker-compose.yml", "services: {}")
    write(tmp_path / "ros.yml", "ROSTemplateFormatVersion: '2015-09-01'")
    write(tmp_path / "ECS" / "Broken.yml", "Tasks: 3")
    assert added(load_library([tmp_path])) == (["ACS::ECS::Broken"], [])


def test_yaml_wins_over_its_json_twin(tmp_path: Path) -> None:
    twin = json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": []})
    for name in ("CloudProductActions/VPC/{}/ACS::VPC::Mine.{}", "PublicTemplates/{}/mine.{}", "beside.{1}"):
        write(tmp_path / name.format("YAML", "yml"))
        write(tmp_path / name.format("JSON", "json"), twin)
    write(tmp_path / "PublicTemplates" / "JSON" / "alone.json", twin)
    library = load_library([tmp_path])
    assert added(library) == (["ACS::VPC::Mine"], ["alone", "beside", "mine"])
    for name in ("ACS::VPC::Mine", "mine", "beside"):
        assert found(library, name).text == TEMPLATE
        assert library.hidden(name) == [], "a twin is the same template, and nothing to tell"
    assert found(library, "alone").text == twin


def test_the_first_folder_that_has_a_name_wins_and_ours_is_the_first(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one" / "mine.yml"), write(tmp_path / "two" / "Mine.yml")
    other = write(tmp_path / "one" / "ECS" / "RebootInstance.yml")
    library = load_library([tmp_path / "one", tmp_path / "two"])
    assert found(library, "MINE").path == str(one)
    assert [source.path for source in library.hidden("mine")] == [str(two)]
    assert found(library, REBOOT).path != str(other)
    assert [source.path for source in library.hidden(REBOOT)] == [str(other)]
    library = load_library([tmp_path / "two", tmp_path / "one"])
    assert found(library, "mine").path == str(two)


def test_our_own_library_stands_where_it_is_named(tmp_path: Path) -> None:
    other = write(tmp_path / "ECS" / "RebootInstance.yml")
    link = tmp_path / "link"
    link.symlink_to(BUILT_IN)
    assert found(load_library([tmp_path, link]), REBOOT).path == str(other)
    assert found(load_library([link, tmp_path]), REBOOT).path != str(other)


def test_a_folder_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "mine.yml")
    assert load_library([tmp_path, tmp_path / "."]).hidden("mine") == []


def test_a_bad_file_is_bad_alone(tmp_path: Path) -> None:
    write(tmp_path / "mine.yml")
    write(tmp_path / "VPC" / "Latin.yml", "a: 1\n# caf\udce9\n")
    write(tmp_path / "VPC" / "Wide.yml", "\udcff\udcfea\x00:\x00")
    write(tmp_path / "VPC" / "Large.yml", TEMPLATE + "#" * 70_000)
    (tmp_path / "VPC" / "Gone.yml").symlink_to(tmp_path / "gone.yml")
    (tmp_path / "VPC" / "Loop.yml").symlink_to(tmp_path / "VPC" / "Loop.yml")
    write(tmp_path / "not a name.yml")
    library = load_library([tmp_path])
    assert found(library, "mine").fault is None
    faults = {name: found(library, name).fault for name in ("not a name", *added(library)[0])}
    shown = {name: str(fault) for name, fault in faults.items()}
    assert "line 2, column 6: the byte 0xE9 is not UTF-8" in shown["ACS::VPC::Latin"]
    assert "UTF-16" in shown["ACS::VPC::Wide"]
    assert f"has {len(TEMPLATE) + 70_000} bytes, at most 65536" in shown["ACS::VPC::Large"]
    assert shown["ACS::VPC::Gone"].startswith("InvalidYaml the file can't be read: No such file")
    assert shown["ACS::VPC::Loop"].startswith("InvalidYaml the file can't be read: Too many levels")
    assert "Rename the file" in shown["not a name"]
    for name, fault in faults.items():
        document, problems = found(library, name).load()
        assert (document, problems) == (None, [fault])
        assert found(library, name).text == ""


def test_how_large_a_template_may_be_is_a_setting(tmp_path: Path) -> None:
    large = write(tmp_path / "mine.yml", TEMPLATE + "#" * 70_000).read_text("utf-8")
    library = load_library([tmp_path], 100_000)
    assert library.max_bytes == 100_000
    assert found(library, "mine").text == large


def test_links_between_folders_are_followed_once(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "theirs.yml").parent
    root = write(tmp_path / "root" / "a" / "mine.yml").parents[1]
    (root / "a" / "up").symlink_to(root)
    (root / "b").symlink_to(root / "a")
    (root / "c").symlink_to(outside)
    (root / "d").symlink_to(tmp_path / "gone")
    assert [path.relative_to(root).as_posix() for path in template_files(root)] == ["a/mine.yml", "c/theirs.yml"]


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "mine.yml")
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder.yml").mkdir()
    assert [path.name for path in template_files(tmp_path)] == ["mine.yml"]


def test_thousands_of_files(tmp_path: Path) -> None:
    for number in range(3_000):
        write(tmp_path / f"p{number % 30}" / f"ACS--P--A{number:04}.yml")
    library = load_library([tmp_path])
    assert len(added(library)[0]) == 3_000
    assert found(library, "acs::p::a2999").origin == f"{tmp_path.name}/p29/ACS--P--A2999.yml"


def test_more_files_than_anybody_means_are_refused(tmp_path: Path) -> None:
    for number in range(library_folders.MAX_FILES + 1):
        (tmp_path / f"{number}.yml").touch()
    with pytest.raises(LibraryFolderError, match="more than 20000"):
        load_library([tmp_path])


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "mine.yml")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, reason in ((tmp_path / "gone", "No such file"), (file, "Not a directory"), (loop, "Too many levels")):
        with pytest.raises(LibraryFolderError, match=f"CABOOSE_LIBRARY_PATH: .*{path.name} can't be used: {reason}"):
            load_library([path])
