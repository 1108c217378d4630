"""Stored templates: versions that never change, names, listings, the first start."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from hashlib import sha256
from typing import Any

import pytest

from caboose.oos.start import TemplateSource
from caboose.store import InvalidNextToken, Store, TemplateContentInvalid, TemplateNameInvalid


def versions(store: Store, name: str) -> list[str]:
    return [info.version for info in store.list_template_versions(name).items]


def test_each_new_text_is_a_new_version(store: Store) -> None:
    first = store.put_template("reboot", "one", created_by="alice", description="重启")
    second = store.put_template("reboot", "two", created_by="bob")
    assert (first.version, second.version) == ("v1", "v2")
    assert (first.created_by, first.description) == ("alice", "重启")
    assert first.hash == sha256(b"one").hexdigest()
    assert store.find("reboot") == second
    assert store.find("reboot", "v1") == first
    assert versions(store, "reboot") == ["v2", "v1"]


def test_the_latest_text_again_makes_no_version(store: Store) -> None:
    first = store.put_template("reboot", "one", created_by="alice")
    assert store.put_template("reboot", "one", created_by="bob") == first
    store.put_template("reboot", "two")
    assert store.put_template("reboot", "one").version == "v3"


@pytest.mark.parametrize("version", ["v3", "v0", "1", "V1", "v01", "v", "", "v-1", "v१", "latest", "v" + "9" * 30])
def test_a_version_that_is_not_there(store: Store, version: str) -> None:
    store.put_template("reboot", "one")
    assert store.find("reboot", version) is None


def test_a_name_that_is_not_there(store: Store) -> None:
    assert store.find("reboot") is None
    assert store.find("re\x00boot\ud800") is None
    assert versions(store, "reboot") == []
    assert store.delete_template("reboot") is False


def test_a_deleted_template_never_gives_its_numbers_to_another_text(store: Store) -> None:
    store.put_template("reboot", "one")
    store.put_template("reboot", "two")
    assert store.delete_template("reboot") is True
    assert store.find("reboot") is None
    assert store.find("reboot", "v1") is None
    assert store.names() == []
    assert store.list_templates().items == []
    assert store.delete_template("reboot") is False

    assert store.put_template("reboot", "two").version == "v3"
    assert versions(store, "reboot") == ["v3"]
    assert store.find("reboot", "v2") is None


def test_what_was_read_cannot_be_changed(store: Store) -> None:
    template: Any = store.put_template("reboot", "one")
    with pytest.raises(FrozenInstanceError):
        template.content = "two"


def test_text_comes_back_byte_for_byte(store: Store) -> None:
    content = "\ufeffFormatVersion: OOS-2019-06-01\r\n# 批量重启 🚂\r\n\t" + "x" * 2_000_000
    store.put_template("big", content)
    found = store.find("big")
    assert found is not None
    assert found.content == content
    assert found.hash == sha256(content.encode()).hexdigest()


@pytest.mark.parametrize("content", ["a\x00b", "a\ud800b"])
def test_text_that_a_database_cannot_keep(store: Store, content: str) -> None:
    with pytest.raises(TemplateContentInvalid):
        store.put_template("reboot", content)
    assert store.names() == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 201,
        "a b",
        "a.b",
        "重启",
        "a\n",
        "ACS-ECS-Reboot",
        "acs",
        "Aliyun_x",
        "alibaba",
        "ALICLOUDx",
        "Execution",
    ],
)
def test_names_that_are_refused(store: Store, name: str) -> None:
    with pytest.raises(TemplateNameInvalid):
        store.put_template(name, "one")
    with pytest.raises(TemplateNameInvalid):
        store.seed({name: "one"})


@pytest.mark.parametrize("name", ["a", "a" * 200, "_-", "1", "my-ACS", "Executions"])
def test_names_that_are_taken(store: Store, name: str) -> None:
    assert store.put_template(name, "one").name == name


def test_many_writers_get_one_number_each(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: store.put_template("reboot", f"text {number}"), range(24)))
    assert sorted(int(template.version[1:]) for template in made) == list(range(1, 25))
    assert all(store.find("reboot", template.version) == template for template in made)


def test_seed_is_for_names_that_were_never_there(store: Store) -> None:
    store.put_template("mine", "my own")
    assert store.seed({"mine": "built in", "reboot": "built in"}) == ["reboot"]
    assert store.seed({"mine": "changed", "reboot": "changed"}) == []
    assert [template.content for name in store.names() if (template := store.find(name))] == ["my own", "built in"]

    store.delete_template("reboot")
    assert store.seed({"reboot": "built in"}) == []
    assert store.names() == ["mine"]


def test_many_processes_seed_at_once(store: Store) -> None:
    contents = {f"template-{number}": "text" for number in range(5)}
    with ThreadPoolExecutor(8) as pool:
        made = [name for names in pool.map(lambda _: store.seed(contents), range(8)) for name in names]
    assert sorted(made) == sorted(contents)
    assert all(versions(store, name) == ["v1"] for name in contents)


def test_pages_of_templates_by_name(store: Store) -> None:
    names = ["B", "a", "a-b", "a_b", "b", "ab"]
    for name in names:
        store.put_template(name, "old")
        store.put_template(name, "new")
    found = []
    token = ""
    while True:
        page = store.list_templates(max_results=2, next_token=token)
        assert len(page.items) <= 2
        found += [(info.name, info.version) for info in page.items]
        token = page.next_token
        if not token:
            break
    assert found == [(name, "v2") for name in sorted(names)]
    assert store.names() == sorted(names)


@pytest.mark.parametrize(
    ("contains", "expected"), [("A", ["a", "a-b", "a_b"]), ("_", ["a_b"]), ("%", []), ("", ["a", "a-b", "a_b", "z"])]
)
def test_templates_by_a_part_of_the_name(store: Store, contains: str, expected: list[str]) -> None:
    for name in ("a", "a-b", "a_b", "z"):
        store.put_template(name, "text")
    assert [info.name for info in store.list_templates(contains=contains).items] == expected


def test_pages_of_versions(store: Store) -> None:
    for number in range(12):
        store.put_template("reboot", f"text {number}")
    first = store.list_template_versions("reboot", max_results=5)
    second = store.list_template_versions("reboot", max_results=5, next_token=first.next_token)
    third = store.list_template_versions("reboot", max_results=5, next_token=second.next_token)
    pages = [[int(info.version[1:]) for info in page.items] for page in (first, second, third)]
    assert pages == [[12, 11, 10, 9, 8], [7, 6, 5, 4, 3], [2, 1]]
    assert third.next_token == ""


def test_tokens_that_nobody_gave(store: Store) -> None:
    for number in range(3):
        store.put_template(f"t{number}", "text")
    token = store.list_templates(max_results=1).next_token
    with pytest.raises(InvalidNextToken):
        store.list_template_versions("t0", next_token=token)
    with pytest.raises(InvalidNextToken):
        store.list_templates(next_token="nothing")


def test_the_store_is_where_starts_find_their_templates(store: Store) -> None:
    source: TemplateSource = store
    store.put_template("reboot", "one")
    assert source.names() == ["reboot"]
    assert source.find("reboot") is not None
