"""``caboose demo``: the whole story, and nothing left of it."""

import re
import signal
from pathlib import Path

from tests.cli.program import COMMAND, Running, caboose, is_alive

PIDS = re.compile(r"^(?:temporal|simulator|worker|api)\s+pid (\d+)", re.MULTILINE)


def test_the_whole_story(tmp_path: Path) -> None:
    done = caboose("demo", "--transition-seconds", "0.2", env={"TMPDIR": str(tmp_path)}, timeout=240)
    assert done.code == 0, done
    assert "/approvals/" in done.out
    assert len(re.findall(r"RebootInstance i-sim0000\d: answered", done.out)) == 6
    assert 'Approve by link, gave the name "Alice": "go ahead"' in done.out
    assert "6 machines, each restarted exactly once" in done.out
    pids = [int(pid) for pid in PIDS.findall(done.out)]
    assert len(pids) == 4
    assert not any(is_alive(pid) for pid in pids)
    assert list(tmp_path.iterdir()) == []


def test_stopped_in_the_middle_it_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp"), "PYTHONUNBUFFERED": "1"}
    running = Running([*COMMAND, "demo"], env, tmp_path / "output")
    running.wait_for("temporal ")
    assert running.end(signal.SIGINT) == 1
    assert "stopped before the end" in running.text()
    assert not any(is_alive(int(pid)) for pid in PIDS.findall(running.text()))
    assert list((tmp_path / "tmp").iterdir()) == []
