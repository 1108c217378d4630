"""What the tests of activities share: the simulator as a process, and activities that speak to it."""

from collections.abc import Callable, Iterator

import pytest

from activities.cloud.activities import CloudActivities
from activities.notifications.webhook import NotificationActivities
from tests.activities.harness import KEYS, settings_for
from tests.support.programs import PROGRAMS
from tests.support.simulator import Simulator

CloudFactory = Callable[..., CloudActivities]


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    """One simulator for all tests of this folder."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    """The simulator, reset, with three running instances."""
    running_simulator.reset()
    running_simulator.put_instances([{"InstanceId": name} for name in ("i-a", "i-b", "i-c")])
    return running_simulator


@pytest.fixture
def make_cloud() -> Iterator[CloudFactory]:
    """Makes cloud activities from settings, and closes them."""
    made: list[CloudActivities] = []

    def make(**settings: object) -> CloudActivities:
        made.append(CloudActivities(settings_for(**settings), PROGRAMS, lambda: KEYS))
        return made[-1]

    yield make
    for activities in made:
        activities.close()


@pytest.fixture
def cloud(simulator: Simulator, make_cloud: CloudFactory) -> CloudActivities:
    """Cloud activities that speak to the simulator."""
    return make_cloud(ecs_endpoint=simulator.endpoint, sts_endpoint=simulator.endpoint)


@pytest.fixture
def notifications(simulator: Simulator) -> NotificationActivities:
    """Notification activities whose only robot is the simulator's."""
    return NotificationActivities(settings_for(simulator_url=simulator.url))
