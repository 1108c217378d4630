"""Executions by chance with the real server, worker and simulator: each ends, and everything that tells of it agrees.

``make test`` runs the same seeds every time; ``make soak`` others each time, and says which.
"""

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.generator.case import kept, read
from tests.generator.served import crowd, serving
from tests.support.stack import Stack

FIRST = st.integers(0, 2**32)
"""The first seed of a crowd; those after it follow."""
FEW, CROWD, WAVES = 60, 120, 6
REPLAYED = 10


async def check(stack: Stack, seeds: list[int], replayed: int) -> None:
    """Runs the cases of these seeds, and says which of them fail and why."""
    async with serving(stack) as served:
        ran = await served.run(seeds)
        failed = [f"{each.seed} ({each.execution_id}): {each.problem}" for each in ran if each.problem]
        again = f"run one again with: python -m tests.generator --served {seeds[0]}"
        assert not failed, "\n".join([*failed, again])
        assert {"COMPLETED", "FAILED", "CANCELED"} <= {each.status for each in ran}
        assert await served.replay(ran, replayed) == replayed


async def test_a_crowd_by_chance(shared_stack: Stack) -> None:
    await check(shared_stack, await crowd(0, FEW), REPLAYED)


@pytest.mark.soak
@settings(
    deadline=None,
    max_examples=WAVES,
    phases=[Phase.generate],
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(FIRST)
async def test_crowds_by_chance(shared_stack: Stack, first: int) -> None:
    note(f"the crowd from seed {first} on")
    await check(shared_stack, await crowd(first, CROWD), 3 * REPLAYED)


async def test_what_failed_once(shared_stack: Stack) -> None:
    paths = kept("served")
    async with serving(shared_stack) as served:
        ran = await served.run(list(range(len(paths))), [read(path) for path in paths])
        assert not [f"{path.stem}: {each.problem}" for path, each in zip(paths, ran, strict=True) if each.problem]
