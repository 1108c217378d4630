"""``python -m benchmarks``: measures, prints a table, and the same as JSON behind it."""

import argparse
import asyncio
import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.cases import default_folder, measured
from benchmarks.measure import Result

_WIDTH = 120


async def run(folder: Path, rounds: int) -> dict[str, Any]:
    """Everything measured, as plain data."""
    results = [result async for result in measured(folder, rounds)]
    unit = results[0].seconds
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "rounds": rounds,
        "results": [rounded({**asdict(result), "loops": result.seconds / unit}) for result in results],
    }


def rounded(result: dict[str, Any]) -> dict[str, Any]:
    """A result whose numbers have as many digits as mean something."""
    return {name: float(f"{each:.4g}") if isinstance(each, float) else each for name, each in result.items()}


def table(found: dict[str, Any]) -> Table:
    """The results for people."""
    shown = Table("what", "median", "best", "in loops", "aim", "per second", title=f"Python {found['python']}")
    for each in found["results"]:
        result = Result(**{name: value for name, value in each.items() if name != "loops"})
        shown.add_row(
            result.name,
            duration(result.seconds),
            duration(result.best),
            f"{each['loops']:.3g}",
            ""
            if result.aim is None
            else f"{duration(result.aim)} {'met' if result.seconds <= result.aim else 'MISSED'}",
            "" if result.per_second is None else f"{result.per_second:.0f} templates",
        )
    return shown


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast the template language is.")
    parser.add_argument("--folder", type=Path, default=default_folder(), help="a folder of templates to compile")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured; 1 for a try")
    parser.add_argument("--json", action="store_true", help="print the JSON only")
    arguments = parser.parse_args()
    found = asyncio.run(run(arguments.folder, max(1, arguments.rounds)))
    if not arguments.json:
        Console(width=_WIDTH).print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
