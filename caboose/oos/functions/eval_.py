"""``Fn::Eval``."""

from typing import Any

from caboose.oos.functions.arithmetic import evaluate
from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import text
from caboose.oos.kinds import NUMBER, TEXT


def call(expression: Any) -> int | float | None:
    """The value of an arithmetic expression in a string, such as ``-{{ days }}*24``; null stays null.

    It has numbers, ``+ - * / // % **`` with Python's meaning, signs and parentheses, in at most 1,000 characters; no
    number on the way has more than 30 digits. A whole result is an integer (``6/2`` is 3), so that it can be given
    where an API takes one.

    Source: built-in functions (120677); arithmetic as in public templates.
    """
    return None if expression is None else evaluate(text("expression", expression))


EVAL = Function("Fn::Eval", call, (Argument("expression", TEXT),), VALUE, result=NUMBER, example=("-7*24", -168))
