"""The simulated world: everything that a reset throws away, in one object.

A reset makes a new world instead of emptying the old one: a call that is still being delayed ends in the world it came
to and can't stain the next test.
"""

from dataclasses import dataclass

from caboose.simulator.calls import Calls
from caboose.simulator.commands import Outcomes
from caboose.simulator.ecs import Ecs
from caboose.simulator.faults import Faults
from caboose.simulator.instances import Instances
from caboose.simulator.keys import Keys
from caboose.simulator.robot import Robot
from caboose.simulator.signature import Verifier
from caboose.simulator.sts import Sts
from caboose.simulator.tokens import ClientTokens


@dataclass(frozen=True)
class Options:
    """What a world is made with; a reset may change the first three for the world it makes."""

    transition_seconds: float = 1.0
    max_credential_seconds: float = 12 * 3600
    seed: int | None = None
    instances: int = 0


class World:
    """One world: the cloud, the chat, what goes wrong in them and what was asked of them."""

    def __init__(self, options: Options, keys: Keys) -> None:
        self.options = options
        self.keys = keys
        self.verifier = Verifier(keys)
        self.instances = Instances()
        self.outcomes = Outcomes(options.transition_seconds)
        self.ecs = Ecs(self.instances, self.outcomes, options.transition_seconds)
        self.sts = Sts(keys, options.max_credential_seconds)
        self.robot = Robot()
        self.faults = Faults(options.seed)
        self.calls = Calls()
        self.tokens = ClientTokens()


class Simulator:
    """The world of the moment, and how to get a new one."""

    def __init__(self, options: Options) -> None:
        self.options = options
        # Keys live longer than a world: a worker that runs on holds temporary ones and would fail for no reason.
        self._keys = Keys()
        self.world = World(options, self._keys)
        self.world.instances.replace({"count": options.instances})

    def reset(self, options: Options) -> None:
        """Begin anew, without instances, with the default key, roles and groups."""
        self._keys.replace([])
        self.world = World(options, self._keys)
