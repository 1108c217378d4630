"""The pool: a few children kept warm, a thread for each, and words for what became of a program.

A thread writes a request and waits for the answer, whatever happens to the one who asked: a caller who is cancelled
leaves no half-read answer behind. The threads are also what makes the pool usable from every event loop and from
threads that have none running. A child that died is replaced at once; one that somebody else ended (a signal that is
none of its own limits) proves nothing about the program, which is run once more.

A program has a moment to begin with, which is more than nearly all of them need. One that didn't end in it begins again
in a lane of its own, with the time that a program may take, and is remembered: from then on it waits there from the
beginning. A thousand programs without end keep that lane busy and hold up the others for a moment each, once.
"""

import asyncio
import json
import math
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from caboose.oos.selectors import SelectorError, program_fault
from caboose.oos.values import MAX_VALUE_DEPTH, depth_of, json_fault
from caboose.sandbox.process import CHECK, MATCH, NO_MEMORY, RUN, Child, Ended

CHILDREN = 2
CPU_SECONDS = 1.0
FIRST_SECONDS = 0.1
"""Processor time of a program that isn't known to take longer."""
MAX_VALUE_BYTES = 24_000_000
"""Of a value that a program is applied to: what a child can read within its memory."""
MAX_PATTERN_LENGTH = 1_000
_BYTES_A_SECOND = 10_000_000
"""libjq reads some 20 MB of JSON a second; a large value gets that much more time."""
_PATIENCE = 15.0
_REMEMBERED = 1_000
_DEATHS = {
    -signal.SIGPROF: "did not end within {seconds} s of processor time",
    -signal.SIGABRT: "needs too much memory",
    NO_MEMORY: "needs too much memory",
    -signal.SIGSEGV: "nests too deeply, or needs too much memory",
    -signal.SIGBUS: "nests too deeply, or needs too much memory",
}

Result = TypeVar("Result")


class SandboxError(RuntimeError):
    """The sandbox can't work: it is closed, or no child process can be started. Says nothing about a program."""


