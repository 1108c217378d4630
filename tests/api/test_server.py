"""``python -m api`` as a process: what it needs before it serves, and what it writes into its log."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from caboose.links import LinkClaims, make_token
from caboose.store import Store
from tests.support import warm
from tests.support.processes import Api, free_port

TOKEN = "token-of-the-server"


def exits(folder: Path, **env: str) -> warm.Done:
    """The process, which is expected to end by itself."""
    settings = {"CABOOSE_DATA_DIR": str(folder), "CABOOSE_API_PORT": str(free_port()), **env}
    return warm.run("api", env={**os.environ, **settings})


def migrated(folder: Path) -> Path:
    """The folder with a store at head in it."""
    store = Store.open(f"sqlite:///{folder / 'caboose.db'}")
    store.migrate()
    store.close()
    return folder


def test_without_a_public_url(tmp_path: Path) -> None:
    ended = exits(migrated(tmp_path), CABOOSE_API_HOST="0.0.0.0")
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert "CABOOSE_PUBLIC_URL is required" in ended.err


def test_a_store_that_is_not_at_head(tmp_path: Path) -> None:
    ended = exits(tmp_path)
    assert ended.code == 2
    assert "python -m caboose.store migrate" in ended.err


def test_a_setting_that_cannot_be(tmp_path: Path) -> None:
    ended = exits(tmp_path, CABOOSE_API_PORT="eighty")
    assert ended.code == 2
    assert "CABOOSE_API_PORT" in ended.err
    assert "Traceback" not in ended.err


def test_a_library_folder_that_is_not_there(tmp_path: Path) -> None:
    ended = exits(migrated(tmp_path), CABOOSE_LIBRARY_PATH=str(tmp_path / "nowhere"))
    assert ended.code == 2
    assert "CABOOSE_LIBRARY_PATH" in ended.err


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, temporal_server: WorkflowEnvironment) -> Iterator[Api]:
    """A served API of its own, without a worker."""
    folder = migrated(tmp_path_factory.mktemp("server"))
    port = free_port()
    env = {
        "CABOOSE_DATA_DIR": str(folder),
        "CABOOSE_API_PORT": str(port),
        "CABOOSE_TOKEN": TOKEN,
        "CABOOSE_LINK_KEYS": "a-key",
        "CABOOSE_TASK_QUEUE": "nobody-polls-here",
        "TEMPORAL_ADDRESS": temporal_server.client.service_client.config.target_host,
    }
    process = Api(folder, env, port)
    process.start()
    yield process
    process.kill()


def test_its_log_has_routes_and_no_addresses(server: Api) -> None:
    token = make_token(LinkClaims("exec-of-nobody", "run", "exec-of-nobody.t0002", 1), ["a-key"])
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert client.get(f"/approvals/{token}").status_code == 404
        assert client.post(f"/approvals/{token}?decision=x", data={"decision": "Approve"}).status_code == 404
        assert client.get(f"/approvals/{token}/canary-path").status_code == 404
        assert client.get("/executions?TemplateName=canary-query").status_code == 401
        assert client.get("/executions", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    server.wait_for_log("GET /executions 200")  # written after the answer was sent
    log = server.read_log()
    assert "GET /approvals/{link} 404" in log
    for secret in (token[:40], token[-20:], "canary-path", "canary-query", TOKEN):
        assert secret not in log


def test_it_seeds_the_ready_templates(server: Api) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        answer = client.get("/templates", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    assert "reboot-with-approval" in [each["TemplateName"] for each in answer["Templates"]]


def test_it_ends_when_told_to(server: Api) -> None:
    server.running.send_signal(signal.SIGTERM)
    assert server.running.wait(30) in (0, -signal.SIGTERM)
    assert "Traceback" not in server.read_log()
