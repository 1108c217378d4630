"""The library: product actions and public templates by name, as texts.

A product action (``ACS::ECS::RebootInstance``) is a template that somebody wrote; compiling a task that uses it
compiles that template too. A public template (``ACS-ECS-BulkyRebootInstances``) is one that people start. This module
only holds texts; ``caboose.library_folders`` reads them from disk, so that the language stays without I/O.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from caboose.oos.loading import MAX_BYTES, Document, load
from caboose.oos.problems import Problem

ACTION_SIGN = "::"
"""What the name of an action holds, and that of a template can't."""


@dataclass(frozen=True)
class Source:
    """One template of a library: its name as written on disk, its text, and where it came from.

    ``origin`` is for people (``library/ECS/RebootInstance.yml``), ``path`` for programs. ``fault`` is why the text
    couldn't be read; there is no text then.
    """

    name: str
    text: str
    origin: str = ""
    path: str = ""
    fault: Problem | None = None

    @property
    def is_action(self) -> bool:
        """Whether it is a product action, and not a template that people start."""
        return ACTION_SIGN in self.name

    def load(self, max_bytes: int = MAX_BYTES) -> tuple[Document | None, list[Problem]]:
        """The loaded template, or the problems that stop it from being read."""
        return (None, [self.fault]) if self.fault else load(self.text, max_bytes)


class Library:
    """Templates by name, looked up without regard to letter case; the first of several with one name is meant.

    It never changes once it is made: plans are cached by the library that they were compiled with. ``max_bytes`` is how
    large a template may be wherever this library is used.
    """

    def __init__(self, sources: Iterable[Source] = (), max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._sources: dict[str, list[Source]] = {}
        for source in sources:
            self._sources.setdefault(source.name.casefold(), []).append(source)
        meant = [same[0] for same in self._sources.values()]
        self._names = sorted(source.name for source in meant if source.is_action)
        self._templates = sorted(source.name for source in meant if not source.is_action)

    def find(self, name: str) -> Source | None:
        """The product action or public template of this name, if there is one."""
        same = self._sources.get(name.casefold())
        return same[0] if same else None

    def hidden(self, name: str) -> list[Source]:
        """The others of this name, which are never used because one before them has it."""
        return self._sources.get(name.casefold(), [])[1:]

    def names(self) -> list[str]:
        """Every product action, in order of name."""
        return list(self._names)

    def templates(self) -> list[str]:
        """Every public template, in order of name."""
        return list(self._templates)
