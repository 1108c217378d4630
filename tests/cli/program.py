"""Running the ``caboose`` program as a user does: a process, its output and its exit code.

What ends by itself is run warm (``tests.support.warm``); what runs on or needs a terminal is a new Python.
"""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support import warm
from tests.support.warm import CHECKOUT, PATIENCE, Done

signal.signal(signal.SIGINT, signal.default_int_handler)
"""Shells start what runs in the background with Ctrl-C ignored, which children inherit: a program under test would."""

COMMAND = (sys.executable, "-m", "caboose.cli")


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program: this one's without Caboose's and Temporal's variables, plus ``extra``."""
    ours = ("CABOOSE_", "TEMPORAL_", "ALIBABA_CLOUD_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "COLUMNS": "200", **extra}


def caboose(
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path | None = None,
    timeout: float = PATIENCE,
    given: bytes | None = None,
) -> Done:
    """Run to the end; ``given`` is its standard input."""
    there = cwd or Path.cwd()
    return warm.run("caboose.cli", *arguments, env=environment(env), cwd=there, given=given, timeout=timeout)


def on_a_terminal(*arguments: str, env: Mapping[str, str], columns: int = 80, cwd: Path | None = None) -> Done:
    """Run to the end on a terminal of so many columns; what it prints for eyes only (colours) is taken out."""
    ours, theirs = pty.openpty()
    there = {**environment(env), "COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen([*COMMAND, *arguments], env=there, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # how Linux says that nobody has the other end any more
        while piece := os.read(ours, 65_536):
            shown += piece
    os.close(ours)
    return Done(process.wait(PATIENCE), re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n"), "")


class Running:
    """A program that runs on, its output in a file that can be read meanwhile."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], output: Path) -> None:
        self.output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                list(command), env=environment(env), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )

    def text(self) -> str:
        """What it printed so far."""
        return self.output.read_text(errors="replace")

    def wait_for(self, text: str, *, times: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until it has printed ``text`` so many times."""
        until(lambda: self.text().count(text) >= times or self.process.poll() is not None, timeout)
        assert self.text().count(text) >= times, f"no {text!r} in\n{self.text()}"

    def end(self, number: int) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait for a condition, looking less often the longer it takes; the caller asserts what it needs afterwards."""
    pause, deadline = 0.02, time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 1.2, 0.25)


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie doesn't)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
