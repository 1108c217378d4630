"""Membership in lists, by equality as JSON: for ``Fn::Union`` and its kin.

Dictionaries keep the order in which elements come, which sets don't. One pass over all lists: an element's identity is
what takes time.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.functions.equality import identity
from caboose.oos.functions.reading import items

_MAX_ELEMENTS = 300_000
"""Of all lists together: what a fraction of a second is enough for."""


@dataclass(slots=True)
class _Element:
    value: Any
    lists: int
    last: int


def elements(lists: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """(element, in how many of the lists it is) of all lists, once each, in the order in which they come first.

    Raises:
        FunctionError: when one of them is no list, or they have too many elements.
    """
    found: dict[Hashable, _Element] = {}
    count = 0
    for index, each in enumerate(lists):
        values = items("every list", each)
        count += len(values)
        if count > _MAX_ELEMENTS:
            raise FunctionError(f"the lists have more than {_MAX_ELEMENTS} elements together; pass less data on")
        for value in values:
            element = found.setdefault(identity(value), _Element(value, 0, -1))
            if element.last != index:
                element.lists += 1
                element.last = index
    for element in found.values():
        yield element.value, element.lists
