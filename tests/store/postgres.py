"""A real PostgreSQL for a test session, from Debian's package, without docker and as root too.

PostgreSQL refuses to run as root, so its programs run as the user ``postgres``; its data can't lie below pytest's own
folder then, which only its owner may enter. Nothing is synced to disk: the data lives as long as the session.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

_FAST = ("-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, or None when it isn't installed."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server; gives the URL of its database ``postgres``."""
    root = Path(tempfile.mkdtemp(prefix="caboose-pg-"))
    options: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(root, user.pw_uid, user.pw_gid)
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = root / "data"
    make: list[str | Path] = [
        folder / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]
    subprocess.run(make, check=True, capture_output=True, **options)
    port = _free_port()
    run: list[str | Path] = [folder / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", root, *_FAST]
    server: subprocess.Popen[bytes] = subprocess.Popen(run, stderr=subprocess.DEVNULL, **options)
    try:
        address = f"postgres@127.0.0.1:{port}/postgres"
        _wait_until_ready(f"postgresql://{address}", server)
        yield f"postgresql+psycopg://{address}"
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        server.wait()
        shutil.rmtree(root)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"postgres ended with {server.returncode} before it was ready")
        with suppress(psycopg.OperationalError), psycopg.connect(address):
            return
        time.sleep(0.05)
    raise RuntimeError("postgres doesn't accept connections")
