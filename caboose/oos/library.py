"""The library: product actions by name, as the text of templates.

A product action (``ACS::ECS::RebootInstance``) is a template that somebody wrote; compiling a task that uses it
compiles that template too. This module only holds texts; ``caboose.library_folders`` reads them from disk, so that the
language stays without I/O.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One product action: its name as written on disk, its template's text, and where it came from."""

    name: str
    text: str
    origin: str = ""


class Library:
    """Product actions, looked up without regard to letter case; the first of two with the same name wins."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._sources: dict[str, Source] = {}
        for source in sources:
            self._sources.setdefault(source.name.casefold(), source)

    def find(self, name: str) -> Source | None:
        """The product action of this name, if there is one."""
        return self._sources.get(name.casefold())

    def names(self) -> list[str]:
        """Every product action, in order of name."""
        return sorted(source.name for source in self._sources.values())
