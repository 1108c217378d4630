"""Our programs, run by a Python that has imported what they need already.

Every start of ``caboose``, of the API or of a worker imports for half a second to two seconds before it does anything,
and the tests start some hundreds. Here a helper (this file, as a program) imports once and forks for each of them. What
it forks is a process of its own all the same, with its own environment, folder, streams and exit code: it can be
killed, and the next one sees nothing of it. Only the imports are saved, so the tests of how a process starts
(``tests/workflows/test_worker_ready.py``, ``caboose up``, ``caboose demo``) start a new Python.

What was started here ends with the tests, also when they are killed.

Road not taken: calling ``main()`` in the test's process. The environment, the folder and the threads would be the
test's, and what a program does at its end and about an exception that nobody catches would not be seen at all.
"""

import atexit
import fcntl
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 60.0
_IMPORTS = {
    "caboose.cli": ("caboose.cli", "caboose.cli.action_list", "caboose.cli.checking"),
    "caboose.store": ("argparse", "caboose.settings", "caboose.store"),
    "api": ("api.app", "temporalio.envconfig", "uvicorn"),
    "caboose.simulator": ("argparse", "caboose.simulator.app", "caboose.simulator.server"),
    "worker.py": ("worker",),
}
"""Programs (modules, and a file), and what is imported before one is started for the first time."""
_PIPE_BYTES = 1 << 20


class Done(NamedTuple):
    """How a program ended, and what it wrote."""

    code: int
    out: str
    err: str


class Forked:
    """A running program; its methods are those of ``subprocess.Popen``."""

    def __init__(self, args: list[str], told: int) -> None:
        self.args = args
        self.returncode: int | None = None
        self._told = os.fdopen(told, "rb", buffering=0)
        line = self._told.readline()
        if not line:
            raise RuntimeError(f"the helper that forks programs ended: {args!r}")
        self.pid = int(line)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, when it has ended."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._told.readline() or -signal.SIGKILL)  # nothing: the helper ended, and killed it
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to the program unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


def start(
    program: str,
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path,
    stdout: int,
    stderr: int,
    stdin: int | None = None,
) -> Forked:
    """Starts a program of ``_IMPORTS``, or any by its path, with this environment and no other variable."""
    request = {"program": program, "arguments": arguments, "env": dict(env), "cwd": str(cwd)}
    ours, theirs = os.pipe()
    with tempfile.TemporaryFile() as file, Path(os.devnull).open("rb") as nothing:
        file.write(json.dumps(request).encode())
        file.flush()
        streams = [nothing.fileno() if stdin is None else stdin, stdout, stderr]
        socket.send_fds(_helper(), [b"."], [file.fileno(), *streams, theirs])
        os.close(theirs)
        return Forked([program, *arguments], ours)


def run(
    program: str,
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path = CHECKOUT,
    given: bytes | None = None,
    timeout: float = PATIENCE,
) -> Done:
    """Runs a program to its end; ``given`` is its standard input."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, _pipe_with(given or b"") as pipe:
        process = start(
            program, *arguments, env=env, cwd=cwd, stdin=pipe.fileno(), stdout=out.fileno(), stderr=err.fileno()
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Done(code, _text(out), _text(err))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _pipe_with(given: bytes) -> IO[bytes]:
    """The reading end of a pipe in which this lies already."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    assert len(given) <= _PIPE_BYTES
    with os.fdopen(writing, "wb") as end:
        end.write(given)
    return os.fdopen(reading, "rb")


@functools.cache
def _helper() -> socket.socket:
    """The way to the helper of this process, which ends with it and then kills what runs on."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # before the wait: the last one registered is called first
    return ours


class _Forking:
    """The helper's side."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, int] = {}
        self._woken, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> dict[str, Any]:
        """Forks for each request until nobody is there to send one; returns in what it forks, with the request."""
        while True:
            readable, _, _ = select.select([self._control.fileno(), self._woken], [], [])
            if self._woken in readable:
                os.read(self._woken, 4096)
                self._tell_who_ended()
            if self._control.fileno() in readable:
                message, given, _, _ = socket.recv_fds(self._control, 1, 5)
                if not message:
                    self._end()
                request = self._fork(*given)
                if request is not None:
                    return request

    def _fork(self, file: int, stdin: int, stdout: int, stderr: int, told: int) -> dict[str, Any] | None:
        with open(file, "rb") as opened:
            opened.seek(0)
            request: dict[str, Any] = json.load(opened)
        for name in _IMPORTS.get(request["program"], ()):
            importlib.import_module(name)  # noqa: TID251 -- of programs that know nothing of this
        gc.freeze()  # else each of them copies it all, in order to look for what nobody needs
        pid = os.fork()
        if pid == 0:
            for target, stream in enumerate((stdin, stdout, stderr)):
                os.dup2(stream, target)
            return request
        self._running[pid] = told
        os.write(told, f"{pid}\n".encode())
        for stream in (stdin, stdout, stderr):
            os.close(stream)
        return None

    def _tell_who_ended(self) -> None:
        for pid in list(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                told = self._running.pop(pid)
                with suppress(BrokenPipeError):
                    os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
                os.close(told)

    def _end(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _become(request: dict[str, Any]) -> None:
    """What a new Python would do from here on, with the folder and the environment that were asked for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.closerange(3, max(int(each.name) for each in Path("/proc/self/fd").iterdir()) + 1)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    program = request["program"]
    if Path(program).is_absolute():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execv(program, [program, *request["arguments"]])
    sys.argv = [program, *request["arguments"]]
    sys.path[0] = request["cwd"]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def _leave(code: int) -> NoReturn:
    """Ends without taking the interpreter down, which would copy most of what the helper has imported."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.path[0] = str(CHECKOUT)
    try:
        _become(_Forking(socket.socket(fileno=int(sys.argv[1]))).serve())
    except SystemExit as end:
        if threading.active_count() > 1 or not isinstance(end.code, int | None):
            raise
        _leave(end.code or 0)
