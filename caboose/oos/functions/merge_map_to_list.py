"""``Fn::MergeMapToList``."""

from typing import Any

from caboose.oos.functions.declaration import MANY, Argument, Function
from caboose.oos.functions.reading import mapping, room_for
from caboose.oos.kinds import LIST, MAP
from caboose.oos.values import json_size


def call(*maps: Any) -> list[dict[str, Any]]:
    """A list of maps made from maps of lists: the n-th map has the n-th element of each list under the list's key.

    It is as long as the longest list; a shorter one repeats its last element, and a value that is no list is a list of
    one. A list that is empty, or null, has nothing to repeat, and the result is empty: ``[{ServerId: ids}, {Weight:
    [0]}]`` without ids are no servers.

    Source: built-in functions (120677); lengths as function-mergemaptolist of ROS has them.
    """
    columns: dict[str, list[Any]] = {}
    for each in maps:
        for key, values in mapping("every map", each).items():
            columns[key] = values if isinstance(values, list) else [] if values is None else [values]
    if not columns or not all(columns.values()):
        return []
    length = max(len(values) for values in columns.values())
    room_for(sum(_size(key, values, length) for key, values in columns.items()))
    return [{key: values[min(row, len(values) - 1)] for key, values in columns.items()} for row in range(length)]


def _size(key: str, values: list[Any], length: int) -> int:
    """What a column adds to what it was given."""
    repeated = length - len(values)
    return length * len(key) + (repeated * json_size(values[-1]) if repeated else 0)


MERGE_MAP_TO_LIST = Function(
    "Fn::MergeMapToList",
    call,
    (Argument("map", MAP),),
    MANY,
    result=LIST,
    example=(
        [{"ServerId": ["i-1", "i-2"]}, {"Weight": [0]}],
        [{"ServerId": "i-1", "Weight": 0}, {"ServerId": "i-2", "Weight": 0}],
    ),
)
