"""The parent's end of one child: a request is written, an answer is read, and a child that dies says why.

Synchronous, for a thread that waits. Every wait has an end by the clock, so that a child that is stopped or starved
can't hold its thread for ever; what ends a program by rule is the child's own limit of processor time.
"""

import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

RUN, CHECK, MATCH = b"r", b"c", b"m"
NO_MEMORY = 3
_REQUEST = struct.Struct("<cdII")
_ANSWER = struct.Struct("<cI")
_PROGRAM = str(Path(__file__).with_name("child.py"))
_ENVIRONMENT = {"TZ": "UTC", "HOME": "/nonexistent"}
"""Nothing of ours. jq loads ``~/.jq`` where there is one, and asks the system for the home when it isn't told."""
_PART = 1 << 20
_LARGE = 128 << 20
"""A process that holds so much leaves less to the next program than it should have: what was compiled is kept."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Ended(Exception):
    """The child is no more. ``status`` is its exit code, or the negative number of the signal that ended it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"ended with {status}")
        self.status = status


class Child:
    """One child process. Used by one thread at a time; ``kill`` by any. One ``is_large`` should be replaced."""

    def __init__(self) -> None:
        """Starts the process.

        Raises:
            OSError: the system has no room for it.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-I", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            bufsize=0,
        )
        self._requests, self._answers = _pipes(self._process)

    @property
    def is_large(self) -> bool:
        """Whether it holds so much that the next program is better run by another one.

        The process can't say it itself: what it has held at most (``ru_maxrss``) begins with what its parent held when
        it was started. Where the system doesn't tell (there is no /proc), a child is never too large.
        """
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        except OSError:
            return False
        return int(pages) * _PAGE > _LARGE

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process still is there."""
        return self._process.poll() is None

    def ask(self, operation: bytes, program: bytes, data: bytes, seconds: float, patience: float) -> tuple[bool, bytes]:
        """The answer to one request: whether it is a result, and the result or the error.

        ``seconds`` of processor time are for the child, ``patience`` is the time by the clock after which it is killed.

        Raises:
            Ended: the child died of it, or had died before.
            TimeoutError: it didn't answer, and was killed.
        """
        deadline = time.monotonic() + patience
        try:
            self._write(_REQUEST.pack(operation, seconds, len(program), len(data)) + program + data, deadline)
            kind, length = _ANSWER.unpack(self._read(_ANSWER.size, deadline))
            answer = self._read(length, deadline)
        except (BrokenPipeError, ConnectionError, EOFError):
            raise Ended(self.end()) from None
        except TimeoutError:
            self.kill()
            self.end()
            raise
        return kind == b"v", answer

    def kill(self) -> None:
        """Ends the process; the thread that waits for its answer finds out."""
        self._process.kill()

    def end(self) -> int:
        """Ends the process if it is still there and lets go of it; gives how it ended."""
        self._requests.close()
        try:
            status = self._process.wait(0.5)  # one whose pipe broke is about to be reported dead
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._process.wait()
        self._answers.close()
        return status

    def _write(self, data: bytes, deadline: float) -> None:
        view, number = memoryview(data), self._requests.fileno()
        while view:
            _wait(number, select.POLLOUT, deadline)
            view = view[os.write(number, view[:_PART]) :]

    def _read(self, length: int, deadline: float) -> bytes:
        parts, number = [], self._answers.fileno()
        while length:
            _wait(number, select.POLLIN, deadline)
            part = os.read(number, min(length, _PART))
            if not part:
                raise EOFError
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    os.set_blocking(process.stdin.fileno(), False)
    return process.stdin, process.stdout


def _wait(number: int, event: int, deadline: float) -> None:
    poll = select.poll()  # select() knows only the first 1,024 files of a process
    poll.register(number, event)
    if not poll.poll(max(deadline - time.monotonic(), 0) * 1_000):
        raise TimeoutError
