"""What an action's handler is given beside its properties."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from caboose.engine.effects import Answered, Call
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.engine.frame import Frame
from caboose.engine.state import TaskRun
from caboose.oos.actions import is_read, takes_client_token
from caboose.oos.plan import OutputSpec, Task
from caboose.oos.problems import shortened

_MAX_ABOUT = 200
"""Characters of the machines that a call's summary names: the record keeps it with every call."""


@dataclass
class TaskContext:
    """The task being run, its task execution, the loop item it is for, and the selectors of its outputs as texts.

    A handler that decides where the execution goes on (``ACS::Choice``) sets ``jump``: a task's name, ``ACS::NEXT`` or
    ``ACS::END``.
    """

    frame: Frame
    task: Task
    run: TaskRun
    item: Any = None
    outputs: dict[str, OutputSpec] = field(default_factory=dict)
    jump: str | None = None

    def call(self, properties: dict[str, Any]) -> Call:
        """The API call that the properties of ExecuteAPI and WaitFor describe.

        Raises:
            TaskFailed: ``InvalidProperty``, when a reference gave something that can't be called.
        """
        service, api = properties.get("Service"), properties.get("API")
        parameters = properties.get("Parameters") or {}
        if not isinstance(service, str) or not isinstance(api, str) or not isinstance(parameters, dict):
            raise TaskFailed("InvalidProperty", "Service and API are strings and Parameters a map")
        about = parameters.get("InstanceId") or parameters.get("InstanceIds") or ""
        words = " ".join(map(str, about)) if isinstance(about, list) else str(about)
        place = self.frame.place(parameters, f"{self.task.name} {api} {shortened(words, _MAX_ABOUT)}".strip())
        return Call(place, service, api, parameters, self.outputs, is_read(api), self._client_token(service, api))

    async def traced(
        self, service: str, api: str, summary: str, call: Awaitable[Answered], *, cut_off: str = "InFlight"
    ) -> Answered:
        """Awaits a call, and keeps with the task execution what was called and what came of it; ``cut_off`` is what
        that is where a cancellation ends it."""
        kept = {
            "Service": service,
            "API": api,
            "Summary": summary,
            "RequestId": "",
            "At": self.frame.run.now(),
            "Outcome": "InFlight",
        }
        self.frame.keep_call(self.run, kept)
        try:
            answered = await call
        except TaskFailed as failure:
            kept.update(Outcome=failure.code, RequestId=failure.request_id)
            raise
        except OutcomeUnknown:
            kept["Outcome"] = "Unknown"
            raise
        except asyncio.CancelledError:
            kept["Outcome"] = cut_off
            raise
        kept.update(Outcome="Answered", RequestId=answered.request_id)
        return answered

    def _client_token(self, service: str, api: str) -> str:
        """What makes a repeated call the same one for the cloud: of this task execution and of its attempt, so that
        what people ask for once more is done once more (design section 5)."""
        if not takes_client_token(service, api):
            return ""
        return sha256(f"{self.run.id} attempt {self.run.attempt}".encode()).hexdigest()
