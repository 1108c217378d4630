"""``caboose up`` with the real processes: the story over it, kills of each of them, what it refuses."""

import json
import os
import re
import signal
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from caboose.cli import temporal_server
from caboose.cli.services import Ports
from tests.cli.program import COMMAND, Running, caboose, is_alive, until
from tests.support.warm import PATIENCE
from workflows.messages import SEARCH_ATTRIBUTES

NAMES = ("temporal", "simulator", "worker", "api")
READY = "Ctrl-C stops everything."
RUN_TIMEOUT = 120.0


@dataclass(frozen=True)
class Installation:
    """A running ``caboose up``."""

    running: Running
    ports: Ports
    data_dir: Path

    @property
    def env(self) -> dict[str, str]:
        """What a client's shell needs."""
        return {"CABOOSE_DATA_DIR": str(self.data_dir)}

    @property
    def webhook(self) -> str:
        """A group of the simulator."""
        return f"http://127.0.0.1:{self.ports.simulator}/robot/send?access_token=group-of-up"

    def pids(self, name: str) -> list[int]:
        """Every pid that was announced for a process."""
        return [int(pid) for pid in re.findall(rf"^{name}\s+pid (\d+)", self.running.text(), re.MULTILINE)]

    def all_answer(self) -> bool:
        """Whether API and simulator answer."""
        urls = (f"{self.ports.api}/readyz", f"{self.ports.simulator}/_simulator/calls")
        try:
            return all(httpx.get(f"http://127.0.0.1:{url}", trust_env=False).is_success for url in urls)
        except httpx.HTTPError:
            return False

    def reboots(self) -> list[str]:
        """The machines that were rebooted, once for each time."""
        answer = httpx.get(
            f"http://127.0.0.1:{self.ports.simulator}/_simulator/calls",
            params={"action": "RebootInstance"},
            trust_env=False,
        )
        return [call["instance_id"] for call in answer.json()["calls"]]


def start(folder: Path, ports: Ports, *options: str) -> Running:
    """``caboose up`` on four ports in a row."""
    command = [*COMMAND, "up", "--port-base", str(ports.api), "--data-dir", str(folder / "state"), *options]
    return Running(command, {"PYTHONUNBUFFERED": "1"}, folder / "output")


