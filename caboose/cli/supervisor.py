"""A small process supervisor: starts services in order, restarts what dies, leaves nothing behind.

One thread and a loop that looks every tenth of a second. Children get a process group of their own, so that
Ctrl-C reaches only the supervisor, which then stops them in order; on Linux the kernel ends them when the
supervisor is killed (PR_SET_PDEATHSIG), so an orphan never holds a port. That signal follows the thread that
started the child, hence the single thread. Road not taken: honcho or a service manager. They would be one
more thing to install for four processes.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from caboose.cli.errors import CliError

_TICK = 0.1
_LONG_LIFE = 30.0
_FIRST_DELAY, _LONGEST_DELAY = 0.2, 10.0
_STOP_SECONDS = 45.0  # a worker lets a call that is in flight end: at most 40 s
_SILENT_SECONDS = 2.0
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass(frozen=True)
class Service:
    """One process to keep alive. ``ready`` says whether it serves; ``last`` ones are stopped after the
    others.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    address: str
    ready: Callable[[], bool]
    last: bool = False
    on_ready: Callable[[], None] | None = None


@dataclass
class _Child:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    delay: float = _FIRST_DELAY
    ready: bool = False
    again_at: float = 0.0  # when it is dead: the time at which it is started again

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


class Supervisor:
    """Keeps services alive until it is stopped. ``say`` receives one line for everything that happens."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._children: list[_Child] = []
        self.stopping = False

    def start(self, service: Service, *, timeout: float = 60) -> None:
        """Start a service and wait until it is ready.

        Raises:
            CliError: when it gives up or isn't ready in time; the message has the end of its log.
        """
        _set_aside(service.log)
        child = _Child(service, _spawn(service), time.monotonic())
        self._children.append(child)
        deadline = time.monotonic() + timeout
        while not self.stopping:
            if not child.alive:
                raise CliError(f"{service.name} {_exit(child)} while it started\n{log_tail(service)}")
            if service.ready():
                break
            if time.monotonic() > deadline:
                raise CliError(f"{service.name} is not ready after {timeout:.0f} s\n{log_tail(service)}")
            self.tick()
        else:
            return
        child.ready = True
        if service.on_ready:
            service.on_ready()
        self._say(f"{service.name:<10} pid {child.process.pid:<8} {service.address}")

    def tick(self) -> None:
        """Look once at every child, start again what is due, and sleep for a moment."""
        for child in self._children:
            if child.ready:
                self._look_after(child)
        time.sleep(_TICK)

    def run(self) -> None:
        """Look after the services until a signal says stop."""
        while not self.stopping:
            self.tick()

    def logs(self) -> str:
        """The ends of all logs, for a failure's message."""
        services = [child.service for child in self._children]
        return "\n".join(f"{service.log.name}:\n{_tail(service.log, lines=30)}" for service in services)

    def stop(self) -> None:
        """End everything: SIGTERM, the ``last`` ones after the others; SIGKILL for what is still there."""
        self.stopping = True
        for last in (False, True):
            group = [child for child in self._children if child.service.last is last]
            for child in group:
                if child.alive:
                    child.process.terminate()
            if self._still_alive(group, _SILENT_SECONDS):
                names = ", ".join(child.service.name for child in group if child.alive)
                self._say(f"waiting for {names} to finish what is in flight; Ctrl-C again doesn't wait")
            for child in self._still_alive(group, _STOP_SECONDS):
                self._say(f"{child.service.name} did not stop: killed")
                child.process.kill()
                child.process.wait()

    def _still_alive(self, children: list[_Child], seconds: float) -> list[_Child]:
        """Those that are still there after some seconds."""
        deadline = time.monotonic() + seconds
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
        return [child for child in children if child.alive]

    def kill(self) -> None:
        """End everything at once."""
        for child in self._children:
            child.process.kill()
            child.process.wait()

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.alive:
            if now - child.started > _LONG_LIFE:
                child.delay = _FIRST_DELAY
            return
        if not child.again_at:
            self._say(f"{child.service.name} {_exit(child)}; starting it again in {child.delay:.1f} s")
            if (child.process.returncode or 0) > 0:
                self._say(log_tail(child.service, lines=5))
            child.again_at = now + child.delay
            child.delay = min(child.delay * 2, _LONGEST_DELAY)
        elif now >= child.again_at:
            child.process = _spawn(child.service)
            child.started, child.again_at = now, 0.0
            self._say(f"{child.service.name:<10} pid {child.process.pid:<8} {child.service.address}")


@contextlib.contextmanager
def supervised(say: Say) -> Iterator[Supervisor]:
    """A supervisor that SIGINT, SIGTERM and SIGHUP ask to stop, and that ends its children however the block
    is left.
    """
    supervisor = Supervisor(say)

    def ask(number: int, _frame: FrameType | None) -> None:
        if supervisor.stopping and number == signal.SIGINT:
            raise KeyboardInterrupt  # asked twice: don't wait any longer
        supervisor.stopping = True

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield supervisor
    finally:
        try:
            supervisor.stop()
        except KeyboardInterrupt:
            supervisor.kill()
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


def log_tail(service: Service, *, lines: int = 15) -> str:
    """The last lines of a service's log, under its path."""
    return f"{service.log}:\n{_tail(service.log, lines)}"


def _tail(log: Path, lines: int) -> str:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"


def _set_aside(log: Path) -> None:
    """Keep the log of the run before under another name: readiness and failures are read from a log's end."""
    if log.exists():
        log.replace(log.with_name(log.name + ".before"))


def _spawn(service: Service) -> "subprocess.Popen[bytes]":
    with service.log.open("ab") as log:
        return subprocess.Popen(
            list(service.command),
            env=dict(service.env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - one thread, and the function only makes system calls
        )


def _die_with(parent: int) -> Callable[[], None] | None:
    """What a child runs before its program: ask the kernel for SIGTERM at its parent's death."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


def _exit(child: _Child) -> str:
    code = child.process.returncode or 0
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"
