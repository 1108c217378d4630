"""The properties that a task gives, while they are checked: their values, where each stands, and what to say of it."""

from typing import Any

from caboose.oos.actions.kinds import is_computed
from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path


def is_set(value: Any) -> bool:
    """Whether a property is given: null and the empty text are "not set" (reference section 2.5)."""
    return value is not None and value != ""


class Given:
    """What a task gives to its action. ``values`` has the declared spellings.

    Problems are put where the template has the property, in the template's own spelling.
    """

    def __init__(self, reader: Reader, owner: str, path: Path, values: dict[str, Any], written: dict[str, str]) -> None:
        self.owner = owner
        self.path = path
        self.values = values
        self._reader = reader
        self._written = written

    def __contains__(self, name: str) -> bool:
        return is_set(self.values.get(name))

    def literal(self, name: str) -> Any:
        """The value if it is given and known before anything runs, else None."""
        value = self.values.get(name)
        return value if is_set(value) and not is_computed(value) else None

    def is_computed(self, name: str) -> bool:
        """Whether the value is given and only running tells it."""
        return is_computed(self.values.get(name))

    def place(self, name: str) -> Path:
        """Where the property stands; the whole map when it doesn't."""
        return (*self.path, self._written[name]) if name in self._written else self.path

    def error(self, id: str, message: str, name: str = "", hint: str = "") -> None:
        """Reports what stops a start."""
        self._reader.error(id, message, self.place(name), hint)

    def warning(self, id: str, message: str, name: str = "", hint: str = "") -> None:
        """Reports what doesn't stop a start."""
        self._reader.warning(id, message, self.place(name), hint)

    def not_supported(self, what: str, name: str) -> None:
        """Refuses what exists in OOS and doesn't run here yet."""
        self._reader.not_supported(what, self.place(name))
