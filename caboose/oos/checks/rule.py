"""What a rule is: a stable id, and everything that somebody who meets the id wants to know.

A rule is the single home of its words: ``caboose validate --explain ID`` prints them, the reference page of checks is
made of them, and a test runs the two examples, so that neither can lie. Rules of this package's own files look at a
whole template (``check``); those of the catalogue are reported where the thing is read, and have no check of their own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import fill, indent

from caboose.oos.checks.template import Template
from caboose.oos.loading import Path

_WIDTH = 100
OWN = "Caboose's own rule"
"""The source of a rule that no document demands."""


@dataclass(frozen=True)
class Finding:
    """One place of a template that a rule has something to say about."""

    path: Path
    message: str
    hint: str = ""


Check = Callable[[Template], Iterable[Finding]]


def _nothing(_: Template) -> Iterable[Finding]:
    """A rule of the catalogue is reported elsewhere."""
    return ()


@dataclass(frozen=True)
class Rule:
    """A rule: ``error`` stops a start, ``warning`` doesn't, and a rule is never both.

    ``explanation`` says what is wrong, why it matters and what to do. ``bad`` and ``good`` are small examples: a whole
    template, some sections of one, a list of tasks, or one task; for what is wrong with a start, its fields.
    """

    id: str
    severity: str
    title: str
    explanation: str
    bad: str
    good: str
    source: str = OWN
    check: Check = _nothing

    def __str__(self) -> str:
        parts = [f"{self.id} ({self.severity}): {self.title}", fill(self.explanation, _WIDTH)]
        parts += [f"{word}:\n{indent(text, '    ')}" for word, text in (("Bad", self.bad), ("Good", self.good))]
        return "\n\n".join([*parts, f"Source: {self.source}"])
