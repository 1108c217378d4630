"""``-p name=value``: text stays text, JSON objects and lists become values."""

from pathlib import Path
from typing import Any

import pytest

from caboose.cli.errors import UsageError
from caboose.cli.parameters import parse_parameters


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("false", "false"),
        ("123", "123"),
        ("007", "007"),
        ("1e3", "1e3"),
        ("null", "null"),
        ('"quoted"', '"quoted"'),
        ("", ""),
        ("a=b", "a=b"),
        ('{"Type": "All"}', {"Type": "All"}),
        ('["i-1", "i-2"]', ["i-1", "i-2"]),
        (' [1, "2", {"a": null}] ', [1, "2", {"a": None}]),
        ("[prod] restart", "[prod] restart"),
        ("{{ targets }}", "{{ targets }}"),
        ("[NaN]", "[NaN]"),
        ("@@alice", "@alice"),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert parse_parameters([f"p={text}"]) == {"p": value}


def test_files_follow_the_same_rule(tmp_path: Path) -> None:
    (tmp_path / "targets.json").write_text('{"Type": "ResourceIds",\n "ResourceIds": ["i-1"]}\n')
    (tmp_path / "note.txt").write_text("重启\n")
    given = [f"targets=@{tmp_path}/targets.json", f"note=@{tmp_path}/note.txt"]
    assert parse_parameters(given) == {
        "targets": {"Type": "ResourceIds", "ResourceIds": ["i-1"]},
        "note": "重启",
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["targets"], "name=value"),
        (["=x"], "name=value"),
        (["a=1", "a=2"], "twice"),
        (["a=@missing.json"], "No such file"),
        (["a=@alice"], "@@alice"),
    ],
)
def test_wrong_usage(given: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_parameters(given)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="UTF-8"):
        parse_parameters([f"a=@{tmp_path}/x"])
