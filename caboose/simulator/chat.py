"""The robot's address as HTTP: `POST /robot/send?access_token=...`."""

import json
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from caboose.simulator.exchange import Answer, exchange
from caboose.simulator.faults import ROBOT, Fault
from caboose.simulator.robot import Post, RobotError
from caboose.simulator.state import World


async def robot_send(request: Request, world: World) -> Response:
    """Take one message for a group."""
    raw = await request.body()
    query = dict(request.query_params)
    token = query.pop("access_token", "")
    call = world.calls.receive(
        ROBOT,
        {"access_token": f"***{token[-4:]}", **query, "body": _readable(raw)},
        request_id=str(uuid.uuid4()).upper(),
    )
    post = Post(token, query, request.headers.get("content-type", ""), raw)

    def carry_out() -> Answer:
        try:
            world.robot.send(post)
        except RobotError as error:
            return _answer(error.errcode, error.errmsg)
        return _answer(0, "ok")

    return await exchange(request, call, world.faults.take(ROBOT), carry_out, _fault_error)


def _answer(errcode: int, errmsg: str, status: int = 200) -> Answer:
    return Answer(status, {"errcode": errcode, "errmsg": errmsg}, str(errcode) if errcode else "")


def _fault_error(fault: Fault) -> Answer:
    if fault.errcode is not None and fault.body is None:
        return _answer(fault.errcode, fault.message, fault.http_status or 200)
    status = fault.http_status or 200
    text = fault.body if fault.body is not None else fault.message
    return Answer(status, text, str(fault.errcode or status))


def _readable(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")
