"""An execution's changes as the API tells them: server-sent events, read until the last one.

The API may restart meanwhile: whoever comes back says which event it has, and is told what it has missed.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

from caboose.cli.client import Client, execution_path
from caboose.cli.errors import ApiError, CliError, Unreachable

FINAL = ("Success", "Failed", "Cancelled")
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 60


class Patience:
    """How long an API that doesn't answer is waited for."""

    def __init__(self, execution_id: str) -> None:
        self._execution_id = execution_id
        self.renew()

    def renew(self) -> None:
        """It has answered."""
        self._answered = time.monotonic()

    def spend(self, error: CliError) -> None:
        """It hasn't; returns when it is time to ask again.

        Raises:
            CliError: when there is no use in asking again, or a minute has passed.
        """
        if isinstance(error, ApiError) and error.status < 500:
            raise error
        if time.monotonic() - self._answered > _PATIENCE_SECONDS:
            raise CliError(f"no longer watching {self._execution_id}, which goes on: {error}") from None
        time.sleep(_PAUSE_SECONDS)


def changes(client: Client, execution_id: str) -> Iterator[dict[str, Any]]:
    """The execution's summary, now and after each change, up to and with the final one.

    Raises:
        CliError: when the API refuses, or hasn't answered for a minute.
    """
    patience, last = Patience(execution_id), ""
    path = f"{execution_path(execution_id)}/events"
    while True:
        try:
            with client.lines(path, {"Last-Event-ID": last} if last else {}) as lines:
                for identifier, data in events(lines):
                    patience.renew()
                    if not data:
                        continue
                    last = identifier
                    summary = json.loads(data)
                    yield summary
                    if summary["Status"] in FINAL:
                        return
        except (Unreachable, ApiError) as error:
            patience.spend(error)
        else:
            time.sleep(_PAUSE_SECONDS)  # the API has ended the stream before the end: it restarts


def events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """The id and the data of each event; both '' for a sign of life."""
    identifier, data = "", []
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            identifier = value
        elif name == "data":
            data.append(value)
        elif not line and data:
            yield identifier, "\n".join(data)
            data = []
        elif not name:
            yield "", ""
