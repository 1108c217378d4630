"""`/_simulator/...`: how a test sets the world up and looks at what happened in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from caboose.simulator.state import Simulator


class Reset(BaseModel):
    """What a reset may change; left out, the command line's value is back."""

    model_config = ConfigDict(extra="forbid")

    transition_seconds: float | None = Field(None, ge=0)
    max_credential_seconds: float | None = Field(None, gt=0)
    seed: int | None = None


def routes(simulator: Simulator) -> list[Route]:
    """The control routes over a simulator."""

    async def calls(request: Request) -> Response:
        query = request.query_params
        after = query.get("after", "0")
        listed = simulator.world.calls.listed(
            query.get("action", ""), query.get("instance_id", ""), int(after) if after.isdecimal() else 0
        )
        return JSONResponse({"calls": listed})

    async def messages(_request: Request) -> Response:
        return JSONResponse({"messages": simulator.world.robot.listed()})

    async def instances(request: Request) -> Response:
        if request.method == "PUT":
            return await _taken(request, simulator.world.instances.replace)
        listed = [{**instance.record, **instance.counts} for instance in simulator.world.instances]
        return JSONResponse({"instances": listed})

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            return await _taken(request, simulator.world.faults.add)
        if request.method == "DELETE":
            simulator.world.faults.clear()
        return JSONResponse({"faults": simulator.world.faults.listed()})

    async def commands(request: Request) -> Response:
        if request.method == "PUT":
            return await _taken(request, simulator.world.outcomes.replace)
        invocations = simulator.world.ecs.assistant.invocations
        return JSONResponse({"commands": [each.shown(output=True, plain=True) for each in invocations]})

    async def reset(request: Request) -> Response:
        return await _taken(request, lambda wanted: _reset(simulator, wanted), nothing={})

    async def roles(request: Request) -> Response:
        return await _taken(request, simulator.world.sts.replace_roles)

    async def groups(request: Request) -> Response:
        return await _taken(request, simulator.world.robot.configure)

    async def access_keys(request: Request) -> Response:
        return await _taken(request, simulator.world.keys.replace)

    return [
        Route("/_simulator/calls", calls),
        Route("/_simulator/messages", messages),
        Route("/_simulator/instances", instances, methods=["GET", "PUT"]),
        Route("/_simulator/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/_simulator/commands", commands, methods=["GET", "PUT"]),
        Route("/_simulator/reset", reset, methods=["POST"]),
        Route("/_simulator/roles", roles, methods=["PUT"]),
        Route("/_simulator/groups", groups, methods=["PUT"]),
        Route("/_simulator/access-keys", access_keys, methods=["PUT"]),
    ]


def _reset(simulator: Simulator, wanted: Any) -> int:
    changes = Reset.model_validate(wanted).model_dump(exclude_none=True)
    simulator.reset(replace(simulator.options, **changes))
    return 0


async def _taken(request: Request, take: Callable[[Any], int | None], nothing: Any = None) -> Response:
    """Give a request's JSON to what takes it; a refusal is a 400 that says what was wrong."""
    try:
        raw = await request.body()
        return JSONResponse({"count": take(json.loads(raw) if raw else nothing)})
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        return JSONResponse({"Code": "InvalidParameter", "Message": f"{type(error).__name__}: {error}"}, 400)
