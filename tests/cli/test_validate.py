"""``caboose validate`` and ``caboose actions``: offline, with places and exit codes."""

import json
from pathlib import Path

from caboose.library_folders import BUILT_IN
from tests.cli.program import caboose

VALID = """\
FormatVersion: OOS-2019-06-01
Parameters:
  id: {Type: String}
Tasks:
  - Name: reboot
    Action: ACS::ECS::RebootInstance
    Properties:
      instanceId: '{{ id }}'
"""
BROKEN = VALID.replace("{{ id }}", "{{ idd }}").replace("RebootInstance", "RebotInstance")


def test_a_valid_template(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(VALID)
    done = caboose("validate", "good.yml", env={}, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "good.yml: valid\n", "")


def test_every_problem_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(VALID)
    (tmp_path / "bad.yml").write_text(BROKEN)
    done = caboose("validate", "bad.yml", "good.yml", env={}, cwd=tmp_path)
    assert done.code == 1
    assert "bad.yml:6:5: error " in done.out
    assert "bad.yml:8:7: error " in done.out
    assert 'Did you mean "ACS::ECS::RebootInstance"?' in done.out
    assert 'Did you mean "id"?' in done.out
    assert done.out.index("bad.yml:6") < done.out.index("bad.yml:8")
    assert "good.yml: valid" in done.out


def test_json(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(BROKEN)
    done = caboose("validate", "--json", "bad.yml", env={}, cwd=tmp_path)
    assert done.code == 1
    (found,) = json.loads(done.out)
    assert (found["File"], found["Valid"]) == ("bad.yml", False)
    assert {"Id", "Severity", "Message", "Path", "Line", "Column", "Hint"} == set(found["Problems"][0])


def test_text_that_is_no_template(tmp_path: Path) -> None:
    for name, text in {"empty.yml": "", "list.yml": "- 1\n", "broken.yml": "a: [\n", "odd.yml": "\x07: 1\n"}.items():
        (tmp_path / name).write_text(text)
        done = caboose("validate", name, env={}, cwd=tmp_path)
        assert (done.code, done.err) == (1, "")
        assert f"{name}" in done.out
        assert "\x07" not in done.out


def test_templates_of_the_library_are_valid() -> None:
    files = [str(path) for path in sorted(BUILT_IN.glob("*/*.yml"))]
    done = caboose("validate", *files, env={})
    assert done.code == 0, done.out


def test_actions() -> None:
    done = caboose("actions", env={})
    assert done.code == 0
    listed = {line.split()[0]: line for line in done.out.splitlines()[1:]}
    assert "ACS::Approve" in listed
    assert "ACS::TimerTrigger" not in listed
    assert "instanceId [" in listed["ACS::ECS::RebootInstance"]
    rows = json.loads(caboose("actions", "--json", env={}).out)
    assert {row["Action"] for row in rows} == set(listed)


def test_a_broken_product_action_is_listed_with_its_problem(tmp_path: Path) -> None:
    (tmp_path / "ECS").mkdir()
    (tmp_path / "ECS" / "Broken.yml").write_text("Tasks: 3\n")
    done = caboose("actions", env={"CABOOSE_LIBRARY_PATH": str(tmp_path)})
    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.startswith("ACS::ECS::Broken")]
    assert "ECS/Broken.yml" in line
