"""The pool: children that die, callers that go away, and programs that must not hold up others."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from caboose.oos.selectors import SelectorError
from caboose.sandbox import Sandbox, SandboxError

LONG = "reduce range(2000000) as $i (0; . + 1)"
"""Takes a good part of a second, and ends."""


def until(condition: Callable[[], bool]) -> None:
    """Waits for what must come."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def is_there(pid: int) -> bool:
    """Whether a process is there; one that nobody has waited for yet isn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except OSError:
        return False


async def test_children_start_when_they_are_needed_and_stay() -> None:
    with Sandbox() as sandbox:
        assert sandbox.pids() == []
        assert await sandbox.run(".|.+1", 1) == [2]
        seen = dict.fromkeys(sandbox.pids())
        for number in range(50):
            assert await sandbox.run(".|.+1", number) == [number + 1]
            seen.update(dict.fromkeys(sandbox.pids()))
        assert len(seen) < 10, "on a busy machine one may overrun its moment, but they aren't started for each program"
    until(lambda: not any(is_there(pid) for pid in seen))


async def test_a_child_that_was_killed_between_evaluations_is_replaced() -> None:
    with Sandbox() as sandbox:
        for _ in range(5):
            assert await sandbox.run(".|.+1", 1) == [2]
            (pid,) = sandbox.pids()
            os.kill(pid, signal.SIGKILL)
            assert await sandbox.run(".|.+1", 1) == [2]
            assert sandbox.pids() != [pid]


async def test_an_evaluation_whose_child_was_killed_runs_once_more() -> None:
    with Sandbox(children=1, cpu_seconds=60, patience=120) as sandbox:
        await sandbox.run(".|.", 1)
        running = asyncio.create_task(sandbox.run(LONG, None))
        await asyncio.sleep(0.1)
        os.kill(sandbox.pids()[0], signal.SIGKILL)
        assert await running == [2_000_000]


async def test_an_evaluation_whose_child_is_killed_twice_fails() -> None:
    with Sandbox(children=1, cpu_seconds=60, patience=120) as sandbox:
        running = asyncio.create_task(sandbox.run("def f: f; f", None))
        while not running.done():
            for pid in sandbox.pids():
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.05)
        with pytest.raises(SelectorError, match="the process in which the program ran was ended"):
            await running
        assert await sandbox.run(".|.+1", 1) == [2]


async def test_a_parent_that_holds_much_has_small_children_all_the_same() -> None:
    """What a process has held at most is handed down to what it starts; what it holds isn't."""
    held = bytearray(b"x" * (300 << 20))
    with Sandbox(children=1) as sandbox:
        assert await sandbox.run(".|.+1", 1) == [2]
        seen = dict.fromkeys(sandbox.pids())
        for number in range(20):
            assert await sandbox.run(".|.+1", number) == [number + 1]
            seen.update(dict.fromkeys(sandbox.pids()))
        assert len(seen) < 10
    del held


async def test_after_a_death_another_child_is_ready() -> None:
    with Sandbox(children=1, cpu_seconds=0.1) as sandbox:
        with pytest.raises(SelectorError):
            await sandbox.run("def f: f; f", None)
        (pid,) = sandbox.pids()
        assert is_there(pid), "before it is needed"
        assert await sandbox.run(".|.+1", 1) == [2]


async def test_many_at_once_each_get_their_own_results(sandbox: Sandbox) -> None:
    results = await asyncio.gather(*(sandbox.run(f".|.+{number}", number) for number in range(300)))
    assert results == [[2 * number] for number in range(300)]


async def test_others_go_on_beside_programs_without_end() -> None:
    """What was stopped once has a lane of its own: a loop over many items can't occupy every child."""
    with Sandbox(cpu_seconds=0.2) as sandbox:
        endless = [asyncio.create_task(sandbox.run("def f: f; f", number)) for number in range(16)]
        for number in range(50):
            assert await sandbox.run(f".|.+{number}", 1) == [number + 1]
        assert any(not task.done() for task in endless)
        for outcome in await asyncio.gather(*endless, return_exceptions=True):
            assert "did not end within 0.2 s" in str(outcome)


async def test_others_go_on_beside_many_different_programs_without_end() -> None:
    """None of them was ever stopped before: each gets a moment among the others, and its time in its own lane."""
    with Sandbox(cpu_seconds=5) as sandbox:
        endless = [asyncio.create_task(sandbox.run(f"def f: f; {number}|f", 1)) for number in range(16)]
        for number in range(20):
            assert await sandbox.run(f".|.+{number}", 1) == [number + 1]
        assert not any(task.done() for task in endless[1:])
        for task in endless:
            task.cancel()


