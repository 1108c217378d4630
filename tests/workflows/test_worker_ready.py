"""A worker that finds its surroundings not ready says what to run and exits with 2, instead of hanging executions."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import warm
from tests.support.processes import CHECKOUT, TEMPORAL, TemporalServer, Worker, started
from workflows.messages import SEARCH_ATTRIBUTES

KEYWORD_COLUMNS = 10
"""How many Keyword attributes the server's SQL visibility has room for."""


@pytest.fixture
def bare_server(tmp_path: Path) -> Iterator[TemporalServer]:
    """A server without our search attributes."""
    server = TemporalServer(tmp_path, attributes=())
    with started(server):
        yield server


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment of a worker without a server, with a migrated store."""
    env = {**os.environ, "TEMPORAL_ADDRESS": "127.0.0.1:1", "CABOOSE_DATA_DIR": str(tmp_path / "data")}
    assert warm.run("caboose.store", "migrate", env=env).code == 0
    return env


def _temporal(server: TemporalServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TEMPORAL, *arguments, "--address", server.address], capture_output=True, text=True, check=False, timeout=60
    )


def _ends(env: dict[str, str], **more: str) -> str:
    """What the worker says when it ends with 2."""
    ended = warm.run("worker.py", env={**env, **more})
    assert ended.code == 2, ended
    return ended.err


def test_missing_search_attributes_are_added(bare_server: TemporalServer, env: dict[str, str], tmp_path: Path) -> None:
    with started(Worker(tmp_path, {**env, "TEMPORAL_ADDRESS": bare_server.address})):
        listed = _temporal(bare_server, "operator", "search-attribute", "list").stdout
    assert all(name in listed for name in SEARCH_ATTRIBUTES)


def test_search_attributes_that_cannot_be_added(bare_server: TemporalServer, env: dict[str, str]) -> None:
    taken = [flag for index in range(KEYWORD_COLUMNS) for flag in ("--name", f"Taken{index}", "--type", "Keyword")]
    made = _temporal(bare_server, "operator", "search-attribute", "create", *taken)
    assert made.returncode == 0, made.stderr
    said = _ends(env, TEMPORAL_ADDRESS=bare_server.address)
    assert "temporal operator search-attribute create --namespace default --name OosStatus --type Keyword" in said


def test_a_search_attribute_of_another_type(bare_server: TemporalServer, env: dict[str, str]) -> None:
    _temporal(bare_server, "operator", "search-attribute", "create", "--name", "OosStatus", "--type", "Int")
    said = _ends(env, TEMPORAL_ADDRESS=bare_server.address)
    assert "OosStatus is there with another type than Keyword" in said


def test_a_store_that_is_not_at_head(env: dict[str, str], tmp_path: Path) -> None:
    assert "python -m caboose.store migrate" in _ends(env, CABOOSE_DATA_DIR=str(tmp_path / "other"))


def test_a_server_that_is_not_there(env: dict[str, str]) -> None:
    """In a new Python, as a person starts it."""
    command = [sys.executable, "worker.py"]
    ended = subprocess.run(command, env=env, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "127.0.0.1:1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_setting_that_is_wrong(env: dict[str, str]) -> None:
    said = _ends(env, CABOOSE_SAFETY_CHECK="Maybe")
    assert "CABOOSE_SAFETY_CHECK" in said
    assert "Traceback" not in said
