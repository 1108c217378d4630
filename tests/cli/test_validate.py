"""``caboose validate``: offline, with places, excerpts and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from caboose.library_folders import BUILT_IN
from caboose.oos.checks import RULES
from tests.cli.program import caboose
from tests.support.warm import Done

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
BROKEN = VALID.replace("{{ id }}", "{{ idd }}").replace("RebootInstance", "RebotInstance").replace("  id:", "  idd2:")
WARNED = VALID.replace("Tasks:", "  extra: {Type: String}\nTasks:")


def validate(folder: Path, *arguments: str, env: dict[str, str] | None = None, given: bytes | None = None) -> Done:
    return caboose("validate", *arguments, env=env or {}, cwd=folder, given=given)


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def records(done: Done) -> list[dict[str, Any]]:
    found = json.loads(done.out)
    assert isinstance(found, list)
    return found


def test_a_valid_template(tmp_path: Path) -> None:
    write(tmp_path / "good.yml", VALID)
    done = validate(tmp_path, "good.yml")
    assert (done.code, done.err) == (0, "")
    assert done.out == "good.yml: valid\n1 template, 0 errors, 0 warnings\n"


def test_every_problem_with_its_place_its_line_and_the_way_out(tmp_path: Path) -> None:
    write(tmp_path / "good.yml", VALID)
    write(tmp_path / "bad.yml", BROKEN)
    done = validate(tmp_path, "bad.yml", "good.yml")
    assert done.code == 1
    lines = done.out.splitlines()
    begin = next(index for index, line in enumerate(lines) if line.startswith("bad.yml:6:5: error "))
    assert "UnknownAction Tasks.reboot.Action: there is no action" in lines[begin]
    assert lines[begin + 1 : begin + 4] == [
        "    6 |     Action: ACS::ECS::RebotInstance",
        "      |     ^",
        '      = Did you mean "ACS::ECS::RebootInstance"?',
    ]
    assert any(line.startswith("bad.yml:8:7: error ") for line in lines)
    places = [int(line.split(":")[1]) for line in lines if line.startswith("bad.yml:")]
    assert places == sorted(places)
    assert "good.yml: valid" in lines
    assert "bad.yml: valid" not in lines
    assert lines[-1].startswith("2 templates, 2 errors, ")


def test_json(tmp_path: Path) -> None:
    write(tmp_path / "bad.yml", BROKEN)
    write(tmp_path / "good.yml", VALID)
    done = validate(tmp_path, "--json", "bad.yml", "good.yml")
    assert done.code == 1
    bad, good = records(done)
    assert (bad["File"], bad["Valid"]) == ("bad.yml", False)
    assert {"Id", "Severity", "Message", "Path", "Line", "Column", "Hint"} == set(bad["Problems"][0])
    assert good == {"File": "good.yml", "Valid": True, "Problems": []}


def test_warnings_don_t_stop_anything_unless_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "warned.yml", WARNED)
    done = validate(tmp_path, "warned.yml")
    assert done.code == 0
    assert "warned.yml:4:3: warning UnusedParameter Parameters.extra:" in done.out
    assert done.out.endswith("warned.yml: valid\n1 template, 0 errors, 1 warning\n")
    assert records(validate(tmp_path, "warned.yml", "--json"))[0]["Valid"] is True
    done = validate(tmp_path, "--strict", "warned.yml")
    assert done.code == 1
    assert done.out.endswith("\n1 template, 0 errors, 1 warning\n")
    assert "valid" not in done.out
    done = validate(tmp_path, "warned.yml", "--strict", "--json")
    assert (done.code, records(done)[0]["Valid"]) == (1, False)
    write(tmp_path / "good.yml", VALID)
    assert validate(tmp_path, "--strict", "good.yml").code == 0


def test_text_that_is_no_template(tmp_path: Path) -> None:
    for name, text in {"empty.yml": "", "list.yml": "- 1\n", "broken.yml": "a: [\n", "odd.yml": "\x07: 1\n"}.items():
        write(tmp_path / name, text)
        done = validate(tmp_path, name)
        assert (done.code, done.err) == (1, "")
        assert name in done.out
        assert "\x07" not in done.out


def test_a_beginner_s_mistakes(tmp_path: Path) -> None:
    write(tmp_path / "reference.yml", VALID.replace("'", ""))
    write(tmp_path / "tab.yml", VALID.replace("  - Name", "\t- Name"))
    out = validate(tmp_path, "reference.yml", "tab.yml").out
    assert "reference.yml:8:19: error InvalidYaml a reference without quotes" in out
    assert (
        "    8 |       instanceId: {{ id }}\n      |                   ^\n      = Put the value in quotes: '{{ id }}'"
        in out
    )
    assert "tab.yml:5:1: error InvalidYaml a tab stands here" in out
    assert "    5 |     - Name: reboot\n      | ^\n" in out


def test_a_program_that_is_none_is_found_without_a_server(tmp_path: Path) -> None:
    outputs = "    Outputs:\n      x: {ValueSelector: '.a | map('}\n      y: {ValueSelector: '.a | env'}\n"
    write(tmp_path / "bad.yml", VALID + outputs)
    (found,) = records(validate(tmp_path, "--json", "bad.yml"))
    assert [(each["Id"], each["Line"]) for each in found["Problems"] if each["Severity"] == "error"] == [
        ("InvalidSelector", 10),
        ("ForbiddenWord", 11),
    ]


def test_a_folder_is_walked(tmp_path: Path) -> None:
    write(tmp_path / "t" / "b" / "good.YAML", VALID)
    write(tmp_path / "t" / "a.json", json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": []}))
    write(tmp_path / "t" / "package.json", "{}")
    write(tmp_path / "t" / "compose.yml", "services: {}")
    write(tmp_path / "t" / "README.md", "Tasks")
    write(tmp_path / "t" / ".git" / "x.yml", VALID)
    (tmp_path / "t" / "b" / "up").symlink_to(tmp_path / "t")
    done = validate(tmp_path, "t")
    assert done.code == 1
    assert done.out.startswith("t/a.json:1:37: error ")
    assert done.out.endswith("\nt/b/good.YAML: valid\n2 templates, 1 error, 0 warnings, 2 other files skipped\n")
    found = records(validate(tmp_path, "t/b/good.YAML", "t", "--json"))
    assert [each["File"] for each in found] == ["t/b/good.YAML", "t/a.json"], "each once"


def test_what_is_named_is_checked_whatever_it_looks_like(tmp_path: Path) -> None:
    write(tmp_path / "package.json", "{}")
    done = validate(tmp_path, ".", "package.json")
    assert done.code == 1
    assert "package.json:1:1: error FormatVersion" in done.out


def test_standard_input(tmp_path: Path) -> None:
    done = validate(tmp_path, "-", given=BROKEN.encode())
    assert done.code == 1
    assert "<stdin>:6:5: error UnknownAction" in done.out
    done = validate(tmp_path, "-", "--json", given=VALID.encode())
    assert (done.code, records(done)) == (0, [{"File": "<stdin>", "Valid": True, "Problems": []}])


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    write(tmp_path / "latin.yml", VALID.encode() + b"# caf\xe9\n")
    write(tmp_path / "wide.yml", VALID.encode("utf-16"))
    done = validate(tmp_path, "latin.yml", "wide.yml")
    assert (done.code, done.err) == (1, "")
    assert "latin.yml:9:6: error InvalidYaml the byte 0xE9 is not UTF-8 text" in done.out
    assert "    9 | # caf\ufffd\n      |      ^\n      = Save the file as UTF-8.\n" in done.out
    assert "wide.yml:1:1: error InvalidYaml this is UTF-16 text" in done.out


def test_windows_text_and_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path / "good.yml", b"\xef\xbb\xbf" + VALID.replace("\n", "\r\n").encode())
    assert validate(tmp_path, "good.yml").code == 0
    write(tmp_path / "bad.yml", b"\xef\xbb\xbf" + BROKEN.replace("\n", "\r\n").encode())
    assert "bad.yml:6:5: error UnknownAction" in validate(tmp_path, "bad.yml").out


def test_how_large_a_template_may_be_is_a_setting(tmp_path: Path) -> None:
    write(tmp_path / "large.yml", VALID + "#" * 70_000)
    done = validate(tmp_path, "large.yml")
    assert done.code == 1
    assert f"large.yml: error TemplateTooLarge the template has {len(VALID) + 70_000} bytes, at most 65536" in done.out
    assert validate(tmp_path, "large.yml", env={"CABOOSE_MAX_TEMPLATE_BYTES": "80000"}).code == 0
    done = validate(tmp_path, "-", given=b"#" * 70_000)
    assert "TemplateTooLarge" in done.out


def test_a_file_that_can_t_be_read_is_named_when_the_others_are_done(tmp_path: Path) -> None:
    write(tmp_path / "bad.yml", BROKEN)
    (tmp_path / "loop.yml").symlink_to("loop.yml")
    done = validate(tmp_path, "gone.yml", "bad.yml", "loop.yml")
    assert done.code == 2
    assert "bad.yml:6:5: error" in done.out
    assert done.err.startswith("caboose: gone.yml: No such file")
    assert "loop.yml: Too many levels" in done.err
    done = validate(tmp_path, ".", "--json")
    assert (done.code, len(records(done))) == (2, 1)


def test_wrong_usage(tmp_path: Path) -> None:
    write(tmp_path / "empty" / "README.md", "nothing")
    write(tmp_path / "good.yml", VALID)
    for arguments, words in (
        ((), "name a FILE"),
        (("empty",), "no template in empty"),
        (("--explain", "InvalidYaml", "good.yml"), "takes no FILE"),
        (("--explain", "InvalidYml"), 'Did you mean "InvalidYaml"?'),
        (("--explain", "qqqqqqqq"), "docs/reference/checks.md"),
        (("--nothing",), "No such option"),
    ):
        done = validate(tmp_path, *arguments)
        assert (done.code, done.out) == (2, "")
        assert words in done.err
    done = validate(tmp_path, "good.yml", env={"CABOOSE_LIBRARY_PATH": str(tmp_path / "gone")})
    assert (done.code, done.out) == (2, "")
    assert "CABOOSE_LIBRARY_PATH: " in done.err


def test_a_rule_is_explained(tmp_path: Path) -> None:
    rule = RULES["UnusedParameter"]
    done = validate(tmp_path, "--explain", "unusedParameter")
    assert (done.code, done.out) == (0, f"{rule}\n")
    done = validate(tmp_path, "--json", "--explain", "UnusedParameter")
    explained = json.loads(done.out)
    assert explained["Id"] == "UnusedParameter"
    assert (explained["Severity"], explained["Title"]) == (rule.severity, rule.title)
    assert set(explained) == {"Id", "Severity", "Title", "Explanation", "Bad", "Good", "Source"}


def test_templates_use_the_actions_of_the_library_s_folders_only(tmp_path: Path) -> None:
    action = (
        "FormatVersion: OOS-2019-06-01\nTasks:\n  - {Name: a, Action: 'ACS::Sleep', Properties: {Duration: PT1M}}\n"
    )
    write(tmp_path / "t" / "MINE" / "Wait.yml", action)
    using = "FormatVersion: OOS-2019-06-01\nTasks:\n  - {Name: a, Action: 'ACS::MINE::Wait'}\n"
    write(tmp_path / "t" / "using.yml", using)
    assert "UnknownAction" in validate(tmp_path, "t").out
    assert "UnknownAction" not in validate(tmp_path, "t", env={"CABOOSE_LIBRARY_PATH": "t"}).out


def test_templates_of_the_library_are_valid() -> None:
    done = caboose("validate", str(BUILT_IN), env={})
    assert done.code == 0, done.out


@pytest.mark.parametrize("name", ["a b.yml", "界.yml", "-x.yml", "[red].yml"])
def test_odd_names_of_files(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, VALID)
    done = validate(tmp_path, "--", name)
    assert (done.code, done.out.splitlines()[0]) == (0, f"{name}: valid")


def test_a_name_that_is_not_utf8_or_steers_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "caf\udce9\x1b.yml").write_text(VALID)
    done = validate(tmp_path, ".")
    assert (done.code, done.out.splitlines()[0]) == (0, "caf\ufffd\ufffd.yml: valid")
    assert records(validate(tmp_path, ".", "--json"))[0]["File"] == "caf\ufffd\ufffd.yml"
