"""Notifications: what a NotifyExecution may look like (reference section 8.3).

Signal and update, link, API and Temporal client all send the same fields. Nothing in the input is trusted to have a
shape: a Temporal client may send anything. What is wrong with it by itself is said here; whether it fits the moment is
``decisions``' question.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from caboose.engine.state import (
    APPROVE,
    CANCEL_TASK,
    CANCELLED,
    COMPLETE_EXECUTION,
    EXECUTE_TASK,
    FAILED,
    REJECT,
    RETRY_TASK,
    SKIP_TASK,
    SUCCESS,
)
from caboose.oos.approvers import person_key
from caboose.oos.text import clean, clean_text
from caboose.oos.values import json_fault, json_size, same_json

KNOWN_TYPES = (APPROVE, REJECT, RETRY_TASK, SKIP_TASK, EXECUTE_TASK, CANCEL_TASK, COMPLETE_EXECUTION)
_WITH_PARAMETERS = (EXECUTE_TASK, RETRY_TASK)
_STATUSES = (SUCCESS, FAILED, CANCELLED)
_TEXTS = (
    "NotifyType",
    "NotifyNote",
    "Approver",
    "By",
    "Via",
    "DecisionId",
    "TaskExecutionId",
    "TaskName",
    "ExecutionStatus",
)
_MAX_NOTE = 2_000
_MAX_NAME = 200
_MAX_IDS = 100
_MAX_ID = 1_000
_MAX_ITEM_BYTES = 100_000
_MAX_PARAMETERS_BYTES = 100_000
_INVALID = "InvalidNotification"


@dataclass(frozen=True)
class Refused:
    """The notification changes nothing. ``code`` is for programs, ``message`` for people."""

    code: str
    message: str


@dataclass(frozen=True)
class Notification:
    """The fields of a NotifyExecution after their shapes were checked. ``by`` is who decided, as far as it is known,
    ``approver`` the name that was given; ``ids`` are all task executions that are meant, none for no address."""

    notify_type: str
    note: str
    by: str
    approver: str
    decision_id: str
    ids: tuple[str, ...] = ()
    task_name: str = ""
    attempt: int | None = None
    loop_item: Any = None
    parameters: dict[str, Any] = field(default_factory=dict)
    execution_status: str = ""

    @property
    def address(self) -> str:
        """The task executions that are meant, in one text that an outcome keeps."""
        return self.ids[0] + (f" and {len(self.ids) - 1} more" if len(self.ids) > 1 else "") if self.ids else ""

    @property
    def has_address(self) -> bool:
        """Whether it says which wait it is for."""
        return bool(self.ids or self.named_task) or self.loop_item is not None

    @property
    def named_task(self) -> str:
        """The name of the task that is addressed; ExecuteTask names the one that is to run."""
        return "" if self.notify_type == EXECUTE_TASK else self.task_name

    def is_for_item(self, item: Any) -> bool:
        """Whether a loop item is meant: itself, or by its JSON text, as a command line gives it."""
        if self.loop_item is None or same_json(item, self.loop_item):
            return True
        return not isinstance(item, str) and isinstance(self.loop_item, str) and _means(self.loop_item, item)


def _means(text: str, item: Any) -> bool:
    try:
        return same_json(json.loads(text), item)
    except (ValueError, RecursionError):
        return False


def read(body: Any) -> Notification | Refused:
    """The notification in a signal's or update's input."""
    if not isinstance(body, dict):
        return Refused(_INVALID, 'the input is one JSON object such as {"NotifyType": "Approve"}')
    try:
        return _read(body)
    except _Fault as fault:
        return Refused(_INVALID, str(fault))


class _Fault(Exception):
    """What is wrong with a notification by itself."""


def _read(body: dict[str, Any]) -> Notification:
    texts = {name: _text(body, name) for name in _TEXTS}
    kind = texts["NotifyType"]
    if kind not in KNOWN_TYPES:
        raise _Fault(f"NotifyType is one of {', '.join(KNOWN_TYPES)}, not {kind[:40]!r}")
    attempt = body.get("Attempt")
    if attempt is not None and (isinstance(attempt, bool) or not isinstance(attempt, int)):
        raise _Fault("Attempt is a whole number")
    item = body.get("LoopItem")
    if item is not None and (json_fault(item) or json_size(item) > _MAX_ITEM_BYTES):
        raise _Fault(f"LoopItem is a value of at most {_MAX_ITEM_BYTES} bytes that can be read as JSON")
    name = texts["Approver"][:_MAX_NAME]
    return Notification(
        notify_type=kind,
        note=texts["NotifyNote"][:_MAX_NOTE],
        by=_decider(texts["Via"], texts["By"], name),
        approver=name if person_key(name) else "",
        decision_id=texts["DecisionId"][:_MAX_NAME],
        ids=_ids(body, texts["TaskExecutionId"]),
        task_name=_bounded(texts["TaskName"], "TaskName", _MAX_NAME),
        attempt=attempt,
        loop_item=item,
        parameters=_parameters(body, kind),
        execution_status=_status(texts["ExecutionStatus"], kind),
    )


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _Fault(f"{name} is a string")
    return clean_text(value or "")


def _bounded(text: str, name: str, limit: int) -> str:
    """An address: one that was cut could be another's."""
    if len(text) > limit:
        raise _Fault(f"{name} has more than {limit} characters")
    return text


