"""Membership in lists, by equality as JSON: for ``Fn::Union`` and its kin.

Dictionaries keep the order in which elements come, which sets don't. One pass over all lists: an element's identity is
what takes time.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from caboose.oos.functions.equality import identity
from caboose.oos.functions.reading import items


@dataclass(slots=True)
class _Element:
    value: Any
    lists: int
    last: int


def elements(lists: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """(element, in how many of the lists it is) of all lists, once each, in the order in which they come first.

    Raises:
        FunctionError: when one of them is no list.
    """
    found: dict[Hashable, _Element] = {}
    for index, each in enumerate(lists):
        for value in items("every list", each):
            element = found.setdefault(identity(value), _Element(value, 0, -1))
            if element.last != index:
                element.lists += 1
                element.last = index
    for element in found.values():
        yield element.value, element.lists
