"""Order, for ``Fn::Min`` and ``Fn::Max``."""

from collections.abc import Sequence
from typing import Any

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.functions.reading import shown


def comparable(values: Sequence[Any]) -> list[Any]:
    """The values without nulls, all numbers or all strings; one list in place of the values is taken apart.

    Raises:
        FunctionError: when they have no order.
    """
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    found = [value for value in values if value is not None]
    wanted = (str,) if found and type(found[0]) is str else (int, float)
    for value in found:
        if type(value) not in wanted:
            raise FunctionError(f"expected all numbers or all strings, got {shown(value)} among them")
    return found
