"""``Fn::MergeMap``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.reading import mapping
from caboose.oos.kinds import MAP


def call(*maps: Any) -> dict[str, Any]:
    """One map of several; where they share a key the later one wins, and what is within is not merged.

    Null, the output of a skipped task, is an empty map.

    Source: built-in functions (120677); who wins as templates override parameters with it.
    """
    merged: dict[str, Any] = {}
    for each in maps:
        merged.update(mapping("every map", each))
    return merged


MERGE_MAP = Function(
    "Fn::MergeMap",
    call,
    (Argument("map", MAP),),
    MANY,
    result=MAP,
    example=([{"a": 1, "b": 2}, {"b": 3}], {"a": 1, "b": 3}),
)
