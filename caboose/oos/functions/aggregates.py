"""Aggregates: what becomes of an output of a loop's items (``AggregateType``)."""

from collections.abc import Sequence
from typing import Any

from caboose.oos.functions.declaration import Function
from caboose.oos.functions.list_join import LIST_JOIN
from caboose.oos.functions.sum_ import SUM

AGGREGATES: dict[str, Function] = {each.name: each for each in (LIST_JOIN, SUM)}


def aggregate(name: str, values: Sequence[Any]) -> Any:
    """The aggregate of the items' values, which are in the order of the items and null where an item gave none.

    Args:
        name: ``Fn::ListJoin`` or ``Fn::Sum``.

    Raises:
        FunctionError: when they can't be aggregated.
    """
    return AGGREGATES[name].call(*values)
