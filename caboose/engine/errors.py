"""How a task can end other than well.

    EngineError
    ├── TaskFailed       the task failed, with a code and a message for people
    ├── OutcomeUnknown   a call that changes something may or may not have been carried out
    ├── TaskSkipped      it goes on without the task (SkipTask), or without an item of a loop
    ├── TaskCancelled    somebody cancelled this task alone (CancelTask, Mode Debug): OnCancel says what follows
    ├── Rejected         somebody entitled said no: the execution ends as Cancelled
    └── Completed        somebody ended the execution (CompleteExecution, Mode Debug)

A cancelled execution arrives as ``asyncio.CancelledError``, like everywhere in asyncio. Any other exception is a bug
of the engine: it parks the execution until a fix is deployed.
"""

from typing import Any

from caboose.oos.problems import shortened

MAX_MESSAGE = 2_000

LOOP_LOST = "LoopLost"
"""The code of a loop whose workflow was ended from outside: nobody knows how far it had come."""


class EngineError(Exception):
    """What the engine handles by itself."""


class TaskFailed(EngineError):
    """The task failed: ``code`` is the cloud's code or one of ours, ``message`` what a person reads; ``outputs`` are
    those that it gave all the same. ``carried_out``: its call is proven carried out, only its answer was of no use."""

    def __init__(
        self,
        code: str,
        message: str,
        request_id: str = "",
        outputs: dict[str, Any] | None = None,
        *,
        carried_out: bool = False,
    ) -> None:
        super().__init__(f"{code}: {shortened(message, MAX_MESSAGE)}")
        self.code = code
        self.message = shortened(message, MAX_MESSAGE)
        self.request_id = request_id
        self.outputs = outputs or {}
        self.carried_out = carried_out


class OutcomeUnknown(EngineError):
    """Nothing proves whether the call was carried out (design section 5)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TaskSkipped(EngineError):
    """The task is left out from here on. ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TaskCancelled(EngineError):
    """This task alone is cancelled. ``reason`` says by whom."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rejected(EngineError):
    """An approval was refused. ``reason`` says by whom and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Completed(EngineError):
    """The execution ends here with the status that somebody gave. ``reason`` says by whom."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
