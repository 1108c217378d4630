"""A worker that finds its surroundings not ready says what to run and exits with 2, instead of hanging executions."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
def env(tmp_path: Path, bare_server: TemporalServer) -> dict[str, str]:
    """The environment of a worker for it, with a migrated store."""
    env = {"TEMPORAL_ADDRESS": bare_server.address, "CABOOSE_DATA_DIR": str(tmp_path / "data")}
    _run([sys.executable, "-m", "caboose.store", "migrate"], env)
    return env


def _run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        command, env={**os.environ, **env}, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
    )


def _temporal(server: TemporalServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run([TEMPORAL, *arguments, "--address", server.address], {})


def test_missing_search_attributes_are_added(bare_server: TemporalServer, env: dict[str, str], tmp_path: Path) -> None:
    with started(Worker(tmp_path, env)):
        listed = _temporal(bare_server, "operator", "search-attribute", "list").stdout
    assert all(name in listed for name in SEARCH_ATTRIBUTES)


def test_search_attributes_that_cannot_be_added(bare_server: TemporalServer, env: dict[str, str]) -> None:
    taken = [flag for index in range(KEYWORD_COLUMNS) for flag in ("--name", f"Taken{index}", "--type", "Keyword")]
    made = _temporal(bare_server, "operator", "search-attribute", "create", *taken)
    assert made.returncode == 0, made.stderr
    ended = _run([sys.executable, "worker.py"], env)
    assert ended.returncode == 2
    assert (
        "temporal operator search-attribute create --namespace default --name OosStatus --type Keyword" in ended.stderr
    )


def test_a_search_attribute_of_another_type(bare_server: TemporalServer, env: dict[str, str]) -> None:
    _temporal(bare_server, "operator", "search-attribute", "create", "--name", "OosStatus", "--type", "Int")
    ended = _run([sys.executable, "worker.py"], env)
    assert ended.returncode == 2
    assert "OosStatus is there with another type than Keyword" in ended.stderr


def test_a_store_that_is_not_at_head(bare_server: TemporalServer, env: dict[str, str], tmp_path: Path) -> None:
    ended = _run([sys.executable, "worker.py"], {**env, "CABOOSE_DATA_DIR": str(tmp_path / "other")})
    assert ended.returncode == 2
    assert "python -m caboose.store migrate" in ended.stderr


def test_a_server_that_is_not_there(env: dict[str, str]) -> None:
    ended = _run([sys.executable, "worker.py"], {**env, "TEMPORAL_ADDRESS": "127.0.0.1:1"})
    assert ended.returncode == 2
    assert "127.0.0.1:1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_setting_that_is_wrong(env: dict[str, str]) -> None:
    ended = _run([sys.executable, "worker.py"], {**env, "CABOOSE_SAFETY_CHECK": "Maybe"})
    assert ended.returncode == 2
    assert "CABOOSE_SAFETY_CHECK" in ended.stderr
    assert "Traceback" not in ended.stderr
