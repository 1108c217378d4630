"""Fixtures for all tests: the stack of real processes, one for the session, with a clean simulator for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack that tests share; they tell their executions apart by id."""
    with running_stack(Path(tmp_path_factory.mktemp("stack"))) as stack:
        yield stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The shared stack with an empty simulator."""
    shared_stack.simulator.reset()
    return shared_stack