async def test_what_takes_longer_than_a_moment_ends_all_the_same() -> None:
    with Sandbox(cpu_seconds=30) as sandbox:
        assert await sandbox.run(LONG, None) == [2_000_000]
        assert await sandbox.matches("(a|b|ab)*c?", "ab" * 5_000)


async def test_a_child_that_has_grown_large_is_replaced() -> None:
    """What it keeps would leave less memory to the next program than that should have."""
    with Sandbox(children=1) as sandbox:
        assert await sandbox.run(".|.+1", 1) == [2]
        (pid,) = sandbox.pids()
        for number in range(60):
            assert not await sandbox.matches(f"a{{99999}}{number}", "a")
        assert sandbox.pids() != [pid]
        assert await sandbox.run(".|.+1", 1) == [2]
        assert len(sandbox.pids()) == 1


async def test_what_was_stopped_once_still_runs_on_other_values() -> None:
    with Sandbox(cpu_seconds=0.3) as sandbox:
        program = "if . then until(false; .) else 5 end"
        with pytest.raises(SelectorError):
            await sandbox.run(program, True)
        assert await sandbox.run(program, False) == [5]


async def test_a_caller_who_is_cancelled_leaves_nothing_behind() -> None:
    chance = random.Random(7)
    with Sandbox() as sandbox:

        async def ask(number: int) -> list[int] | None:
            try:
                async with asyncio.timeout(chance.random() / 50):
                    return await sandbox.run(f"[range(20000)] | .[{number}]", None)
            except TimeoutError:
                return None

        answers = await asyncio.gather(*(ask(number) for number in range(100)))
        assert all(answer in (None, [number]) for number, answer in enumerate(answers))
        assert await asyncio.gather(*(sandbox.run(f".|.+{n}", 1) for n in range(20))) == [[n + 1] for n in range(20)]


async def test_a_caller_who_gives_up_an_endless_program_does_not_wait_for_it() -> None:
    with Sandbox(children=1, cpu_seconds=0.5) as sandbox:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await sandbox.run("def f: f; f", None)
        assert await sandbox.run(".|.+1", 1) == [2]


def test_one_event_loop_after_the_other_and_several_at_once() -> None:
    with Sandbox() as sandbox:
        for number in range(3):
            assert asyncio.run(sandbox.run(".|.+1", number)) == [number + 1]
        results: dict[int, list[int]] = {}

        def ask(number: int) -> None:
            results[number] = asyncio.run(sandbox.run(f".|.+{number}", 1))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == {number: [number + 1] for number in range(20)}


async def test_closing_ends_what_runs() -> None:
    sandbox = Sandbox(cpu_seconds=60, patience=120)
    running = [asyncio.create_task(sandbox.run("def f: f; f", number)) for number in range(4)]
    await asyncio.to_thread(until, lambda: len(sandbox.pids()) == 2)
    pids = sandbox.pids()
    await asyncio.to_thread(sandbox.close)
    outcomes = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(outcome, SandboxError) for outcome in outcomes)
    until(lambda: not any(is_there(pid) for pid in pids))
    sandbox.close()
    with pytest.raises(SandboxError, match="the sandbox is closed"):
        await sandbox.run(".|.", 1)


PARENT = """
import asyncio, os, sys
from caboose.sandbox import Sandbox
async def main():
    sandbox = Sandbox()
    await asyncio.gather(*(sandbox.run(f".|.+{number}", 1) for number in range(20)))
    endless = asyncio.create_task(sandbox.run("def f: f; f", None))
    await asyncio.sleep(0.1)
    print(*sandbox.pids(), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_the_death_of_the_parent_ends_the_children() -> None:
    """The one that waits finds its pipe closed, the one in an endless program has its limit."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert pids
    assert all(is_there(pid) for pid in pids)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not any(is_there(pid) for pid in pids))


def test_no_child_and_no_pipe_is_left_behind() -> None:
    """In a process of its own, where nothing else opens files."""
    program = """
import asyncio, os
from caboose.sandbox import Sandbox
from caboose.oos.selectors import SelectorError
def files(): return len(os.listdir("/proc/self/fd"))
async def main():
    before = files()
    with Sandbox(cpu_seconds=0.05) as sandbox:
        for number in range(20):
            try: await sandbox.run(f"{number}|until(false; .)", None)
            except SelectorError: pass
        assert len(sandbox.pids()) <= 3, sandbox.pids()
        pids = sandbox.pids()
    assert files() == before, (files(), before)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
