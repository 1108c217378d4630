"""Items packed: as the JSON texts of pages, of which one at a time is unpacked.

The workflow of a large loop is given its items anew for each of its runs, and a worker frees what an earlier run held
only now and then: a hundred thousand objects several times over would fill its memory, texts don't.
"""

import json
from collections.abc import Sequence
from typing import Any, overload

_PAGE = 1_000


def pack(items: Sequence[Any]) -> list[str]:
    """The pages of the items, as JSON."""
    return [json.dumps(list(items[begin : begin + _PAGE])) for begin in range(0, len(items), _PAGE)]


class PackedItems(Sequence[Any]):
    """Items by index, out of their pages; all of them but the last are full."""

    def __init__(self, pages: list[str]) -> None:
        self._pages = pages
        self._number = len(pages) - 1
        self._page: list[Any] = json.loads(pages[-1]) if pages else []
        self._count = max(0, self._number) * _PAGE + len(self._page)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._count))]
        if not 0 <= index < self._count:
            raise IndexError(index)
        if index // _PAGE != self._number:
            self._number = index // _PAGE
            self._page = json.loads(self._pages[self._number])
        return self._page[index % _PAGE]
