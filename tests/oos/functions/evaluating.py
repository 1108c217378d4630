"""The language's own evaluator, for tests of functions: what references bring is given, and no program is run."""

from datetime import UTC, datetime
from typing import Any

from caboose.oos.evaluate import Evaluator
from caboose.oos.references import Reference
from tests.oos.engines import NoEngine

NOW = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)


def evaluator(given: dict[str, Any] | None = None, now: datetime = NOW, **conditions: Any) -> Evaluator:
    """An evaluator at a place where references bring what is given, and null otherwise."""

    def lookup(reference: Reference) -> Any:
        return (given or {}).get(str(reference))

    return Evaluator(lookup, NoEngine(), conditions=conditions, now=lambda: now)
