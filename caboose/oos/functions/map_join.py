"""``Fn::MapJoin``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function, FunctionError
from caboose.oos.functions.reading import items, text
from caboose.oos.kinds import LIST, MAP


def call(keys: Any, values: Any) -> dict[str, Any]:
    """A map of the keys in one list and the values in the other, by their places.

    The lists are equally long; keys are strings, and of equal ones the last counts. Null is an empty list.

    Source: built-in functions (120677).
    """
    names, contents = items("keys", keys), items("values", values)
    if len(names) != len(contents):
        raise FunctionError(f"expected as many keys as values, got {len(names)} keys and {len(contents)} values")
    return {text("every key", name): content for name, content in zip(names, contents, strict=True)}


MAP_JOIN = Function(
    "Fn::MapJoin",
    call,
    (Argument("keys", LIST), Argument("values", LIST)),
    FIXED,
    result=MAP,
    example=([["name", "size"], ["data", 40]], {"name": "data", "size": 40}),
)
