"""Problems: everything that can be said against a template or a start, in one shape.

A problem has a stable id, the place (line, column and a path such as ``Tasks.rebootInstance.Properties.instanceId``),
a message that names the thing, and a hint that says the way out. Functions of this package collect problems and go on,
so that a user sees all of them at once; they don't raise at the first.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from caboose.oos.nearest import nearest
from caboose.oos.redact import redact_text

ERROR = "error"
WARNING = "warning"

MAX_PROBLEMS = 200
"""Reading stops here: nobody mends more at once, and a list without end could not be sent to anybody."""
_MAX_MESSAGE = 1_000
_MAX_HINT = 500
_MAX_PATH = 300
_MAX_BYTES = 500_000


class TooManyProblems(Exception):
    """Raised by what collects problems, to whoever began the collecting."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a template or with the fields of a start.

    ``line`` and ``column`` count from 1; 0 means that the place has no text (a parameter given at the start).
    ``severity`` is ``error`` (stops a start) or ``warning``. Messages quote what was given, and a webhook's URL is a
    password: it is masked here, once for all who show problems.
    """

    id: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""
    severity: str = ERROR

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", redact_text(shortened(self.message, _MAX_MESSAGE)))
        object.__setattr__(self, "path", shortened(self.path, _MAX_PATH))
        object.__setattr__(self, "hint", redact_text(shortened(self.hint, _MAX_HINT)))

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        where = f"{self.path}: " if self.path else ""
        hint = f". {self.hint}" if self.hint else ""
        return f"{self.id} {place}{where}{self.message}{hint}"

    def as_record(self) -> dict[str, Any]:
        """The problem with the field names of the HTTP API."""
        return {
            "Id": self.id,
            "Severity": self.severity,
            "Message": self.message,
            "Path": self.path,
            "Line": self.line,
            "Column": self.column,
            "Hint": self.hint,
        }


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that stop a start."""
    return [problem for problem in problems if problem.severity == ERROR]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that don't stop a start."""
    return [problem for problem in problems if problem.severity == WARNING]


def summary(problems: Sequence[Problem]) -> str:
    """One text that names every problem, for a status message or a terminal."""
    if len(problems) == 1:
        return str(problems[0])
    return f"{len(problems)} problems:\n" + "\n".join(f"- {problem}" for problem in problems)


def bounded(problems: Sequence[Problem]) -> list[Problem]:
    """As many of them as travel in one message, errors first when that isn't all."""
    if _size(problems) <= _MAX_BYTES:
        return list(problems)
    kept = [*errors(problems), *warnings(problems)]
    while _size(kept) > _MAX_BYTES:
        kept = kept[: len(kept) // 2]
    message = f"{len(problems) - len(kept)} more problems are not shown"
    return [*kept, Problem("TooManyProblems", message, hint="Mend these first.")]


def _size(problems: Sequence[Problem]) -> int:
    return len(json.dumps([problem.as_record() for problem in problems]))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint such as ``Did you mean "instanceId"?``, or nothing when no known name is near."""
    near = nearest(name, known)
    return f'Did you mean "{near}"?' if near else ""


def shortened(text: str, limit: int) -> str:
    """The text, cut at ``limit`` characters with a sign that it was."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
