"""One call from its receipt to its answer, with the fault it meets: the same for the cloud and for the robot.

How a call is carried out and how a fault's error looks on the wire differ; when things happen doesn't.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from caboose.simulator.calls import ABANDONED, DROPPED_AFTER, DROPPED_BEFORE, Call
from caboose.simulator.faults import Fault


@dataclass(frozen=True)
class Answer:
    """What goes back. ``code`` is empty for a success; a text as content goes out raw. ``repeated`` is the answer to a
    call that was carried out before and wasn't this time."""

    status: int
    content: Mapping[str, Any] | str
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeated: bool = False


async def exchange(
    request: Request,
    call: Call,
    fault: Fault | None,
    carry_out: Callable[[], Answer],
    error_of: Callable[[Fault], Answer],
) -> Response:
    """Carry the call out and answer it, or go wrong the way the fault says."""

    def done() -> Answer:
        answer = carry_out()
        call.carried_out = not answer.code and not answer.repeated
        return answer

    if fault is None:
        return respond(call, done())
    if fault.kind == "drop_before":
        return await hang_up(request, call, DROPPED_BEFORE)
    if fault.kind == "drop_after":
        done()
        return await hang_up(request, call, DROPPED_AFTER)
    if fault.kind == "error":
        if fault.carried_out:
            done()
        return respond(call, error_of(fault))
    return await _late(request, call, fault, done)


async def _late(request: Request, call: Call, fault: Fault, done: Callable[[], Answer]) -> Response:
    # A caller that goes away stops nothing: a server that has a request works on it.
    answer = done() if fault.when == "after" else None
    await asyncio.sleep(fault.seconds)
    answer = answer or done()
    if await request.is_disconnected():
        call.ended(ABANDONED)
        return Response()
    return respond(call, answer)


def respond(call: Call, answer: Answer) -> Response:
    """The answer as HTTP, noted in the call's entry."""
    call.answered(answer.status, answer.code)
    headers = dict(answer.headers)
    if isinstance(answer.content, str):
        return Response(answer.content, answer.status, headers, "text/html; charset=utf-8")
    return JSONResponse(answer.content, answer.status, headers)


async def hang_up(request: Request, call: Call, outcome: str) -> Response:
    """End the TCP connection without a byte of an answer (`server.py` puts the connection within reach)."""
    call.ended(outcome)
    request.state.connection.transport.abort()
    await request.receive()  # returns once the server has noticed; what we return after that goes nowhere
    return Response()
