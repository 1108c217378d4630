"""``caboose up``: everything on this machine, for trying out and for small installations.

It makes the data folder, brings the store to head, starts the processes and looks after them until Ctrl-C.
One data folder belongs to one ``up`` at a time (a lock that the kernel lets go of when the process dies): two
Temporal servers on one file would destroy it, whatever their ports are.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from caboose.cli import services
from caboose.cli.client import API_URL_FILE
from caboose.cli.environment import load_settings
from caboose.cli.errors import CliError, UsageError
from caboose.cli.services import Layout, Ports
from caboose.cli.supervisor import supervised

_LAST_PORT = 65_535


def up(
    *,
    port_base: Annotated[
        int | None, typer.Option(help="API at this port; simulator, Temporal and its UI at the next three.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of all state; by default CABOOSE_DATA_DIR, else .caboose.")
    ] = None,
    transition_seconds: Annotated[
        float | None, typer.Option(min=0, help="How long a simulated machine takes to change its state.")
    ] = None,
    instances: Annotated[int, typer.Option(min=0, help="How many machines the simulator has at its start.")] = 6,
    no_simulator: Annotated[
        bool, typer.Option("--no-simulator", help="Use the real cloud: your credentials, your DingTalk group.")
    ] = False,
) -> None:
    """Run Temporal, a worker, the API and the simulator until Ctrl-C."""
    settings = load_settings()
    layout = Layout(
        data_dir=(data_dir or settings.data_dir).absolute(),
        ports=_ports(port_base, settings.api_port),
        simulator=not no_simulator,
        temporal_address=os.environ.get("TEMPORAL_ADDRESS", ""),
        transition_seconds=transition_seconds,
        instances=instances,
    )
    with locked(layout.data_dir):
        services.check_ports(layout)
        run(layout)


def run(layout: Layout) -> None:
    """Start everything, look after it until a signal says stop, end everything."""
    env = services.environment(layout, os.environ)
    services.migrate(env)
    url_file = layout.data_dir / API_URL_FILE
    print(f"data       {layout.data_dir}", flush=True)
    try:
        with supervised(say) as supervisor:
            for service in services.services(layout, env):
                supervisor.start(service)
            if not supervisor.stopping:
                url_file.write_text(layout.api_url + "\n")
                print(_ready(layout), flush=True)
                supervisor.run()
            say("stopping")
    finally:
        url_file.unlink(missing_ok=True)
    say("stopped")


def say(line: str) -> None:
    """One line, at once: somebody may be reading a pipe."""
    print(line, flush=True)


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Make the data folder and hold it.

    Raises:
        CliError: when another ``caboose up`` holds it, or when it can't be made.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # starts, with their secrets, are in it
        lock = (data_dir / "up.lock").open("a+")
    except OSError as error:
        raise CliError(f"the data folder {data_dir} can't be used: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CliError(
                f"another `caboose up` (pid {lock.read().strip()}) uses {data_dir}: "
                "stop it, or choose another folder with --data-dir"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _ports(base: int | None, api_port: int) -> Ports:
    if base is None:
        return Ports(api=api_port)
    if not 0 < base <= _LAST_PORT - 3:
        raise UsageError(f"--port-base {base}: there is room for four ports from 1 to {_LAST_PORT - 3}")
    return Ports.from_base(base)


def _ready(layout: Layout) -> str:
    lines = [
        "",
        f"Ready. In another terminal: export CABOOSE_DATA_DIR={layout.data_dir}",
        "then `caboose run reboot-with-approval …`, `caboose executions list`; README.md has examples.",
    ]
    if layout.simulator:
        lines.append(f"The group chat and the machines: {layout.simulator_url}/")
    return "\n".join([*lines, "Ctrl-C stops everything.", ""])
