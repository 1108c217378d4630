"""A failed execution that can't be asked: tried again for some minutes, then the retry ends with a word about it."""

import dataclasses
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.contracts import Prepared, PrepareInput
from activities.retry import TRIES, RetryPreparation
from caboose.settings import Settings
from caboose.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that nobody comes to ask."""
    opened = Store.open(f"sqlite:///{tmp_path / 'caboose.db'}")
    yield opened
    opened.close()


async def prepare(store: Store, attempt: int) -> Prepared:
    """The activity's attempt of this number, without a Temporal server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{probe.getsockname()[1]}"
    client = await Client.connect(nowhere, lazy=True)
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=attempt)
    retries = RetryPreparation(client, store, Settings())
    request = PrepareInput("exec-2", {"RetryOf": "exec-1"}, "run-2")
    prepared: Prepared = await environment.run(retries.prepare, request, "somebody")
    return prepared


async def test_it_is_tried_again(store: Store) -> None:
    with pytest.raises(Exception, match="connect"):
        await prepare(store, 1)


async def test_and_given_up_with_the_reason(store: Store) -> None:
    (problem,) = (await prepare(store, TRIES)).problems
    assert problem.id == "Unanswered"
    assert "exec-1 could not be asked in 10 tries" in problem.message
    assert problem.hint
