"""A stack whose Temporal server wants short histories: a loop of some hundred items goes on as new several times."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import Stack, running_stack

SUGGESTED_EVENTS = 400


@pytest.fixture(scope="module")
def short_histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack of this folder."""
    folder = Path(tmp_path_factory.mktemp("large-loops"))
    settings = {"limit.historyCount.suggestContinueAsNew": str(SUGGESTED_EVENTS)}
    with running_stack(folder, settings) as stack:
        yield stack


@pytest.fixture
def stack(short_histories: Stack) -> Stack:
    """The same with an empty simulator, in which restarts take no time."""
    short_histories.simulator.reset(transition_seconds=0)
    return short_histories
