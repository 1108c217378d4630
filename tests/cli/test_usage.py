"""Exit codes and error texts of commands that can't do what they were asked to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import caboose
from tests.support.warm import CHECKOUT

NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "reboot", "--no-such-option"),
        ("no-such-command",),
        ("executions", "show"),
        ("executions", "list", "--limit", "0"),
        ("validate",),
        ("run", "reboot", "-p", "targets"),
        ("run", "missing.yml"),
        ("validate", "missing.yml"),
        ("templates", "put", "name", "missing.yml"),
        ("up", "--port-base", "65533"),
        ("up", "--transition-seconds", "soon"),
    ],
)
def test_wrong_usage_is_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = caboose(*arguments, env={"CABOOSE_API_URL": NOBODY}, cwd=tmp_path)
    assert done.code == 2, done
    assert done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "reboot"),
        ("executions", "list"),
        ("executions", "approve", "exec-1"),
        ("templates", "list", "--json"),
    ],
)
def test_no_api_says_how_to_start_it(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = caboose(*arguments, env={"CABOOSE_API_URL": NOBODY}, cwd=tmp_path)
    assert done.code == 1
    assert NOBODY in done.err
    assert "caboose up" in done.err
    assert "CABOOSE_API_URL" in done.err
    assert not done.out


def test_a_client_makes_no_token(tmp_path: Path) -> None:
    caboose("executions", "list", env={"CABOOSE_API_URL": NOBODY}, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CABOOSE_API_PORT", "secret-value"),
        ("CABOOSE_SAFETY_CHECK", "secret-value"),
        ("CABOOSE_WEBHOOK_SECRETS", "secret-value"),
        ("CABOOSE_API_URL", "ftp://127.0.0.1"),
        ("CABOOSE_API_URL", "http://[::1"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(name: str, value: str) -> None:
    done = caboose("executions", "list", env={name: value})
    assert done.code == 2
    assert name in done.err or name.removeprefix("CABOOSE_").lower() in done.err
    assert "secret-value" not in done.err + done.out
    assert "Traceback" not in done.err


def test_a_library_folder_that_is_not_there() -> None:
    done = caboose("actions", env={"CABOOSE_LIBRARY_PATH": "/nowhere/at-all"})
    assert done.code == 2
    assert "/nowhere/at-all" in done.err


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    done = caboose("up", "--data-dir", str(tmp_path / "state"), env={})
    assert done.code == 1
    assert str(tmp_path / "state") in done.err


def test_help_names_every_command() -> None:
    done = caboose("--help", env={})
    assert done.code == 0
    for command in ("up", "demo", "validate", "run", "executions", "templates", "actions"):
        assert command in done.out


def test_commands_that_ask_a_server_start_without_the_language() -> None:
    """It takes as long to import as all the rest of the program."""
    code = "import sys, caboose.cli; print([each for each in sys.modules if each.startswith('caboose.oos')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
