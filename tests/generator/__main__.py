"""Runs cases by hand: ``python -m tests.generator SEED…`` (or ``A-B``), or files of cases; ``--keep NAME`` makes the
first that fails smaller and keeps it as ``cases/NAME.json``. ``--served`` runs them with a server of their own, many at
once; then ``--keep NAME`` keeps the first that fails as it is, as ``cases/served/NAME.json``."""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.generator.author import case
from tests.generator.case import CASES, Case, read
from tests.generator.recorded import run
from tests.generator.served import AT_ONCE, Ran, serving
from tests.generator.smaller import failure, smaller
from tests.support.stack import running_stack


def _cases(names: list[str], *, real: bool = False) -> Iterator[tuple[str, Case]]:
    for name in names:
        if name.endswith(".json"):
            yield name, read(Path(name))
        else:
            first, _, last = name.partition("-")
            for seed in range(int(first), int(last or first) + 1):
                yield str(seed), case(seed, real=real)


async def main(names: list[str], keep: str) -> int:
    """Runs them and says what came of them."""
    came: Counter[str] = Counter()
    for name, each in _cases(names):
        failed = await failure(each)
        if not failed:
            came[(await run(each)).status] += 1
            continue
        came["failed"] += 1
        sys.stdout.write(f"{name}: {failed}\n")
        if keep:
            _keep(keep, await smaller(each))
            break
        if names == [name]:
            sys.stdout.write(each.as_json() + "\n")
            await run(each)
    sys.stdout.write(f"{dict(came)}\n")
    return 1 if came["failed"] else 0


async def main_served(names: list[str], keep: str, at_once: int) -> int:
    """Runs them with the real server, worker and simulator, and says what came of them."""
    found = dict(_cases(names, real=True))
    seeds = [int(name) if name.isdigit() else number for number, name in enumerate(found)]
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), CABOOSE_TRUST_NAMES="true") as stack:
        async with serving(stack) as served:
            ran = await served.run(seeds, list(found.values()), at_once=at_once)
            sys.stdout.write(summary(ran))
            failed = [each for each in ran if each.problem]
            sys.stdout.write(f"replayed: {await served.replay(ran, len(ran))}\n")
            if failed:
                sys.stdout.write(stack.worker.read_log()[-5_000:])
    if failed and keep:
        _keep(f"served/{keep}", list(found.values())[seeds.index(failed[0].seed)])
    return 1 if failed else 0


def _keep(name: str, found: Case) -> None:
    path = CASES / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(found.as_json() + "\n", "utf-8")


def summary(ran: list[Ran]) -> str:
    """What came of all of them, and what failed."""
    waits = Counter(kind for each in ran for kind in each.waits)
    slow = [each for one in ran for each in one.slow]
    lines = [f"{one.seed} {one.execution_id}: {one.problem}" for one in ran if one.problem]
    tasks, changes = sum(len(each.tasks) for each in ran), sum(each.changes for each in ran)
    counts = (
        f"{len(ran)} executions, {dict(Counter(each.status for each in ran))}, {tasks} task executions, "
        f"{changes} changes, {sum(each.events for each in ran)} events, {dict(waits)}"
    )
    return "\n".join([*lines, *slow, counts, ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="SEED, A-B or FILE")
    parser.add_argument("--keep", default="", metavar="NAME")
    parser.add_argument("--served", action="store_true", help="with the real server, worker and simulator")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N")
    given = parser.parse_args()
    work = main_served(given.names, given.keep, given.at_once) if given.served else main(given.names, given.keep)
    sys.exit(asyncio.run(work))
