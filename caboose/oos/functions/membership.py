"""Membership in lists, by equality as JSON: for ``Fn::Union`` and its kin.

Dictionaries keep the order in which elements come, which sets don't. One pass over all lists: an element's identity is
what takes time.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.functions.equality import identity
from caboose.oos.functions.reading import items

_MAX_ELEMENTS = 300_000
"""Of all lists together: what a fraction of a second is enough for."""


def elements(lists: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """(element, in how many of the lists it is) of all lists, once each, in the order in which they come first.

    Raises:
        FunctionError: when one of them is no list, or they have too many elements.
    """
    found: dict[Hashable, Any] = {}
    in_lists: dict[Hashable, int] = {}
    count = 0
    for each in lists:
        values = items("every list", each)
        count += len(values)
        if count > _MAX_ELEMENTS:
            raise FunctionError(f"the lists have more than {_MAX_ELEMENTS} elements together; pass less data on")
        once: dict[Hashable, None] = {}
        for value in values:
            key = identity(value)
            once[key] = None
            found.setdefault(key, value)
        for key in once:
            in_lists[key] = in_lists.get(key, 0) + 1
    for key, value in found.items():
        yield value, in_lists[key]