def row_of_ports() -> Ports:
    """Four free ports in a row."""
    while True:
        base = Ports.free().api
        if base < 65_000 and Ports.from_base(base).all_free():
            return Ports.from_base(base)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the tests of this module."""
    folder = tmp_path_factory.mktemp("up")
    ports = row_of_ports()
    running = start(folder, ports, "--transition-seconds", "0.2", "--instances", "4")
    try:
        running.wait_for(READY)
        yield Installation(running, ports, folder / "state")
    finally:
        if running.process.poll() is None:
            assert running.end(signal.SIGTERM) == 0


def targets(*ids: str) -> str:
    """The parameter ``targets`` for these machines."""
    return json.dumps({"Type": "ResourceIds", "ResourceIds": ids, "RegionId": "cn-hangzhou"})


def run_arguments(here: Installation, *ids: str) -> tuple[str, ...]:
    """``caboose run`` of the built-in template."""
    return ("run", "reboot-with-approval", "-p", f"targets={targets(*ids)}", "-p", f"webHookUrl={here.webhook}")


def wait_for_status(here: Installation, execution_id: str, status: str) -> None:
    """Wait until the execution has a status."""

    url = f"http://127.0.0.1:{here.ports.api}/executions/{execution_id}"
    headers = {"Authorization": f"Bearer {(here.data_dir / 'token').read_text().strip()}"}

    def shown() -> str:
        try:
            answer = httpx.get(url, headers=headers, timeout=30, trust_env=False)
        except httpx.HTTPError:
            return ""
        return str(answer.json()["Execution"]["Status"]) if answer.is_success else ""

    until(lambda: shown() == status)
    assert shown() == status


def test_it_names_every_process_and_address(installation: Installation) -> None:
    text = installation.running.text()
    for name in NAMES:
        (pid,) = installation.pids(name)
        assert is_alive(pid)
    for port in (installation.ports.api, installation.ports.simulator, installation.ports.temporal):
        assert f"127.0.0.1:{port}" in text
    assert f"http://127.0.0.1:{installation.ports.temporal_ui}" in text


def test_secrets_are_for_the_owner_only(installation: Installation) -> None:
    assert stat.S_IMODE(installation.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((installation.data_dir / "token").stat().st_mode) == 0o600
    token = (installation.data_dir / "token").read_text().strip()
    assert token not in installation.running.text()


def test_everything_listens_on_loopback_only(installation: Installation) -> None:
    listening = {
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    }
    for port in (installation.ports.api, installation.ports.simulator, installation.ports.temporal):
        assert f"0100007F:{port:04X}" in listening
        assert f"00000000:{port:04X}" not in listening


def test_the_story_from_the_command_line(installation: Installation, tmp_path: Path) -> None:
    command = [*COMMAND, *run_arguments(installation, "i-sim00001", "i-sim00002"), "--wait"]
    watched = Running(command, {**installation.env, "PYTHONUNBUFFERED": "1"}, tmp_path / "output")
    watched.wait_for("/approvals/")
    execution_id = re.findall(r"exec-[0-9a-f]{20}", watched.text())[0]
    listed = caboose("executions", "list", "--status", "Waiting", env=installation.env)
    assert execution_id in listed.out
    shown = caboose("executions", "show", execution_id, env=installation.env)
    assert "waits for Approve or Reject" in shown.out
    assert "/approvals/" in shown.out
    assert "group-of-up" not in shown.out + listed.out + watched.text()
    approved = caboose("executions", "approve", execution_id, "--note", "go", env=installation.env)
    assert approved.code == 0, approved
    assert watched.process.wait(PATIENCE) == 0
    assert "2 of 2 done, 0 failed" in watched.text()
    assert f"{execution_id} Success" in watched.text()
    assert sorted(installation.reboots()) == ["i-sim00001", "i-sim00002"]
    tasks = caboose("executions", "tasks", execution_id, "--children", "--json", env=installation.env)
    items = [row.get("LoopItem") for row in json.loads(tasks.out)]
    assert {"i-sim00001", "i-sim00002"} <= set(items)
    again = caboose("executions", "approve", execution_id, env=installation.env)
    assert again.code == 1
    assert execution_id in again.err


def test_rejecting_and_cancelling_touch_nothing(installation: Installation) -> None:
    before = installation.reboots()
    for command in ("reject", "cancel"):
        started = caboose(*run_arguments(installation, "i-sim00003"), "--json", env=installation.env)
        execution_id = json.loads(started.out)["ExecutionId"]
        wait_for_status(installation, execution_id, "Waiting")
        done = caboose("executions", command, execution_id, env=installation.env)
        assert done.code == 0, done
        wait_for_status(installation, execution_id, "Cancelled")
    assert installation.reboots() == before


def test_templates(installation: Installation, tmp_path: Path) -> None:
    env = installation.env
    shown = caboose("templates", "show", "reboot-with-approval", env=env)
    assert shown.code == 0
    file = tmp_path / "mine.yml"
    file.write_text(shown.out)
    assert caboose("templates", "put", "mine", str(file), env=env).out.splitlines()[-1] == "mine v1"
    file.write_text(shown.out + "\n# changed\n")
    assert caboose("templates", "put", "mine", str(file), env=env).out.splitlines()[-1] == "mine v2"
    assert caboose("templates", "show", "mine", "--version", "v1", env=env).out.strip() == shown.out.strip()
    assert "mine" in caboose("templates", "list", env=env).out
    file.write_text("Tasks: 3\n")
    refused = caboose("templates", "put", "mine", str(file), env=env)
    assert (refused.code, "line 1" in refused.err) == (1, True)
    assert caboose("templates", "delete", "mine", env=env).code == 0
    gone = caboose("templates", "show", "mine", env=env)
    assert (gone.code, "EntityNotExists.Template" in gone.err) == (1, True)


def test_a_bad_start_names_every_problem(installation: Installation) -> None:
    done = caboose("run", "reboot-with-approval", "-p", "atMobile=[]", env=installation.env)
    assert done.code == 1
    for words in ("targets", "webHookUrl", 'Did you mean "atMobiles"?'):
        assert words in done.err
    unknown = caboose("run", "reboot-with-aproval", env=installation.env)
    assert unknown.code == 1
    assert 'Did you mean "reboot-with-approval"?' in unknown.err


@pytest.mark.parametrize("name", NAMES)
def test_each_process_may_be_killed(installation: Installation, name: str) -> None:
    started = caboose(*run_arguments(installation, "i-sim00004"), "--json", env=installation.env)
    execution_id = json.loads(started.out)["ExecutionId"]
    wait_for_status(installation, execution_id, "Waiting")
    pids = installation.pids(name)
    os.kill(pids[-1], signal.SIGKILL)
    until(lambda: len(installation.pids(name)) > len(pids))
    assert is_alive(installation.pids(name)[-1])
    assert f"{name} was ended by SIGKILL; starting it again" in installation.running.text()

    until(installation.all_answer)
    before = installation.reboots().count("i-sim00004")

    def decided() -> bool:
        # while Temporal or a worker comes back, an approval may be carried out without an answer
        approved = caboose("executions", "approve", execution_id, env=installation.env)
        return approved.code == 0 or "AlreadyDecided" in approved.err or "ExecutionEnded" in approved.err

    until(decided)
    wait_for_status(installation, execution_id, "Success")
    assert installation.reboots().count("i-sim00004") == before + 1


def test_another_one_is_refused(installation: Installation, tmp_path: Path) -> None:
    base = str(installation.ports.api)
    same_ports = caboose("up", "--port-base", base, "--data-dir", str(tmp_path / "other"), env={})
    assert same_ports.code == 1
    for port in (installation.ports.api, installation.ports.temporal):
        assert str(port) in same_ports.err
    same_folder = caboose("up", "--data-dir", str(installation.data_dir), env={})
    assert same_folder.code == 1
    assert f"pid {installation.running.process.pid}" in same_folder.err


def test_killed_it_leaves_nothing_and_starts_again_where_it_was(tmp_path: Path) -> None:
    ports = row_of_ports()
    first = start(tmp_path, ports)
    first.wait_for(READY)
    here = Installation(first, ports, tmp_path / "state")
    started = caboose(*run_arguments(here, "i-sim00001"), "--json", env=here.env)
    execution_id = json.loads(started.out)["ExecutionId"]
    wait_for_status(here, execution_id, "Waiting")
    children = [here.pids(name)[0] for name in NAMES]
    first.end(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in children))
    assert not any(is_alive(pid) for pid in children)

    second = start(tmp_path, ports)
    second.wait_for(READY)
    wait_for_status(here, execution_id, "Waiting")
    children = [Installation(second, ports, here.data_dir).pids(name)[0] for name in NAMES]
    assert second.end(signal.SIGINT) == 0
    assert not any(is_alive(pid) for pid in children)
    assert "stopped" in second.text()
    assert not (here.data_dir / "api-url").exists()


def test_the_search_attributes_are_those_of_the_workflows() -> None:
    assert temporal_server.SEARCH_ATTRIBUTES == SEARCH_ATTRIBUTES


def test_with_a_temporal_server_of_ones_own(installation: Installation, tmp_path: Path) -> None:
    ports = row_of_ports()
    command = [*COMMAND, "up", "--port-base", str(ports.api), "--data-dir", str(tmp_path / "state")]
    address = f"127.0.0.1:{installation.ports.temporal}"
    env = {"PYTHONUNBUFFERED": "1", "TEMPORAL_ADDRESS": address, "CABOOSE_TASK_QUEUE": "another"}
    running = Running([*command, "--no-simulator"], env, tmp_path / "output")
    running.wait_for(READY)
    here = Installation(running, ports, tmp_path / "state")
    assert [len(here.pids(name)) for name in NAMES] == [0, 0, 1, 1]
    assert f"task queue another at {address}" in running.text()
    assert caboose("executions", "list", env=here.env).code == 0
    assert running.end(signal.SIGTERM) == 0


def test_a_temporal_server_that_is_not_there(tmp_path: Path) -> None:
    env = {"TEMPORAL_ADDRESS": "127.0.0.1:9"}
    base = str(row_of_ports().api)
    done = caboose("up", "--port-base", base, "--data-dir", str(tmp_path / "state"), env=env)
    assert done.code == 1
    assert "worker ended with exit code 2" in done.err
    assert "127.0.0.1:9" in done.err