def _json_of(body: dict[str, Any], name: str) -> Any:
    """A field that is JSON, or its text, as OOS's API has it; None when it isn't given."""
    value = body.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else None
        except (ValueError, RecursionError):
            raise _Fault(f"{name} can't be read as JSON") from None
    return value


def _ids(body: dict[str, Any], one: str) -> tuple[str, ...]:
    several = _json_of(body, "TaskExecutionIds")
    if several is None:
        several = []
    if not isinstance(several, list) or len(several) > _MAX_IDS or not all(isinstance(each, str) for each in several):
        raise _Fault(f"TaskExecutionIds is a list of at most {_MAX_IDS} ids, or its JSON text")
    named = [one, *(clean_text(each) for each in several)]
    return tuple(dict.fromkeys(_bounded(each, "TaskExecutionId", _MAX_ID) for each in named if each))


def _parameters(body: dict[str, Any], kind: str) -> dict[str, Any]:
    given = _json_of(body, "Parameters")
    if given is None or given == {}:
        return {}
    if kind not in _WITH_PARAMETERS:
        raise _Fault(f"Parameters go with {' and '.join(_WITH_PARAMETERS)}, not with {kind}")
    if not isinstance(given, dict):
        raise _Fault("Parameters is a JSON object: property names of the task and their new values")
    fault = json_fault(given)
    if fault:
        raise _Fault(f"Parameters can't be used: {fault}")
    if json_size(given) > _MAX_PARAMETERS_BYTES:
        raise _Fault(f"Parameters has more than {_MAX_PARAMETERS_BYTES} bytes")
    made: dict[str, Any] = clean(given)
    return made


def _status(status: str, kind: str) -> str:
    if kind != COMPLETE_EXECUTION:
        if status:
            raise _Fault(f"ExecutionStatus goes with {COMPLETE_EXECUTION}, not with {kind}")
        return ""
    if status and status not in _STATUSES:
        raise _Fault(f"ExecutionStatus is one of {', '.join(_STATUSES)}, not {status[:40]!r}")
    return status or SUCCESS


def _decider(via: str, by: str, name: str) -> str:
    """Who decided, as far as it is known (design section 6: a name given with a link proves nothing).

    The way is what the notification says of itself. Whoever reaches the Temporal server may say anything there, as they
    may do anything there: Temporal's own access control is what stands before that.
    """
    gave = f', gave the name "{name}"' if name else ""
    if via == "link":
        return f"by link{gave}"
    if via == "api":
        return f'by API token "{by[:_MAX_NAME]}"{gave}'
    return f"by a Temporal client{gave}"
