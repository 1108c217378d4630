"""The real Temporal server from the wheel: where its program is, its command line, when it is ready.

The FAST settings lift limits of the development server that cost a tenth of a second at every step, the
pragmas make its file both quick and safe against ``kill -9``. Search attributes are created by the command
line; the same flags on an existing file do no harm. Road not taken: the SDK's
``WorkflowEnvironment.start_local``. It ties the server's life to one event loop and downloads a program when
none is at hand.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from caboose.cli.errors import CliError

SEARCH_ATTRIBUTES = ("OosStatus", "OosTemplateName", "OosExecutedBy")
"""All Keyword; the names stand in workflows/messages.py, which a command line can't import (tests compare
them).
"""

FAST = (
    "history.transferProcessorMaxPollRPS=10000",
    "history.timerProcessorMaxPollRPS=10000",
    "history.visibilityProcessorMaxPollRPS=10000",
    'history.timerProcessorMaxTimeShift="5ms"',
)


def program() -> str:
    """The path of the ``temporal`` program: beside this interpreter, else on the PATH.

    Raises:
        CliError: when it is nowhere.
    """
    beside = Path(sysconfig.get_path("scripts")) / "temporal"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("temporal")
    if not found:
        raise CliError(f"the temporal program is missing beside {sys.executable}: run `make install`")
    return found


def command(*, port: int, ui_port: int, database: Path) -> list[str]:
    """The command line of a server on 127.0.0.1 that keeps its state in ``database``."""
    line = [
        program(),
        "server",
        "start-dev",
        "--ip",
        "127.0.0.1",
        "--port",
        str(port),
        "--ui-port",
        str(ui_port),
    ]
    line += ["--db-filename", str(database)]
    line += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"]
    for name in SEARCH_ATTRIBUTES:
        line += ["--search-attribute", f"{name}=Keyword"]
    for value in FAST:
        line += ["--dynamic-config-value", value]
    return [*line, "--ui-disable-news-fetch", "--log-level", "warn"]


def keep_for_30_days(address: str, env: Mapping[str, str]) -> None:
    """Let the namespace remember ended workflows for 30 days instead of the development server's one.

    Raises:
        CliError: with what the server said.
    """
    update = [program(), "operator", "namespace", "update", "--namespace", "default", "--retention", "720h"]
    done = subprocess.run(
        [*update, "--address", address], env=dict(env), capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode != 0:
        raise CliError(f"Temporal's retention can't be set\n{done.stderr.strip()}")


def is_ready(address: str, env: Mapping[str, str]) -> bool:
    """Whether the server answers, has its namespace, and knows the search attributes.

    The server answers a moment before the last two are there, and a worker that looks in that moment gives
    up.
    """
    question = [program(), "operator", "search-attribute", "list", "--address", address, "--output", "json"]
    try:
        asked = subprocess.run(question, env=dict(env), capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    if asked.returncode != 0:
        return False
    try:
        known = json.dumps(json.loads(asked.stdout))
    except ValueError:
        return False
    return all(name in known for name in SEARCH_ATTRIBUTES)
