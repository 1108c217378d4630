"""The processes of one Caboose on this machine: their ports, their environment, how each is started and
probed.

Everything a process must know travels in its environment, exactly as it would in a deployment: no process
knows that ``up`` started it. With the simulator, whatever points at a real cloud is overwritten or removed,
so that a try-out never touches a real machine because of a key in somebody's shell.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from caboose.cli import temporal_server
from caboose.cli.errors import CliError
from caboose.cli.supervisor import Service

LOOPBACK = "127.0.0.1"
CHECKOUT = Path(__file__).resolve().parents[2]
WORKER_READY = "caboose.worker: ready"
"""What a worker writes into its log once it polls its task queue."""


@dataclass(frozen=True)
class Ports:
    """The four ports on 127.0.0.1."""

    api: int = 8000
    simulator: int = 8001
    temporal: int = 7233
    temporal_ui: int = 8233

    @classmethod
    def from_base(cls, base: int) -> "Ports":
        """Four in a row."""
        return cls(base, base + 1, base + 2, base + 3)

    def all_free(self) -> bool:
        """Whether nobody listens on any of them."""
        return all(_is_free(port) for port in (self.api, self.simulator, self.temporal, self.temporal_ui))

    @classmethod
    def free(cls) -> "Ports":
        """Four that nobody uses at the moment."""
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(4)]
            for each in sockets:
                each.bind((LOOPBACK, 0))
            return cls(*(each.getsockname()[1] for each in sockets))


@dataclass(frozen=True)
class Layout:
    """What runs where. ``temporal_address`` is '' when the server is ours to start."""

    data_dir: Path
    ports: Ports
    simulator: bool = True
    temporal_address: str = ""
    transition_seconds: float | None = None
    instances: int = 0

    @property
    def api_url(self) -> str:
        """Base of the API and of approval links."""
        return f"http://{LOOPBACK}:{self.ports.api}"

    @property
    def simulator_url(self) -> str:
        """Base of the simulator."""
        return f"http://{LOOPBACK}:{self.ports.simulator}"

    @property
    def temporal(self) -> str:
        """host:port of the Temporal server in use."""
        return self.temporal_address or f"{LOOPBACK}:{self.ports.temporal}"

    def wanted_ports(self) -> dict[str, int]:
        """The ports that our own processes will listen on, by what listens."""
        wanted = {"the API": self.ports.api}
        if self.simulator:
            wanted["the simulator"] = self.ports.simulator
        if not self.temporal_address:
            wanted |= {"Temporal": self.ports.temporal, "Temporal's UI": self.ports.temporal_ui}
        return wanted


def environment(layout: Layout, base: Mapping[str, str]) -> dict[str, str]:
    """The environment of every process, from the caller's."""
    env = dict(base)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(CHECKOUT), base.get("PYTHONPATH")]))
    env["PYTHONUNBUFFERED"] = "1"
    env["CABOOSE_DATA_DIR"] = str(layout.data_dir)
    env["CABOOSE_API_HOST"] = LOOPBACK
    env["CABOOSE_API_PORT"] = str(layout.ports.api)
    for name in ("no_proxy", "NO_PROXY"):
        env[name] = ",".join(filter(None, [base.get(name), LOOPBACK, "localhost"]))
    if not layout.temporal_address:
        for name in [name for name in env if name.startswith("TEMPORAL_")]:
            del env[name]  # TLS, keys and namespace of another server
        env["TEMPORAL_ADDRESS"] = layout.temporal
        env["TEMPORAL_CONFIG_FILE"] = os.devnull
    if layout.simulator:
        env |= simulated_cloud(layout, base)
        env.pop("ALIBABA_CLOUD_SECURITY_TOKEN", None)
    return env


def simulated_cloud(layout: Layout, base: Mapping[str, str]) -> dict[str, str]:
    """The variables that send every cloud call and robot message to the simulator."""
    address = f"{LOOPBACK}:{layout.ports.simulator}"
    return {
        "CABOOSE_ECS_ENDPOINT": address,
        "CABOOSE_STS_ENDPOINT": address,
        "CABOOSE_CLOUD_PROTOCOL": "http",
        "CABOOSE_SIMULATOR_URL": layout.simulator_url,
        "CABOOSE_REGION": base.get("CABOOSE_REGION") or "cn-hangzhou",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "simulator-key-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "simulator-key-secret",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
    }


def services(layout: Layout, env: Mapping[str, str]) -> list[Service]:
    """The processes in the order of their start."""
    started = [] if layout.temporal_address else [_temporal(layout, env)]
    if layout.simulator:
        started.append(_simulator(layout, env))
    return [*started, _worker(layout, env), _api(layout, env)]


def check_ports(layout: Layout) -> None:
    """Make sure that nobody listens where we want to.

    Raises:
        CliError: naming every port that is taken.
    """
    taken = [f"{port} ({what})" for what, port in layout.wanted_ports().items() if not _is_free(port)]
    if taken:
        raise CliError(
            f"taken on {LOOPBACK}: port {', '.join(taken)}.\n"
            "Is another `caboose up` running? Choose other ports with --port-base."
        )


def migrate(env: Mapping[str, str]) -> None:
    """Bring the store's schema to head.

    Raises:
        CliError: with what the program said.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", "caboose.store", "migrate"],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CliError(f"the store can't be prepared\n{done.stderr.strip() or done.stdout.strip()}")


def _temporal(layout: Layout, env: Mapping[str, str]) -> Service:
    return Service(
        name="temporal",
        command=temporal_server.command(
            port=layout.ports.temporal,
            ui_port=layout.ports.temporal_ui,
            database=layout.data_dir / "temporal.db",
        ),
        env=env,
        log=layout.data_dir / "temporal.log",
        address=f"{layout.temporal}, UI http://{LOOPBACK}:{layout.ports.temporal_ui}",
        ready=lambda: temporal_server.is_ready(layout.temporal, env),
        on_ready=lambda: temporal_server.keep_for_30_days(layout.temporal, env),
        last=True,
    )


def _simulator(layout: Layout, env: Mapping[str, str]) -> Service:
    command = [sys.executable, "-P", "-m", "caboose.simulator", "--port", str(layout.ports.simulator)]
    command += ["--instances", str(layout.instances)]
    if layout.transition_seconds is not None:
        command += ["--transition-seconds", str(layout.transition_seconds)]
    return Service(
        name="simulator",
        command=command,
        env=env,
        log=layout.data_dir / "simulator.log",
        address=layout.simulator_url,
        ready=lambda: _answers(f"{layout.simulator_url}/_simulator/messages"),
    )


def _worker(layout: Layout, env: Mapping[str, str]) -> Service:
    log = layout.data_dir / "worker.log"
    return Service(
        name="worker",
        command=[sys.executable, str(CHECKOUT / "worker.py")],
        env=env,
        log=log,
        address=f"task queue {env.get('CABOOSE_TASK_QUEUE') or 'caboose'} at {layout.temporal}",
        ready=lambda: WORKER_READY in log.read_text(encoding="utf-8", errors="replace"),
    )


def _api(layout: Layout, env: Mapping[str, str]) -> Service:
    return Service(
        name="api",
        command=[sys.executable, "-P", "-m", "api"],
        env=env,
        log=layout.data_dir / "api.log",
        address=layout.api_url,
        ready=lambda: _answers(f"{layout.api_url}/readyz"),
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what closed a moment ago doesn't count
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
