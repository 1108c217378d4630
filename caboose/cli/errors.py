"""What can stop a command, as one small tree.

``CliError`` ends the program with exit code 1 and its text on stderr; ``UsageError`` with 2, as the parser's
own usage errors do. Commands raise, ``main`` prints: no command prints an error and exits by itself, so that
``demo`` can call the same code and add the logs. Road not taken: click's exceptions. They draw a box round
the text, which a script that reads stderr then has to peel off.
"""

from collections.abc import Sequence
from typing import Any


class CliError(Exception):
    """The command can't do what it was asked to do."""

    exit_code = 1


class UsageError(CliError):
    """The command was called wrongly, or a setting in the environment is wrong."""

    exit_code = 2


class Unreachable(CliError):
    """Nobody answers at the API's address, or not in time."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"the API at {self.url} is not reachable ({self.reason}).\n"
            "Start it with `caboose up`, or say where it is with CABOOSE_API_URL."
        )


class ApiError(CliError):
    """The API answered with an error: the code, message, request id and problems of its error shape."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        request_id: str = "",
        problems: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(status, code, message, request_id)
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.problems = list(problems)

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.message}"]
        known = [line for problem in self.problems if (line := _as_listed(problem)) not in self.message]
        lines += [f"- {line}" for line in known]
        if self.status >= 500 and self.request_id:
            lines.append(f"RequestId {self.request_id}: the API's log says more.")
        return "\n".join(lines)


def _as_listed(problem: dict[str, Any]) -> str:
    """Beside the errors that stopped something, a warning says that it didn't."""
    text = problem_text(problem)
    return f"warning: {text}" if problem.get("Severity") == "warning" else text


def problem_text(problem: dict[str, Any]) -> str:
    """One line for a problem in the API's field names: id, place, message, way out."""
    line = problem.get("Line") or 0
    place = f"line {line}, column {problem.get('Column') or 0}: " if line else ""
    path = f"{problem['Path']}: " if problem.get("Path") else ""
    text = with_hint(problem.get("Message", ""), problem.get("Hint", ""))
    return f"{problem.get('Id', '')} {place}{path}{text}".strip()


def with_hint(message: str, hint: str) -> str:
    """A message and its way out as sentences of one line."""
    if not hint:
        return message
    return f"{message} {hint}" if message.endswith((".", "?", "!")) else f"{message}. {hint}"
