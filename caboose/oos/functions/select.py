"""``Fn::Select``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import json_of, text, unexpected, whole_number
from caboose.oos.kinds import ANY


def call(key: Any, container: Any) -> Any:
    """An element of a list by its index, or of a map by its key; the container may be given as JSON text.

    An index counts from 0, or from the end when it is negative, and may be a string of digits. What isn't there is
    null, as it is for selectors: outputs are made at the end of every execution, also of one that stopped early, and
    must not fail it. For the same reason everything of null is null.

    Source: built-in functions (120677); keys of maps as in public templates.
    """
    if container is None:
        return None
    found = json_of(container)
    if isinstance(found, dict):
        return found.get(text("key", key))
    if not isinstance(found, list):
        raise unexpected("container", "a list or a map", container)
    index = whole_number("index of a list", key)
    return found[index] if -len(found) <= index < len(found) else None


SELECT = Function(
    "Fn::Select",
    call,
    (Argument("key", ANY), Argument("container", ANY)),
    FIXED,
    result=ANY,
    example=(["Size", {"Size": 40, "Category": "cloud_essd"}], 40),
)
