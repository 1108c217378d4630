"""Executions by chance over a recording of the world: each ends, or waits for somebody, and its record adds up.

``make test`` runs the same seeds every time; ``make soak`` others each time, and says which (``--hypothesis-seed``).
"""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.generator.author import case
from tests.generator.case import Case, kept, read
from tests.generator.recorded import REFUSED, run

SEEDS = st.integers(0, 2**32)
"""Of an author's chance: ``python -m tests.generator SEED`` runs one again."""
FEW, MANY = 300, 6_500
_BY_CHANCE = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a smaller seed is no smaller case
    suppress_health_check=list(HealthCheck),
)


async def check(seed: int) -> None:
    note(f"run it again with: python -m tests.generator {seed}")
    await run(case(seed))


@settings(_BY_CHANCE, max_examples=FEW, derandomize=True, database=None)
@given(SEEDS)
async def test_executions_by_chance(seed: int) -> None:
    await check(seed)


@pytest.mark.soak
@settings(_BY_CHANCE, max_examples=MANY, print_blob=True)
@given(SEEDS)
async def test_many_executions_by_chance(seed: int) -> None:
    await check(seed)


@pytest.mark.parametrize("path", kept(), ids=lambda path: path.stem)
async def test_what_failed_once(path: Path) -> None:
    assert (await run(read(path))).status


def test_a_case_is_the_same_again() -> None:
    assert case(17) == case(17)
    assert Case(**json.loads(case(17).as_json())) == case(17)


async def test_most_cases_run() -> None:
    """An author whose templates are all refused would find nothing."""
    came = [(await run(case(seed))).status for seed in range(40)]
    assert came.count(REFUSED) < len(came) / 2
    assert {"Success", "Failed", "Cancelled"} <= set(came)
