"""What people do to an execution that runs for real: by signal, by update, by the API, whichever it is this time.

Whoever is too late, or sends what is no decision, is refused, and in no other way than these.
"""

import asyncio
import json
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from tests.generator.case import made
from tests.generator.people import Step
from workflows.messages import GET_EXECUTION, LIST_TASK_EXECUTIONS, LOOP_CHANGED, NOTIFY_AGAIN, NOTIFY_EXECUTION

_AT_ONCE = 100
_SECONDS_A_MOMENT = 0.01
_REFUSED = (400, 404, 409, 413)
_LATE = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
_NO_ANSWER = (503, 504)
_ODD_QUERIES: tuple[Any, ...] = (
    None, 17, "x", [], {}, {"MaxResults": "many"}, {"MaxResults": -1}, {"NextToken": 5}, {"NextToken": "x"},
    {"ParentTaskExecutionId": []}, {"IncludeChildTaskExecution": "yes", "MaxResults": 10**30},
)  # fmt: skip


@dataclass
class Execution:
    """An execution as people reach it."""

    client: Client
    http: httpx.AsyncClient
    id: str
    random: Random
    cancelled: bool = False

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """It, as a Temporal client has it."""
        return self.client.get_workflow_handle(self.id)

    async def record(self) -> dict[str, Any]:
        """Its record, by its own words; nothing when it isn't one that answers."""
        try:
            found: dict[str, Any] = await self.handle.query(GET_EXECUTION)
        except RPCError as error:
            assert error.status in _LATE, error
            return {}
        return found

    async def do(self, step: Step) -> None:
        """Something that people do in a case."""
        match step["Do"]:
            case "cancel":
                await self.cancel()
            case "answer":
                waiting = (await self.record()).get("Waiting", [])
                if waiting:
                    await self.answer(waiting[step["Wait"] % len(waiting)], step)
            case "notify":
                await self.notify(await self._filled(step["Body"]))
            case "flood":
                await self._flood(await self._filled(step["Body"]), step["Times"])
            case "again":
                await self._update(NOTIFY_AGAIN)
            case "odd":
                await self._signal(step["Signal"], await self._filled(step["Inputs"]))
            case _:
                await self._ask(self.random.choice(_ODD_QUERIES))
                await self._send_what_is_no_json()

    @staticmethod
    def seconds(moments: int) -> float:
        """How long so many moments of a case are here."""
        return moments * _SECONDS_A_MOMENT

    async def answer(self, wait: dict[str, Any], step: Step) -> None:
        """Something that waits gets an answer that it accepts."""
        kind = wait["Accepts"][step["Type"] % len(wait["Accepts"])]
        body: dict[str, Any] = {
            "NotifyType": kind,
            "TaskExecutionId": wait["TaskExecutionId"],
            "Attempt": wait["Attempt"],
        }
        voted = [vote["Approver"] for vote in wait["Votes"]]
        body["Approver"] = next((name for name in wait["Approvers"] if name not in voted), f"person {len(voted)}")
        for name in ("Approver", "NotifyNote"):
            body.update({name: step[name]} if name in step else {})
        if kind in ("RetryTask", "ExecuteTask") and wait["Kind"] != "OutcomeUnknown":
            body["Parameters"] = step.get("Parameters", {})
        await self.notify(made(body))

    async def notify(self, body: Any) -> None:
        """NotifyExecution, in one of its ways."""
        way = self.random.randrange(3)
        if way == 0:
            await self._signal(NOTIFY_EXECUTION, [body])
        elif way == 1:
            await self._update(NOTIFY_EXECUTION, body)
        else:
            await self._post("notify", body)

    async def cancel(self) -> None:
        """CancelExecution, in one of its ways."""
        self.cancelled = True
        if self.random.random() < 0.5:
            await self._post("cancel", {"Reason": "somebody \u754c wants it"})
            return
        try:
            await self.handle.cancel()
        except RPCError as error:
            assert error.status in _LATE, error

    async def _flood(self, body: Any, times: int) -> None:
        for first in range(0, times, _AT_ONCE):
            many = min(_AT_ONCE, times - first)
            await asyncio.gather(*(self._signal(NOTIFY_EXECUTION, [body]) for _ in range(many)))

    async def _signal(self, name: str, inputs: list[Any]) -> None:
        try:
            await self.handle.signal(name, args=inputs)
        except RPCError as error:
            assert error.status in _LATE, error

    async def _update(self, name: str, *inputs: Any) -> None:
        try:
            await self.handle.execute_update(name, args=list(inputs))
        except WorkflowUpdateFailedError as error:
            assert isinstance(error.cause, ApplicationError), error.cause
        except RPCError as error:
            assert error.status in _LATE, error

    async def _post(self, what: str, body: Any) -> None:
        headers = {"Content-Type": "application/json"}
        address = f"/executions/{self.id}/{what}"
        answer = await self.http.post(address, content=json.dumps(body).encode(), headers=headers)
        if answer.is_success or answer.status_code in _NO_ANSWER:
            return
        assert answer.status_code in _REFUSED, answer.text
        refusal = answer.json()
        assert refusal["Code"], answer.text
        assert refusal["Message"], answer.text

    async def _send_what_is_no_json(self) -> None:
        metadata = {"encoding": self.random.choice((b"json/plain", b"binary/plain", b"none", b""))}
        odd = RawValue(Payload(metadata=metadata, data=self.random.choice((b"", b"{oops", b"\xff", b"[" * 100_000))))
        await self._signal(self.random.choice((NOTIFY_EXECUTION, LOOP_CHANGED, "Oops")), [odd])
        await self._update(NOTIFY_EXECUTION, odd)

    async def _ask(self, query: Any) -> None:
        try:
            await self.handle.query(LIST_TASK_EXECUTIONS, query)
        except RPCError as error:
            assert error.status in _LATE, error

    async def _filled(self, body: Any) -> Any:
        """The body with the id of something that waits, or that ran."""
        text = json.dumps(body)
        if "$id" in text:
            record = await self.record()
            known = [each["TaskExecutionId"] for each in (*record.get("Waiting", []), *record.get("Tasks", []))]
            text = text.replace("$id", [*known, "exec-none"][0])
        return made(json.loads(text))
