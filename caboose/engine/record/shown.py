"""What people see of values: without secrets, and small enough to travel.

Two kinds of secrets are taken out: what looks like one (``oos.redact``), and the values of secret parameters, which the
execution knows (``Hide``). Ids, names, statuses and dates stay as they are, whatever a secret may be: a parameter whose
secret value is ``Success`` must not make an execution look as if it had no status.
"""

from collections.abc import Callable, Iterable
from typing import Any

from caboose.oos.problems import shortened
from caboose.oos.redact import MASK, is_secret_header, looks_secret, redact_text
from caboose.oos.values import compact_json, json_size

Hide = Callable[[str], str]
"""Takes the values of an execution's secret parameters out of a text: ``Run.hide``."""

MAX_RECORD_BYTES = 700_000
MAX_VALUE = 20_000
MAX_ITEM = 2_000
MAX_ROW = 60_000
MAX_BRIEF = 300
LEFT_OUT = "(left out: the record would be too large)"

# fmt: off
_EXACT = frozenset({
    "API", "Accepted", "Accepts", "At", "Attempt", "Category", "ChildExecutionId", "Code", "Column", "Count",
    "CreateDate", "Decision", "DecisionId", "Delivered", "EndDate", "ExecutionId", "FirstRunId", "Id", "IsParent",
    "Kind", "Line", "LoopBatchNumber", "LoopMode", "MissingCount", "Mode", "NotifyType", "Number",
    "ParentExecutionId", "ParentTaskExecutionId", "Path", "RegionId", "RequestId", "Required", "RetryOf", "Revision",
    "SafetyCheck", "Service", "Severity", "Since", "StartDate", "Status", "StatusReason", "TaskAction",
    "TaskExecutionId", "TaskName", "Tasks", "TemplateHash", "TemplateName", "TemplateVersion", "Until", "UpdateDate",
    "WaitingStatus",
})
# fmt: on
"""Fields that say what something is, and that others look for: never hidden."""


def nothing_hidden(text: str) -> str:
    """``Hide`` of an execution that has no secrets yet."""
    return text


class Veil:
    """Takes secrets out of values; one for a record, because the same texts come again and again."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide
        self._seen: dict[str, str] = {}

    def text(self, text: str) -> str:
        """A text without secrets."""
        shown = self._seen.get(text)
        if shown is None:
            shown = self._seen[text] = self._hide(redact_text(text))
        return shown

    def value(self, value: Any) -> Any:
        """A value without secrets: every string and every number in it, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(child) for key, child in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(child) for child in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            written = compact_json(value)
            return value if self.text(written) == written else MASK
        return value

    def properties(self, value: Any) -> Any:
        """The properties of a task: also what has the name of a secret isn't shown, nor headers that say who asks."""
        if isinstance(value, dict):
            return {self.text(name): self._property(name, child) for name, child in value.items()}
        if isinstance(value, list):
            return [self.properties(child) for child in value]
        return self.value(value)

    def _property(self, name: str, value: Any) -> Any:
        if looks_secret(name) and isinstance(value, str | int | float) and not isinstance(value, bool):
            return MASK
        if name.lower() == "headers" and isinstance(value, dict):
            value = {header: MASK if is_secret_header(header) else child for header, child in value.items()}
        return self.properties(value)

    def fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Fields of our own making, of which those that say what something is stay as they are."""
        return {name: value if name in _EXACT else self.value(value) for name, value in fields.items()}


def bounded(values: dict[str, Any] | None, limit: int = MAX_VALUE) -> dict[str, Any] | None:
    """Values as the record shows them: a large one is named, not copied (the result of the workflow is whole)."""
    if values is None:
        return None
    sizes = {name: json_size(value) for name, value in values.items()}
    return {
        name: value if sizes[name] <= limit else f"({sizes[name]} bytes, left out here)"
        for name, value in values.items()
    }


def shown_item(item: Any) -> Any:
    """A loop item, unless it is a large one."""
    return item if json_size(item) <= MAX_ITEM else LEFT_OUT


def within(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of the task executions, as many as one message holds; at least one, so that who pages gets on."""
    room = MAX_RECORD_BYTES
    kept: list[dict[str, Any]] = []
    for task in tasks:
        room -= json_size(task) + 2
        if room < 0 and kept:
            break
        kept.append(task)
    return kept


def row(task: dict[str, Any]) -> dict[str, Any]:
    """A task execution of a size that a list of them bears."""
    return task if json_size(task) <= MAX_ROW else bare(task)


def bare(task: dict[str, Any]) -> dict[str, Any]:
    """A task execution without the parts that templates make large."""
    return {
        **task,
        "Outputs": {"": LEFT_OUT} if task["Outputs"] else {},
        "Properties": {"": LEFT_OUT} if task["Properties"] else {},
        "Calls": task["Calls"][-1:],
        "Waits": task["Waits"][-1:],
        "StatusMessage": shortened(task["StatusMessage"], MAX_BRIEF),
    }


def brief(wait: dict[str, Any]) -> dict[str, Any]:
    """Something that waits, with the beginning of its message."""
    return {**wait, "Message": shortened(wait["Message"], MAX_BRIEF)}
