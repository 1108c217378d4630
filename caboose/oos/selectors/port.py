"""The port behind which programs run: all that the language knows of jq, JMESPath and slow patterns.

In activities, the API and the command line it is ``caboose.sandbox``; in workflow code an activity, so that the
result or the refusal is in history and a replay gives the same.
"""

from typing import Any, Protocol


class SelectorError(ValueError):
    """A selector that is none, doesn't fit the value it meets, or was stopped; the message says which."""


class Engine(Protocol):
    """Runs what must not run in the caller's own process."""

    async def run(self, program: str, value: Any) -> list[Any]:
        """All results of a program, in order.

        The program is jq as it is, else jq with the leading dot that was left out, else JMESPath (a list's elements
        are its results, null is none).

        Raises:
            SelectorError: it is neither, fails on this value, or was stopped.
        """

    async def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern (``AllowedPattern``) matches the whole text.

        Raises:
            SelectorError: the pattern is none, or takes too long on this text; that is never "no match".
        """


class Checker(Protocol):
    """Says whether a program is one, without running it."""

    async def check(self, program: str) -> str:
        """Why the text is neither jq nor JMESPath, or may not run; '' when it may."""
