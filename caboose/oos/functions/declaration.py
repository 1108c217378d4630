"""How a function is declared: its name, what it takes and gives, and the code that does it.

A function is a file of this package with one ``Function`` in it, and a line in ``__init__``. Checks of a template, the
reference page and the call itself are made from the declaration, so they can't tell different stories.

A strict function is ``call(*arguments)``: plain, synchronous, with its arguments evaluated. A lazy one is
``async call(evaluator, argument)`` and gets its argument as the template has it: it leaves a branch alone
(``Fn::If``), runs a program (``Fn::Jq``) or asks for the execution's time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

FIXED = "fixed"
"""The argument is a list of exactly these."""
VALUE = "value"
"""The argument is one value, bare or as the only element of a list."""
MANY = "many"
"""The argument is a list of as many values as one likes, each of the declared kind."""


class FunctionError(ValueError):
    """A function that can't do what it is asked; the message says what it takes and what it got, not its own name."""


class Evaluating(Protocol):
    """What a lazy function may ask of whoever evaluates it; ``caboose.oos.evaluate`` implements it."""

    async def evaluate(self, value: Any) -> Any:
        """A part of the template, plain."""

    async def condition(self, value: Any) -> bool:
        """Whether a part of the template, taken as a condition, holds."""

    async def results(self, program: Any, value: Any) -> list[Any]:
        """All results of a jq program on a value."""

    def now(self) -> datetime:
        """The execution's time, aware and in UTC."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its name in messages and on the reference page, and its kind (a word of ``kinds``)."""

    name: str
    kind: str
    optional: bool = False
    choices: tuple[str, ...] = ()
    """The words that it may be, in any letter case; none: any value of the kind."""


@dataclass(frozen=True, slots=True)
class Function:
    """A declared function.

    Attributes:
        name: with its prefix, ``Fn::Join``.
        call: see the module; its docstring is the function's text on the reference page.
        arguments: what it takes; of form MANY and VALUE there is one.
        form: FIXED, VALUE or MANY.
        result: what it gives, in the words of ``kinds``.
        example: an argument and the result that it has, as plain data; tests run it.
        lazy: see the module.
        undocumented: it is used in the publisher's templates, but no page describes it.
    """

    name: str
    call: Callable[..., Any]
    arguments: tuple[Argument, ...]
    form: str
    result: str
    example: tuple[Any, Any]
    lazy: bool = False
    undocumented: bool = False

    @property
    def syntax(self) -> str:
        """How a call is written: ``Fn::Join: [delimiter, values]``."""
        names = [f"{each.name}?" if each.optional else each.name for each in self.arguments]
        if self.form == MANY:
            names.append("…")
        listed = ", ".join(names)
        return f"{self.name}: {listed}" if self.form == VALUE else f"{self.name}: [{listed}]"

    @property
    def counts(self) -> tuple[int, int]:
        """The fewest and the most arguments that form FIXED takes."""
        return sum(not each.optional for each in self.arguments), len(self.arguments)
