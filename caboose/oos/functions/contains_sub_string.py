"""``Fn::ContainsSubString``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import text
from caboose.oos.kinds import FLAG, TEXT


def call(whole: Any, part: Any) -> bool:
    """Whether a string has another one in it, in the same letter case; null has nothing in it and is in nothing.

    Source: undocumented. Chosen so that a template which asks whether a path has a ``/`` in it, and takes the folder of
    it only then, does the right thing.
    """
    if whole is None or part is None:
        return False
    return text("part", part) in text("text", whole)


CONTAINS_SUB_STRING = Function(
    "Fn::ContainsSubString",
    call,
    (Argument("text", TEXT), Argument("part", TEXT)),
    FIXED,
    result=FLAG,
    example=(["build/Dockerfile", "/"], True),
    undocumented=True,
)
