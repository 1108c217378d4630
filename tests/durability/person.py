"""Whoever is asked about calls whose outcome nobody knows, and does what the message says: looks at the machine first.

What was carried out is skipped, what was not is sent again. Requests that meet no API or no worker are made once more
after another look, as people do.
"""

from typing import Any

import httpx

from tests.durability.work import TASKS
from tests.support.stack import FINAL, Stack

_API = {task: api for api, task in TASKS.items()}

Question = tuple[str, str]
"""A machine and an API."""


class Person:
    """Decides about executions until they end."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.decided: dict[Question, set[tuple[str, int]]] = {}
        """What was said about each, and of which attempt."""

    def has_seen_the_end_of(self, *executions: str) -> bool:
        """Looks at each of them; whether all have ended."""
        return [self._look(each) for each in executions].count(False) == 0

    def _look(self, execution_id: str) -> bool:
        """Looks at the execution and decides what waits; whether it has ended."""
        try:
            answer = self._stack.http.get(f"/executions/{execution_id}")
            if answer.status_code == 503:
                return False
            assert answer.status_code == 200, answer.text
            record: dict[str, Any] = answer.json()["Execution"]
            if record["Status"] in FINAL:
                return True
            for wait in record["Waiting"] if "AsOf" not in record else ():
                if not self._decide(execution_id, wait):
                    break
        except httpx.TransportError:
            pass  # the API is away
        return False

    def _decide(self, execution_id: str, wait: dict[str, Any]) -> bool:
        """Whether somebody was there to be told."""
        assert wait["Kind"] == "OutcomeUnknown", wait
        assert "may or may not have been carried out" in wait["Message"], wait
        machine, api = wait["LoopItem"], _API[wait["TaskName"]]
        done = any(call["carried_out"] for call in self._stack.simulator.calls(api, machine))
        word = "SkipTask" if done else "RetryTask"
        self.decided.setdefault((machine, api), set()).add((word, wait["Attempt"]))
        note = "it was carried out" if done else "it was not carried out"
        about = {"TaskExecutionId": wait["TaskExecutionId"], "Attempt": wait["Attempt"], "NotifyNote": note}
        answer = self._stack.notify(execution_id, word, **about)
        assert answer.status_code in (200, 409, 503), answer.text
        return answer.status_code != 503
