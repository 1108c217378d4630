"""Pages by key: a token says after which row to go on, so a page costs the same wherever it is.

Road not taken: OFFSET. It counts through all rows before the page, and rows that come or go in between are
shown twice or never.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from caboose.store.errors import InvalidNextToken
from caboose.store.types import keepable

T = TypeVar("T")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items, and the token of the page after them ("" on the last page)."""

    items: list[T]
    next_token: str


def page_of(
    listing: str,
    rows: Sequence[Row],
    max_results: int,
    item: Callable[[Row], T],
    key: Callable[[Row], tuple[str, ...]],
) -> Page[T]:
    """The page made of ``rows``, of which one more than ``max_results`` was asked for."""
    shown = rows[:max_results]
    more = len(rows) > max_results
    return Page([item(row) for row in shown], make_token(listing, key(shown[-1])) if more else "")


def page_size(max_results: int) -> int:
    """How many rows to ask for: one more than shown tells whether there is another page.

    Raises:
        ValueError: when a page of that size makes no sense.
    """
    if max_results < 1:
        raise ValueError("a page has at least one item")
    return max_results + 1


def read_token(listing: str, token: str, parts: int) -> tuple[str, ...]:
    """The key in a token of ``listing``.

    Raises:
        InvalidNextToken: when the token isn't one of this listing.
    """
    try:
        made_for, *key = json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        made_for, key = None, []
    texts = [part for part in key if isinstance(part, str) and keepable(part)]
    if made_for != listing or len(key) != parts or len(texts) != parts:
        raise InvalidNextToken("NextToken is not one that this listing has given")
    return tuple(texts)


def make_token(listing: str, key: tuple[str, ...]) -> str:
    """The token of the page of ``listing`` that goes on after the row with this key."""
    return base64.urlsafe_b64encode(json.dumps([listing, *key]).encode()).decode()
