"""Runs cases by hand: ``python -m tests.generator SEED…`` (or ``A-B``), or files of cases; ``--keep NAME`` makes the
first that fails smaller and keeps it as ``cases/NAME.json``."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.generator.author import case
from tests.generator.case import CASES, Case, read
from tests.generator.recorded import run
from tests.generator.smaller import failure, smaller


def _cases(names: list[str]) -> Iterator[tuple[str, Case]]:
    for name in names:
        if name.endswith(".json"):
            yield name, read(Path(name))
        else:
            first, _, last = name.partition("-")
            for seed in range(int(first), int(last or first) + 1):
                yield str(seed), case(seed)


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
            (CASES / f"{keep}.json").write_text((await smaller(each)).as_json() + "\n", "utf-8")
            break
        if names == [name]:
            sys.stdout.write(each.as_json() + "\n")
            await run(each)
    sys.stdout.write(f"{dict(came)}\n")
    return 1 if came["failed"] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="SEED, A-B or FILE")
    parser.add_argument("--keep", default="", metavar="NAME")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.names, given.keep)))
