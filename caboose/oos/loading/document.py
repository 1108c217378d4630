"""A loaded template: its plain value, and where each node of it stands."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in the text; line and column count from 1."""

    line: int
    column: int


NOWHERE = Mark(0, 0)


@dataclass
class Document:
    """A loaded template: its plain value, the places of its nodes, and the text they are places in."""

    value: Any
    marks: dict[Path, Mark] = field(default_factory=dict)
    text: str = ""

    def mark(self, path: Path) -> Mark:
        """The place of the node at ``path``, or of the nearest node above it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, NOWHERE)
