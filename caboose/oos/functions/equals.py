"""``Fn::Equals``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.equality import equal
from caboose.oos.kinds import ANY, FLAG


def call(one: Any, other: Any) -> bool:
    """Whether two values are equal, deeply.

    A string equals the number or boolean whose JSON text it is (``"1"`` and 1, ``"true"`` and true), inside of lists
    and maps too: tags and outputs are strings where templates compare with ``[true]``. Null equals only null, and 1 is
    1.0.

    Source: built-in functions (120677); the leniency is chosen so that both ways of writing in public templates work.
    """
    return equal(one, other)


EQUALS = Function(
    "Fn::Equals",
    call,
    (Argument("one", ANY), Argument("other", ANY)),
    FIXED,
    result=FLAG,
    example=([["i-1", "true"], ["i-1", True]], True),
)
