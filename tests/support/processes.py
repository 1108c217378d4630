"""Our processes and the Temporal server, started for real: tests kill them and start them again."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import warm
from tests.support.warm import Forked
from workflows.messages import SEARCH_ATTRIBUTES

CHECKOUT = warm.CHECKOUT
TEMPORAL = str(Path(sysconfig.get_path("scripts")) / "temporal")
FAST = {
    "history.transferProcessorMaxPollRPS": "10000",
    "history.timerProcessorMaxPollRPS": "10000",
    "history.visibilityProcessorMaxPollRPS": "10000",
    "history.timerProcessorMaxTimeShift": '"5ms"',
}
"""Server settings without which every step of a small server waits for a rate limiter."""


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: Forked, seconds: float = 30) -> None:
    """Returns when something listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"ended with {process.returncode} before it listened: {process.args!r}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}: {process.args!r}")


class Process:
    """One process with its log in a file; ended when the tests end, whatever happens."""

    def __init__(
        self, name: str, command: list[str], log: Path, env: dict[str, str] | None = None, cwd: Path = CHECKOUT
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.env = env or {}
        self.cwd = cwd
        self._process: Forked | None = None
        atexit.register(self.kill)

    def start(self) -> None:
        """Starts it; says nothing of its being ready."""
        with self.log.open("ab") as log:
            env, there = {**os.environ, **self.env}, log.fileno()
            self._process = warm.start(*self.command, env=env, cwd=self.cwd, stdout=there, stderr=there)

    @property
    def running(self) -> Forked:
        """The process that was started last."""
        assert self._process is not None
        return self._process

    def wait_for_log(self, text: str, seconds: float = 30, *, times: int = 1) -> None:
        """Returns when the log has said ``text``."""
        deadline = time.monotonic() + seconds
        while self.read_log().count(text) < times:
            if self.running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} never said {text!r}:\n{self.read_log()[-3000:]}")
            time.sleep(0.02)

    def read_log(self) -> str:
        """Everything that it has said so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, with_signal: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(with_signal)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.wait(10)


class TemporalServer(Process):
    """The real Temporal server from its wheel, in memory."""

    def __init__(
        self, folder: Path, *, attributes: tuple[str, ...] = SEARCH_ATTRIBUTES, settings: dict[str, str] | None = None
    ) -> None:
        self.port = free_port()
        settings = {**FAST, **(settings or {})}
        command = [TEMPORAL, "server", "start-dev", "--ip", "127.0.0.1", "--headless", "--log-level", "error"]
        command += ["--port", str(self.port), "--http-port", str(free_port()), "--metrics-port", str(free_port())]
        for name, value in settings.items():
            command += ["--dynamic-config-value", f"{name}={value}"]
        for attribute in attributes:
            command += ["--search-attribute", f"{attribute}=Keyword"]
        super().__init__("temporal", command, folder / "temporal.log")

    @property
    def address(self) -> str:
        """host:port of its frontend."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and returns when it listens."""
        super().start()
        wait_for_port(self.port, self.running)


class Worker(Process):
    """A ``python worker.py``; of another checkout in a Python of its own, because ours has imported this one."""

    def __init__(self, folder: Path, env: dict[str, str], checkout: Path = CHECKOUT) -> None:
        command = ["worker.py"] if checkout == CHECKOUT else [sys.executable, "worker.py"]
        super().__init__("worker", command, folder / "worker.log", env, checkout)
        self._starts = 0

    def start(self) -> None:
        """Starts it and returns when it polls."""
        super().start()
        self._starts += 1
        self.wait_for_log("ready, task queue", times=self._starts)


class Api(Process):
    """A ``python -m api``."""

    def __init__(self, folder: Path, env: dict[str, str], port: int) -> None:
        self.port = port
        super().__init__("api", ["api"], folder / "api.log", env)

    def start(self) -> None:
        """Starts it and returns when it listens."""
        super().start()
        wait_for_port(self.port, self.running)


@contextmanager
def started(*processes: Process) -> Iterator[None]:
    """Starts processes in order and kills them in reverse."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in reversed(processes):
            process.kill()


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Returns when the condition holds; the bound only keeps a broken test from hanging.

    It looks less often the longer it waits: asking for a record twenty times a second costs more than many executions.
    """
    pause, deadline = 0.02, time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(pause)
        pause = min(pause * 1.2, 0.25)
