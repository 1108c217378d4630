"""Fixtures of the end-to-end tests: the shared stack with instances that restart at once, and Temporal's own view."""

from collections.abc import Iterator

import pytest

from tests.e2e.server import Server
from tests.support.stack import Stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The shared stack with an empty simulator. A restart takes no time, so that no test waits for the next poll."""
    shared_stack.simulator.reset(transition_seconds=0)
    return shared_stack


@pytest.fixture(scope="session")
def server(shared_stack: Stack) -> Iterator[Server]:
    """The Temporal server of the shared stack, as a client sees it."""
    with Server(shared_stack) as server:
        yield server
