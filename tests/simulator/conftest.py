"""One simulator for this folder's tests, new again for each of them."""

from collections.abc import Iterator

import pytest

from tests.support.simulator import Simulator


@pytest.fixture(scope="package")
def running_simulator() -> Iterator[Simulator]:
    """The process."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    """The process with an empty world."""
    running_simulator.reset()
    return running_simulator
