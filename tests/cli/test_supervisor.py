"""The supervisor with real child processes: restarts, kills, the end of everything."""

import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from caboose.cli.errors import CliError
from caboose.cli.services import Layout, Ports, check_ports
from caboose.cli.supervisor import Service, Supervisor, supervised
from tests.cli.program import Running, is_alive, until

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


def service(folder: Path, name: str, code: str = SLEEPER, *, last: bool = False) -> Service:
    """A service whose process is a line of Python; ready when it has printed ``up``."""
    log = folder / f"{name}.log"
    return Service(
        name=name,
        command=[sys.executable, "-c", code],
        env=dict(os.environ),
        log=log,
        address="nowhere",
        ready=lambda: "up" in log.read_text(),
        last=last,
    )


def pids(lines: list[str], name: str) -> list[int]:
    """Every pid that was announced for a service."""
    return [int(found[1]) for line in lines if (found := re.match(rf"{name}\s+pid (\d+)", line))]


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    lines: list[str] = []
    with supervised(lines.append) as supervisor:
        supervisor.start(service(tmp_path, "one"))
        (first,) = pids(lines, "one")
        os.kill(first, signal.SIGKILL)
        while len(pids(lines, "one")) < 2:
            supervisor.tick()
        second = pids(lines, "one")[1]
        assert is_alive(second)
        assert any("one was ended by SIGKILL; starting it again" in line for line in lines)
    assert not is_alive(second)


def test_one_that_dies_again_and_again_is_given_more_and_more_time(tmp_path: Path) -> None:
    lines: list[str] = []
    count = tmp_path / "count"
    dying = (
        f"from pathlib import Path; p = Path({str(count)!r}); first = not p.exists(); p.touch(); "
        "print('up', flush=True); import time; time.sleep(0.5 if first else 0); raise SystemExit('out of luck')"
    )
    with supervised(lines.append) as supervisor:
        supervisor.start(service(tmp_path, "dying", dying))
        while len(pids(lines, "dying")) < 4:
            supervisor.tick()
    delays = [float(found[1]) for line in lines if (found := re.search(r"again in ([\d.]+) s", line))]
    assert delays[:3] == [0.2, 0.4, 0.8]
    assert any("out of luck" in line for line in lines)


def test_one_that_ends_while_it_starts_ends_everything_with_its_log(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(CliError, match=r"(?s)two ended with exit code 2.*no such setting") as raised:  # noqa: SIM117
        with supervised(lines.append) as supervisor:
            supervisor.start(service(tmp_path, "one"))
            supervisor.start(service(tmp_path, "two", "import sys; print('no such setting'); sys.exit(2)"))
    assert str(tmp_path / "two.log") in str(raised.value)
    assert not is_alive(pids(lines, "one")[0])


def test_one_that_is_never_ready(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="not ready after 1 s"), supervised(lambda _: None) as supervisor:
        supervisor.start(service(tmp_path, "idle", "import time; time.sleep(600)"), timeout=1)


def test_the_last_one_is_stopped_after_the_others(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    notes = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep({delay})\n"
        f"    open({str(ended)!r}, 'a').write('{{name}} ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    with supervised(lambda _: None) as supervisor:
        supervisor.start(service(tmp_path, "server", notes.format(delay=0, name="server"), last=True))
        supervisor.start(service(tmp_path, "client", notes.format(delay=0.5, name="client")))
    assert ended.read_text() == "client server "


def test_a_log_of_the_run_before_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text("up, long ago")
    with supervised(lambda _: None) as supervisor:
        supervisor.start(service(tmp_path, "one"))
        assert (tmp_path / "one.log").read_text() == "up\n"
    assert (tmp_path / "one.log.before").read_text() == "up, long ago"


PARENT = """
import os, sys
from pathlib import Path
from caboose.cli.supervisor import Service, supervised

folder = Path(sys.argv[1])
with supervised(lambda line: print(line, flush=True)) as supervisor:
    for number, code in enumerate(sys.argv[2:]):
        log = folder / f"child{number}.log"
        command = [sys.executable, "-c", code]
        ready = lambda: "up" in log.read_text()
        supervisor.start(Service(f"child{number}", command, dict(os.environ), log, "nowhere", ready))
    print("running", flush=True)
    supervisor.run()
"""


def running_parent(folder: Path, *codes: str) -> tuple[Running, list[int]]:
    """A process that supervises these, and the pids of its children."""
    parent = Running([sys.executable, "-c", PARENT, str(folder), *codes], {}, folder / "output")
    parent.wait_for("running")
    return parent, pids(parent.text().splitlines(), r"child\d")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    parent, children = running_parent(tmp_path, SLEEPER, SLEEPER)
    assert len(children) == 2
    assert all(is_alive(pid) for pid in children)
    parent.end(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in children))
    assert not any(is_alive(pid) for pid in children)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_stop_everything(tmp_path: Path, number: signal.Signals) -> None:
    parent, children = running_parent(tmp_path, SLEEPER, SLEEPER)
    assert parent.end(number) == 0
    assert not any(is_alive(pid) for pid in children)


def test_asked_twice_it_does_not_wait(tmp_path: Path) -> None:
    parent, children = running_parent(tmp_path, SLEEPER, STUBBORN)
    parent.process.send_signal(signal.SIGINT)
    until(lambda: not is_alive(children[0]))
    assert is_alive(children[1])
    assert parent.end(signal.SIGINT) == 0
    assert not any(is_alive(pid) for pid in children)


def test_taken_ports_are_named(tmp_path: Path) -> None:
    ports = Ports.free()
    layout = Layout(data_dir=tmp_path, ports=ports)
    check_ports(layout)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.temporal))
        taken.listen()
        with pytest.raises(CliError, match=f"{ports.temporal} .Temporal."):
            check_ports(layout)
        check_ports(Layout(data_dir=tmp_path, ports=ports, temporal_address="temporal.example:7233"))


def test_nothing_supervised_nothing_to_stop() -> None:
    said: list[str] = []
    Supervisor(said.append).stop()
    assert not said
