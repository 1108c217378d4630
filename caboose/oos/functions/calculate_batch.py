"""``Fn::CalculateBatch``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import json_of, unexpected, whole_number
from caboose.oos.kinds import ANY, LIST, NUMBER

_MAX_BATCHES = 100_000


def call(batches: Any, items: Any) -> list[int]:
    """The sizes of so many batches that together have all items.

    They differ by one at most, the larger ones first; of fewer items than batches each is a batch of its own, and no
    items have no batches. The items are a list, or their number; null is none.

    Source: undocumented. Chosen so that, as the Concurrency of a loop over the same items, every item is in a batch.
    """
    wanted = whole_number("batches", batches)
    if wanted < 1:
        raise unexpected("batches", "at least 1", wanted)
    found = json_of(items)
    if found is None:
        return []
    count = len(found) if isinstance(found, list) else whole_number("items, where they aren't a list", found)
    if count < 0:
        raise unexpected("items", "at least 0", count)
    number = min(wanted, count)
    if number > _MAX_BATCHES:
        raise unexpected("batches", f"at most {_MAX_BATCHES}", number)
    return [count // number + (index < count % number) for index in range(number)]


CALCULATE_BATCH = Function(
    "Fn::CalculateBatch",
    call,
    (Argument("batches", NUMBER), Argument("items", ANY)),
    FIXED,
    result=LIST,
    example=([5, ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]], [3, 3, 2, 2, 2]),
    undocumented=True,
)
