"""The nearest of many names: what somebody meant who wrote another.

``difflib`` alone takes a tenth of a millisecond for each pair of names, so that two hundred wrong names in a template
with a thousand right ones would take half a minute. Here the names that share the most pairs of letters are found by an
index first, and ``difflib`` decides between those few.
"""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, islice, pairwise

MAX_NAME = 100
MAX_CANDIDATES = 1_000
_COMPARED = 5
_CUTOFF = 0.6

_Index = dict[tuple[str, str], list[int]]


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is nearest, in whatever letter case; nothing when none is near.

    Only the first ``MAX_CANDIDATES`` names are looked at, and nothing is near to what is longer than ``MAX_NAME``.
    """
    if len(name) > MAX_NAME:
        return ""
    names = tuple(islice(known, MAX_CANDIDATES))
    lowered, index = _indexed(names)
    wanted = name.lower()
    pairs = _pairs(wanted)
    shared = Counter(chain.from_iterable(index.get(pair, ()) for pair in pairs))
    likely = sorted(shared, key=lambda place: -shared[place] / (len(pairs) + len(lowered[place])))[:_COMPARED]
    candidates = {lowered[place]: names[place] for place in sorted(likely, reverse=True)}  # of twins the first
    near = get_close_matches(wanted, candidates, n=1, cutoff=_CUTOFF)
    return candidates[near[0]] if near else ""


@lru_cache(maxsize=64)
def _indexed(names: tuple[str, ...]) -> tuple[list[str], _Index]:
    """The names in lower case, and for each pair of letters the places of those that have it."""
    lowered = [each.lower() for each in names]
    index: _Index = {}
    for place, each in enumerate(lowered):
        for pair in dict.fromkeys(_pairs(each)):
            index.setdefault(pair, []).append(place)
    return lowered, index


def _pairs(name: str) -> list[tuple[str, str]]:
    """Letters that stand beside each other; the begin and the end count as letters."""
    return list(pairwise(f"\n{name}\n"))