class Sandbox:
    """Runs programs in child processes: the ``Engine`` and ``Checker`` of the language (``caboose.oos.selectors``).

    Safe for any number of callers in any threads and event loops. Children are started when they are first needed.
    """

    def __init__(self, children: int = CHILDREN, cpu_seconds: float = CPU_SECONDS, patience: float = _PATIENCE) -> None:
        """Makes an empty pool.

        Args:
            children: how many programs run at the same time.
            cpu_seconds: processor time of one program; large values get more.
            patience: seconds by the clock after which a child that doesn't answer is killed.
        """
        self._cpu_seconds = cpu_seconds
        self._patience = patience
        self._lane = ThreadPoolExecutor(children, thread_name_prefix="sandbox")
        self._slow_lane = ThreadPoolExecutor(1, thread_name_prefix="sandbox-slow")
        self._lock = threading.Lock()
        self._children: list[Child] = []
        self._idle: list[Child] = []
        self._slow: OrderedDict[str, None] = OrderedDict()
        self._closed = False

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def run(self, program: str, value: Any) -> list[Any]:
        """All results of a program, as ``Engine.run``.

        Raises:
            SelectorError: the text is no program, uses a forbidden word, fails on this value, or was stopped.
            SandboxError: no program can be run.
        """
        fault = program_fault(program)
        if fault:
            raise SelectorError(fault)
        return await self._in_a_lane(program, partial(self._run, program, value))

    async def check(self, program: str) -> str:
        """Why the text is no program or may not run, as ``Checker.check``; '' when it may."""
        fault = program_fault(program)
        if fault:
            return fault
        try:
            await self._in_a_lane(program, partial(self._ask, CHECK, program, b""))
        except SelectorError as error:
            return str(error)
        return ""

    async def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern matches the whole text, as ``Engine.matches``.

        Raises:
            SelectorError: the text is no pattern, or takes too long.
            SandboxError: no pattern can be tried.
        """
        if len(pattern) > MAX_PATTERN_LENGTH:
            raise SelectorError(f"the pattern has {len(pattern)} characters, at most {MAX_PATTERN_LENGTH} are allowed")
        data = _encoded(text, "the value")
        answer = await self._in_a_lane(pattern, partial(self._ask, MATCH, pattern, data))
        return answer == b"true"

    def pids(self) -> list[int]:
        """The numbers of the processes that are there now."""
        with self._lock:
            return [child.pid for child in self._children]

    def close(self) -> None:
        """Ends the children; what runs in them fails."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.kill()
        for lane in (self._lane, self._slow_lane):
            lane.shutdown(wait=True, cancel_futures=True)
        for child in self._idle:
            child.end()

    async def _in_a_lane(self, program: str, work: Callable[[float], Result]) -> Result:
        """``work`` is given the seconds of processor time that it has."""
        if program not in self._slow:
            with suppress(_Slow):
                return await self._in(self._lane, partial(self._at_first, program, work))
        return await self._in(self._slow_lane, partial(work, self._cpu_seconds))

    async def _in(self, lane: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            future = lane.submit(work)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if self._closed:
                raise SandboxError("the sandbox is closed") from None
            raise

    def _at_first(self, program: str, work: Callable[[float], Result]) -> Result:
        if program in self._slow:  # since it began to wait
            raise _Slow
        return work(min(FIRST_SECONDS, self._cpu_seconds))

    def _run(self, program: str, value: Any, cpu_seconds: float) -> list[Any]:
        return _decoded(self._ask(RUN, program, _as_json(value), cpu_seconds))

    def _ask(self, operation: bytes, program: str, data: bytes, cpu_seconds: float) -> bytes:
        """A child's answer, from a thread that may wait."""
        subject = "the pattern" if operation == MATCH else "the program"
        if "\0" in program:
            raise SelectorError(f"there is a character in {subject} that no text has (NUL)")
        encoded = _encoded(program, subject)
        seconds = cpu_seconds + len(data) / _BYTES_A_SECOND
        for _ in range(2):
            child = self._take()
            try:
                good, answer = child.ask(operation, encoded, data, seconds, self._patience + seconds)
            except Ended as end:
                self._drop(child)
                if end.status == -signal.SIGPROF and cpu_seconds < self._cpu_seconds:
                    self._remember(program)
                    raise _Slow from None
                if end.status in _DEATHS:
                    reason = _DEATHS[end.status].format(seconds=f"{seconds:.3g}")
                    raise self._stop(program, f"{subject} {reason}") from None
                if end.status >= 0:
                    raise SandboxError(f"the process for programs ended with exit code {end.status}") from None
                continue
            except TimeoutError:
                self._drop(child)
                raise self._stop(program, f"{subject} did not end within {self._patience + seconds:.3g} s") from None
            self._give_back(child)
            if not good:
                raise SelectorError(f"{subject} {answer.decode()}")
            return answer
        raise self._stop(program, f"the process in which {subject} ran was ended from outside, twice")

    def _stop(self, program: str, reason: str) -> SelectorError:
        self._remember(program)
        return SelectorError(reason)

    def _remember(self, program: str) -> None:
        """From now on the program waits in the slow lane."""
        with self._lock:
            self._slow[program] = None
            self._slow.move_to_end(program)
            if len(self._slow) > _REMEMBERED:
                self._slow.popitem(last=False)

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                self._children.remove(child)
                child.end()
        return self._new()

    def _new(self) -> Child:
        try:
            child = Child()
        except OSError as error:
            raise SandboxError(f"no process for programs can be started: {error}") from None
        with self._lock:
            if self._closed:
                child.kill()
                child.end()
                raise SandboxError("the sandbox is closed")
            self._children.append(child)
        return child

    def _give_back(self, child: Child) -> None:
        if child.is_large:
            self._drop(child)
            child.end()
            return
        with self._lock:
            self._idle.append(child)

    def _drop(self, child: Child) -> None:
        """Forgets a child that has died or should; the next one is started before it is needed."""
        with self._lock:
            self._children.remove(child)
            closed = self._closed
        if not closed:
            with suppress(SandboxError):  # then the next one tries it
                self._give_back(self._new())


class _Slow(Exception):
    """The program takes longer than a moment, and belongs into the slow lane."""


def _as_json(value: Any) -> bytes:
    if depth_of(value) > MAX_VALUE_DEPTH:
        raise SelectorError(f"the value nests too deeply: more than {MAX_VALUE_DEPTH} levels")
    try:
        data = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError):
        raise SelectorError(f"no program can read the value: {json_fault(value)}") from None
    if len(data) > MAX_VALUE_BYTES:
        raise SelectorError(f"the value has {len(data)} bytes, at most {MAX_VALUE_BYTES} can be given to a program")
    return data


def _encoded(text: str, subject: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise SelectorError(f"there is half a character in {subject} (a surrogate without its other half)") from None


def _decoded(answer: bytes) -> list[Any]:
    """The results; what libjq writes of a value that is far too deep is no JSON."""
    try:
        results: list[Any] = json.loads(answer, parse_float=_finite)
        too_deep = depth_of(results, MAX_VALUE_DEPTH + 1) > MAX_VALUE_DEPTH + 1
    except (RecursionError, json.JSONDecodeError):
        too_deep = True
    except ValueError:
        raise SelectorError("the program gives a number that is too large") from None
    if too_deep:
        raise SelectorError(f"a result of the program nests too deeply: more than {MAX_VALUE_DEPTH} levels")
    return results


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number
