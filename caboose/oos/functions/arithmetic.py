"""Arithmetic: the expressions of ``Fn::Eval``, by a parser of our own.

``sum = product (("+"|"-") product)*`` and so on down to numbers and parentheses, with Python's operators, order and
rounding, because that is evidently what the original evaluates with. Everything is bounded: the length, the nesting,
and the size of every number on the way, so that ``9**9**9`` is an error and not a worker at work for ever.

Road not taken: ``eval``, or ``ast.parse`` with a list of allowed nodes. Both let a template choose how deep a C stack
goes, and the second needs all of this besides.
"""

import math
import re
from collections.abc import Callable
from operator import add, floordiv, mod, mul, sub

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.functions.reading import MAX_DIGITS, MAX_NUMBER
from caboose.oos.problems import shortened

MAX_LENGTH = 1_000
_MAX_DEPTH = 50
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)|(?P<sign>\*\*|//|[-+*/%()])|(?P<other>\S))"
)
_END = ""

Number = int | float


def evaluate(expression: str) -> Number:
    """The value of an arithmetic expression: ``+ - * / // % **``, signs, parentheses and numbers.

    A whole result is an integer, also that of a division: ``6/2`` is 3.

    Raises:
        FunctionError: when it is no such expression, or too large, or divides by zero.
    """
    if len(expression) > MAX_LENGTH:
        raise FunctionError(f"the expression has {len(expression)} characters, at most {MAX_LENGTH}")
    value = _Parser(expression).parse()
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Parser:
    """Recursive descent; ``_depth`` counts what recurses: parentheses, signs and powers."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = self._read()
        self._next = 0
        self._depth = 0

    def parse(self) -> Number:
        value = self._sum()
        if self._here != _END:
            raise self._unexpected()
        return value

    def _read(self) -> list[str]:
        tokens = []
        for match in _TOKEN.finditer(self._expression):
            if match["other"]:
                raise FunctionError(f"the expression has {match['other']!r}; it has numbers, + - * / // % ** and ( )")
            tokens.append(match["number"] or match["sign"])
        return [*tokens, _END]

    @property
    def _here(self) -> str:
        return self._tokens[self._next]

    def _sum(self) -> Number:
        return self._chain(self._product, {"+": add, "-": sub})

    def _product(self) -> Number:
        return self._chain(self._signed, {"*": mul, "/": _divide, "//": floordiv, "%": mod})

    def _chain(self, part: Callable[[], Number], operators: dict[str, Callable[[Number, Number], Number]]) -> Number:
        value = part()
        while self._here in operators:
            operator = operators[self._take()]
            value = self._apply(operator, value, part())
        return value

    def _signed(self) -> Number:
        if self._here not in ("+", "-"):
            return self._power()
        negative = self._take() == "-"
        value = self._deeper(self._signed)
        return -value if negative else value

    def _power(self) -> Number:
        base = self._atom()
        if self._here != "**":
            return base
        self._take()
        return self._apply(_raise, base, self._deeper(self._signed))

    def _atom(self) -> Number:
        if self._here == "(":
            self._take()
            value = self._deeper(self._sum)
            if self._here != ")":
                raise self._unexpected()
            self._take()
            return value
        if self._here[:1] not in tuple("0123456789."):
            raise self._unexpected()
        digits = self._take()
        return _checked(int(digits) if digits.isdigit() and len(digits) <= MAX_DIGITS else float(digits))

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1]

    def _deeper(self, part: Callable[[], Number]) -> Number:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FunctionError(f"the expression is nested more than {_MAX_DEPTH} levels")
        value = part()
        self._depth -= 1
        return value

    def _apply(self, operator: Callable[[Number, Number], Number], left: Number, right: Number) -> Number:
        try:
            return _checked(operator(left, right))
        except ZeroDivisionError:
            raise FunctionError(f"it divides by zero: {shortened(self._expression, 80)}") from None

    def _unexpected(self) -> FunctionError:
        where = f"{self._here!r} is unexpected" if self._here else "something is missing at its end"
        return FunctionError(f"{where} in the expression {shortened(self._expression, 80)!r}")


def _divide(left: Number, right: Number) -> Number:
    return left // right if left % right == 0 and isinstance(left, int) and isinstance(right, int) else left / right


def _raise(base: Number, exponent: Number) -> Number:
    if base < 0 and exponent != math.floor(exponent):
        raise FunctionError(f"{base} has no power {exponent}")
    if base != 0 and exponent * math.log10(abs(base)) > MAX_DIGITS + 1:
        raise _too_large()
    result: Number = base**exponent
    return result


def _checked(value: Number) -> Number:
    if not abs(value) < MAX_NUMBER:
        raise _too_large()
    return value


def _too_large() -> FunctionError:
    return FunctionError(f"a number in the expression has more than {MAX_DIGITS} digits")
