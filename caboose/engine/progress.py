"""How far a loop has come, and where an execution failed: plain data that outlives whoever runs it.

The progress goes from run to run of a large loop's workflow, and with the checkpoint into the execution that retries a
failed one. It has no items that run: whoever hands it on lets them finish first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from caboose.engine.errors import TaskFailed
from caboose.oos.values import MAX_VALUE_BYTES, json_size

_KEPT_MESSAGES = 3


@dataclass
class Progress:
    """Items by their index: ``next`` is the first that was never taken, ``again`` are those to be run once more.

    ``columns`` are the collected outputs, a value for each item and null where there is none; ``paused`` is the number
    of batches after which people were asked already, ``messages`` are the first failures, ``replaced`` the properties
    that people gave anew with a retry. ``in_doubt`` counts what may or may not have been carried
    out in items that are over: while there is any, no item is run again. ``carried_out`` counts the failed items whose
    call was carried out: people who run them again are told so.
    """

    next: int = 0
    again: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    succeeded: int = 0
    skipped: int = 0
    paused: int = 0
    attempt: int = 1
    columns: dict[str, list[Any]] = field(default_factory=dict)
    size: int = 0
    replaced: dict[str, Any] = field(default_factory=dict)
    in_doubt: int = 0
    carried_out: int = 0

    def fail(self, index: int, message: str) -> None:
        """The item failed."""
        self.failed.append(index)
        if len(self.messages) < _KEPT_MESSAGES:
            self.messages.append(message)

    def retry(self) -> None:
        """The failed items run again, and those that were to but hadn't yet, before those that were never taken."""
        self.again, self.failed, self.messages = sorted([*self.failed, *self.again]), [], []
        self.attempt, self.carried_out = self.attempt + 1, 0

    def skip(self) -> list[int]:
        """The failed items are left out; gives them. What is asked next is another question than this was."""
        left_out, self.failed, self.messages = self.failed, [], []
        self.skipped += len(left_out)
        self.attempt, self.carried_out = self.attempt + 1, 0
        return left_out

    def collect(self, index: int, count: int, values: dict[str, Any]) -> None:
        """Keeps what an item of ``count`` gave, as long as all of it together may be a value.

        It takes the place of what an earlier attempt of the item gave.
        """
        for column in self.columns.values():
            if column[index] is not None:
                self.size -= json_size(column[index])
                column[index] = None
        for name, value in values.items():
            if value is None:
                continue
            self.size += json_size(value)
            if self.size <= MAX_VALUE_BYTES:
                self.columns.setdefault(name, [None] * count)[index] = value

    def column(self, name: str, count: int) -> list[Any]:
        """The values of one output, a value for each item.

        Raises:
            TaskFailed: ``ValueTooLarge``.
        """
        if self.size > MAX_VALUE_BYTES:
            message = f"the items' outputs have more than {MAX_VALUE_BYTES} bytes together; select less in each item"
            raise TaskFailed("ValueTooLarge", message)
        return self.columns.get(name, [None] * count)


@dataclass
class Begun:
    """A loop that was begun: its items and rate control as they were evaluated, and how far it has come."""

    items: Sequence[Any]
    control: Any
    progress: Progress


@dataclass
class Checkpoint:
    """Where an execution failed: the task, what the others had given by then, and how far its loop was."""

    task: str
    outputs: dict[str, dict[str, Any]]
    begun: Begun | None = None
    targets: dict[str, Any] | None = None

    def to_retry(self, *, failed_items_only: bool) -> "Checkpoint":
        """The same, ready to run again: items that went well stay done.

        Args:
            failed_items_only: items that were never started are left out.
        """
        if self.begun:
            self.begun.progress.retry()
            if failed_items_only:
                self.begun.progress.skipped += len(self.begun.items) - self.begun.progress.next
                self.begun.progress.next = len(self.begun.items)
        return self
