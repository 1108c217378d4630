"""``Fn::ConvertMapToList``."""

from typing import Any

from caboose.oos.functions.declaration import VALUE, Argument, Function
from caboose.oos.functions.reading import json_of, mapping
from caboose.oos.kinds import LIST, MAP


def call(value: Any) -> list[Any]:
    """A map as a list of ``{"Key": …, "Value": …}``, in the order of the map; of null an empty list.

    In a list of maps each is converted, and one that has a ``Key`` already is left as it is: parameters for tags come
    as a map or as such a list.

    Source: built-in functions (120677).
    """
    found = json_of(value)
    listed: list[Any] = []
    for each in found if isinstance(found, list) else [found]:
        pairs = mapping("map", each)
        listed += [pairs] if "Key" in pairs else [{"Key": key, "Value": content} for key, content in pairs.items()]
    return listed


CONVERT_MAP_TO_LIST = Function(
    "Fn::ConvertMapToList",
    call,
    (Argument("map", MAP),),
    VALUE,
    result=LIST,
    example=({"team": "a", "stage": "b"}, [{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "b"}]),
)
