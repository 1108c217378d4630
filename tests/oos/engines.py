"""Engines for tests of the language, which must not need a process."""

from typing import Any

from caboose.oos.selectors import SelectorError


class Scripted:
    """An engine with a script: the results of each program, or what is wrong with it; everything asked is kept."""

    def __init__(self, results: dict[str, list[Any]], faults: dict[str, str] | None = None) -> None:
        self.runs: list[tuple[str, Any]] = []
        self.checked: list[str] = []
        self._results = results
        self._faults = faults or {}

    async def run(self, program: str, value: Any) -> list[Any]:
        """The scripted results."""
        self.runs.append((program, value))
        if program not in self._results:
            raise SelectorError(f"no script for {program!r}")
        return self._results[program]

    async def matches(self, pattern: str, text: str) -> bool:
        """Whether the script has the text among the results of the pattern."""
        return text in self._results.get(pattern, [])

    async def check(self, program: str) -> str:
        """The scripted fault."""
        self.checked.append(program)
        return self._faults.get(program, "")


class NoEngine(Scripted):
    """An engine that must not be asked."""

    def __init__(self) -> None:
        super().__init__({})
