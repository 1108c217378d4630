"""Membership in lists, by equality as JSON: for ``Fn::Union`` and its kin.

Dictionaries keep the order in which elements come, which sets don't.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from caboose.oos.functions.equality import identity
from caboose.oos.functions.reading import items


def distinct(lists: Sequence[Any]) -> dict[Hashable, Any]:
    """The elements of all lists by their identity, in the order in which they come first.

    Raises:
        FunctionError: when one of them is no list.
    """
    found: dict[Hashable, Any] = {}
    for each in lists:
        for value in items("every list", each):
            found.setdefault(identity(value), value)
    return found


def in_how_many(lists: Sequence[Any]) -> dict[Hashable, int]:
    """In how many of the lists each element is.

    Raises:
        FunctionError: when one of them is no list.
    """
    counted: dict[Hashable, int] = {}
    for each in lists:
        for key in distinct([each]):
            counted[key] = counted.get(key, 0) + 1
    return counted
