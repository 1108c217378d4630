"""The log of calls: one entry for each request, there from the moment it is received.

An entry is written before the call is carried out and completed afterwards, so that a test which kills a worker can
prove which case it hit: received and unanswered, or answered. A log written at the end couldn't tell them apart.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger(__name__)

RECEIVED = "received"
ANSWERED = "answered"
DROPPED_BEFORE = "dropped_before"
DROPPED_AFTER = "dropped_after"
ABANDONED = "abandoned"


def now_text() -> str:
    """This moment in UTC with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass
class Call:
    """One request.

    ``outcome`` is ``received`` while it is handled, then ``answered``, ``error:<code>``, ``dropped_before``,
    ``dropped_after``, or ``abandoned`` when the caller had gone before a delayed answer. ``carried_out`` tells whether
    the call did what it was asked to, whatever the caller got to hear; not when it repeats one by its ClientToken.
    """

    item: int
    action: str
    parameters: Mapping[str, Any]
    request_id: str
    instance_id: str | None = None
    access_key_id: str = ""
    role: str = ""
    time: str = field(default_factory=now_text)
    outcome: str = RECEIVED
    carried_out: bool = False
    http_status: int | None = None
    answered_at: str | None = None

    def answered(self, status: int, code: str = "") -> None:
        """The answer goes out now; ``code`` names the error it tells."""
        self.http_status = status
        self.answered_at = now_text()
        self.ended(f"error:{code}" if code else ANSWERED)

    def ended(self, outcome: str) -> None:
        """Nothing more will come of it. Parameters stay out of the log: they may hold what is secret."""
        self.outcome = outcome
        log.info("%s %s: %s", self.action, self.instance_id or "", outcome)


class Calls:
    """Every call since the last reset, in the order of arrival."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def receive(
        self,
        action: str,
        parameters: Mapping[str, Any],
        request_id: str,
        instance_id: str | None = None,
        access_key_id: str = "",
    ) -> Call:
        """A new entry, visible at once."""
        call = Call(len(self._calls) + 1, action, parameters, request_id, instance_id, access_key_id)
        self._calls.append(call)
        return call

    def listed(self, action: str = "", instance_id: str = "", after: int = 0) -> list[dict[str, Any]]:
        """The entries behind number ``after``, of one action or one instance when these are given."""
        return [
            asdict(call)
            for call in self._calls[after:]
            if (not action or call.action == action) and (not instance_id or call.instance_id == instance_id)
        ]
