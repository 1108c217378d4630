"""``caboose actions``: everything that a task may name, with origin and properties; what can't be used says why."""

import json
from pathlib import Path
from typing import Any

import pytest

from caboose.library_folders import BUILT_IN, load_library
from caboose.oos.actions import ACTIONS
from tests.cli.program import caboose, on_a_terminal
from tests.support.warm import Done

REBOOT = "ACS::ECS::RebootInstance"
OURS = set(load_library().names())
MINE = """\
FormatVersion: OOS-2019-06-01
Description:
  en: |-
    Looks at what
    there is.
  zh-cn: 看
Parameters:
  where: {Type: String, Description: 'Where to look', AllowedValues: [here, there], Default: here}
  hook: {Type: String, Default: 'https://oapi.dingtalk.com/robot/send?access_token=canary'}
  password: {Type: String, NoEcho: true, Default: canary}
  what: {Type: Json}
  nothing: {Type: String, Default: ''}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties: {Service: ECS, API: DescribeRegions, Parameters: {a: '{{ what }} {{ where }} {{ hook }} {{ password }}{{ nothing }}'}}
    Outputs: {found: {Type: List, ValueSelector: 'Regions.Region[].RegionId'}}
Outputs:
  found: {Type: List, Value: '{{ look.found }}'}
"""  # noqa: E501 -- a template


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library folder with one of each kind."""
    for name, text in {
        "MINE/Look.yml": MINE,
        "MINE/Broken.yml": "Tasks: 3\n",
        "MINE/Later.yml": MINE.replace("Service: ECS", "Service: RDS"),
        "Other/ACS--YOURS--Look.json": json.dumps({"FormatVersion": "OOS-2019-06-01"}),
        "ECS/RebootInstance.yml": MINE,
        "PublicTemplates/YAML/ACS-MINE-Look.yml": MINE,
    }.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "lib"


def actions(*arguments: str, folder: Path | None = None) -> Done:
    return caboose("actions", *arguments, env={"CABOOSE_LIBRARY_PATH": str(folder)} if folder else {})


def rows(*arguments: str, folder: Path | None = None) -> dict[str, dict[str, Any]]:
    done = actions("--json", *arguments, folder=folder)
    assert (done.code, done.err) == (0, "")
    return {row["Action"]: row for row in json.loads(done.out)}


def test_one_line_an_action_in_a_pipe(folder: Path) -> None:
    done = actions(folder=folder)
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.out.splitlines()[1:]}
    assert set(lines) == {
        *ACTIONS,
        *OURS,
        "ACS::MINE::Look",
        "ACS::MINE::Broken",
        "ACS::MINE::Later",
        "ACS::YOURS::Look",
    }
    assert " Atomic  " in lines["ACS::Approve"]
    assert "built in" in lines["ACS::Approve"]
    assert "[where] [hook] [password] what [nothing]" in lines["ACS::MINE::Look"]
    assert " lib/MINE/Look.yml " in lines["ACS::MINE::Look"]
    assert lines["ACS::MINE::Look"].endswith("Looks at what there is.")
    assert "Product, not run by this version yet" in lines["ACS::MINE::Later"]
    assert "Product, unusable" in lines["ACS::MINE::Broken"]
    assert "FormatVersion: FormatVersion is missing" in lines["ACS::MINE::Broken"]
    assert " library/ECS/RebootInstance.yml " in lines[REBOOT]
    for name, action in ACTIONS.items():
        assert ("not run by this version yet" in lines[name]) != action.runs_here


def test_json(folder: Path) -> None:
    found = rows(folder=folder)
    assert {row["Kind"] for row in found.values()} == {"Atomic", "Product"}
    assert {name: row["Status"] for name, row in found.items() if row["Kind"] == "Product"} == {
        **dict.fromkeys(OURS, "Available"),
        "ACS::MINE::Broken": "Unusable",
        "ACS::MINE::Later": "NotYet",
        "ACS::MINE::Look": "Available",
        "ACS::YOURS::Look": "Unusable",
    }
    mine = found["ACS::MINE::Look"]
    assert mine["Path"] == str(folder / "MINE" / "Look.yml")
    assert mine["Takes"][0] == {
        "Name": "where",
        "Type": "String",
        "Required": False,
        "Description": "Where to look",
        "Default": "here",
        "Values": ["here", "there"],
    }
    assert mine["Takes"][3] == {"Name": "what", "Type": "Json", "Required": True, "Description": ""}
    assert mine["Gives"] == [{"Name": "found", "Type": "List"}]
    assert mine["Problems"] == []
    assert [problem["Id"] for problem in found["ACS::MINE::Later"]["Problems"]] == ["NotSupportedYet"]
    assert {"FormatVersion", "InvalidType"} <= {problem["Id"] for problem in found["ACS::MINE::Broken"]["Problems"]}
    assert found[REBOOT]["Path"] == str(BUILT_IN / "ECS" / "RebootInstance.yml")
    assert found[REBOOT]["Hidden"] == [str(folder / "ECS" / "RebootInstance.yml")]
    wait = found["ACS::WaitFor"]
    assert (wait["MayLoop"], wait["FirstOnly"], wait["Status"]) == (True, False, "Available")
    assert {"Name": "Service", "Required": True}.items() <= wait["Takes"][0].items()
    assert "WebHook.URI" in {taken["Name"] for taken in found["ACS::Approve"]["Takes"]}
    assert "Filters[].Type" in {taken["Name"] for taken in found["ACS::SelectTargets"]["Takes"]}
    assert found["ACS::TimerTrigger"]["FirstOnly"]


def test_filters(folder: Path) -> None:
    assert set(rows("--product", "mine", folder=folder)) == {"ACS::MINE::Broken", "ACS::MINE::Later", "ACS::MINE::Look"}
    assert set(rows("--product", "ECS", folder=folder)) == {name for name in OURS if name.startswith("ACS::ECS::")}
    assert set(rows("--search", "YOURS", folder=folder)) == {"ACS::YOURS::Look"}
    assert set(rows("--search", "mine/look", folder=folder)) == {"ACS::MINE::Look"}, "the origin"
    assert set(rows("--search", "LOOKS at", "--product", "MINE", folder=folder)) == {
        "ACS::MINE::Later",
        "ACS::MINE::Look",
    }
    assert "ACS::Approve" in rows("--search", "approved")
    assert rows("--templates", folder=folder).keys() == {"ACS-MINE-Look"}
    assert rows("--templates", "--product", "mine", folder=folder)["ACS-MINE-Look"]["Kind"] == "Template"
    assert rows("--templates", "--product", "ECS", folder=folder) == rows("--templates") == {}
    done = actions("--product", "nobody")
    assert (done.code, done.out) == (0, "No such action.\n")
    assert actions("--templates").out == "No such template.\n"


def test_one_in_full(folder: Path) -> None:
    done = actions("acs::mine::LOOK", folder=folder)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:3] == ["ACS::MINE::Look", "Looks at what", "there is."]
    shown = [line.split() for line in lines]
    assert ["Kind", "Product"] in shown
    assert ["File", str(folder / "MINE" / "Look.yml")] in shown
    assert ["where", "String", "here", "Where", "to", "look", "One", "of:", "here,", "there"] in shown
    assert ["what", "Json", "(required)"] in shown
    assert ["nothing", "String", "''"] in shown
    assert ["password", "String", "***"] in shown
    assert ["found", "List"] in shown
    assert "access_token=***" in done.out
    assert "canary" not in done.out + actions("ACS::MINE::Look", "--json", folder=folder).out
    hidden = actions(REBOOT, folder=folder).out
    assert str(folder / "ECS" / "RebootInstance.yml") in hidden
    template = json.loads(actions("acs-mine-look", "--json", folder=folder).out)
    assert (template["Action"], template["Kind"]) == ("ACS-MINE-Look", "Template")


def test_an_atomic_one_in_full() -> None:
    out = actions("acs::timertrigger").out
    assert out.startswith("ACS::TimerTrigger\n")
    assert "Atomic, not run by this version yet" in out
    assert "only the first task of a template" in out
    assert "can't loop" in actions("ACS::Approve").out
    wait = actions("ACS::WaitFor").out
    assert "can't loop" not in wait
    assert ["Service", "a", "string", "(required)"] in [line.split()[:4] for line in wait.splitlines()]


def test_one_that_can_t_be_used_shows_all_that_is_wrong(folder: Path) -> None:
    out = actions("ACS::MINE::Broken", folder=folder).out
    assert "Product, unusable" in out
    assert "FormatVersion line 1, column 1: FormatVersion: " in out
    assert "InvalidType line 1, column 1: Tasks: " in out
    (folder / "MINE" / "Latin.yml").write_bytes(b"# caf\xe9")
    assert "the byte 0xE9 is not UTF-8" in actions("ACS::MINE::Latin", folder=folder).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ACS::ECS::RebotInstance",), 'Did you mean "ACS::ECS::RebootInstance"?'),
        (("acs::aprove",), 'Did you mean "ACS::Approve"?'),
        (("qqqqqqqq",), "--search TEXT"),
        (("ACS::Approve", "--product", "ECS"), "a NAME is shown in full"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    done = actions(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_on_a_terminal_nothing_is_wider_than_it(folder: Path) -> None:
    env = {"CABOOSE_LIBRARY_PATH": str(folder)}
    done = on_a_terminal("actions", env=env)
    assert done.code == 0
    lines = done.out.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    where = lines.index("ACS::MINE::Look")
    assert [line.strip() for line in lines[where + 1 : where + 4]] == [
        "[where] [hook] [password] what [nothing]",
        "Looks at what there is.",
        "lib/MINE/Look.yml",
    ]
    assert "ACS::MINE::Broken  (unusable)" in lines
    assert "ACS::MINE::Later  (not run by this version yet)" in lines
    assert lines[-1] == f"{len(ACTIONS) + len(OURS) + 4} in all. In full: caboose actions NAME"
    done = on_a_terminal("actions", "ACS::MINE::Look", env=env)
    assert max(len(line.rstrip()) for line in done.out.splitlines() if str(folder)[:40] not in line) <= 80
    assert on_a_terminal("actions", "--product", "nobody", env=env).out == "No such action.\n"
