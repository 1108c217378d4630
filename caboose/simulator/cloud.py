"""The cloud's one address: RPC calls by GET or POST, parameters in the query or in a form.

Who calls is checked before anything else; a fault hits only calls that the cloud would have taken.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from caboose.simulator import ecs, sts
from caboose.simulator.calls import Call
from caboose.simulator.errors import CloudError
from caboose.simulator.exchange import Answer, exchange, respond
from caboose.simulator.faults import Fault
from caboose.simulator.keys import AccessKey
from caboose.simulator.signature import SignedRequest
from caboose.simulator.state import World

# They say who calls and how, not what is wanted.
COMMON_PARAMETERS = {"Action", "Version", "Format", "AccessKeyId", "Signature", "SecurityToken", "Timestamp"}


async def cloud(request: Request, world: World) -> Response:
    """Answer one call."""
    body = await request.body()
    query = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    sent = dict(query + (parse_qsl(body.decode(errors="replace"), keep_blank_values=True) if form else []))
    # Templates pass '' for what isn't set: an empty parameter counts as none.
    parameters = {name: value for name, value in sent.items() if value and name not in COMMON_PARAMETERS}
    action = request.headers.get("x-acs-action") or sent.get("Action", "")
    version = request.headers.get("x-acs-version") or sent.get("Version", "")
    ids = _instance_ids(parameters)
    call = world.calls.receive(
        action,
        parameters,
        request_id=str(uuid.uuid4()).upper(),
        instance_id=ids[0] if len(ids) == 1 else None,
        access_key_id=_access_key_id(request.headers.get("authorization", "")),
    )
    try:
        headers = dict(request.headers)  # in lower case already
        caller = world.verifier.verify(SignedRequest(request.method, request.url.path, query, headers, body))
    except CloudError as error:
        return respond(call, _error(call, error))
    call.role = caller.role
    return await exchange(
        request,
        call,
        world.faults.take(action, ids),
        carry_out=lambda: _carry_out(world, call, version, parameters, caller),
        error_of=lambda fault: _fault_error(call, fault),
    )


def _carry_out(world: World, call: Call, version: str, parameters: Mapping[str, str], caller: AccessKey) -> Answer:
    actions = {ecs.VERSION: world.ecs.actions, sts.VERSION: world.sts.actions}.get(version)
    try:
        if actions is None:
            text = f"The simulator knows the versions {ecs.VERSION} (ECS) and {sts.VERSION} (STS), not {version!r}."
            raise CloudError(400, "InvalidVersion", text)
        if call.action not in actions:
            text = f"Specified api is not found, please check your url and method: {call.action} of {version}."
            raise CloudError(404, "InvalidAction.NotFound", text)
        tokens = world.tokens
        before = tokens.answered(call.action, parameters)
        if before is not None:
            return Answer(200, {"RequestId": call.request_id, **before}, repeated=True)
        answer = actions[call.action](parameters, caller)
        tokens.remember(call.action, parameters, answer)
        return Answer(200, {"RequestId": call.request_id, **answer})
    except CloudError as error:
        return _error(call, error)


def _error(call: Call, error: CloudError) -> Answer:
    content: dict[str, Any] = {
        "RequestId": call.request_id,
        "HostId": "simulator",
        "Code": error.code,
        "Message": error.message,
    }
    return Answer(error.status, content, error.code)


def _fault_error(call: Call, fault: Fault) -> Answer:
    status = fault.http_status or 400
    headers = {} if fault.retry_after_ms is None else {"x-acs-retry-after": str(fault.retry_after_ms)}
    if fault.body is not None:
        return Answer(status, fault.body, fault.code or str(status), headers)
    answer = _error(call, CloudError(status, fault.code, fault.message))
    return Answer(status, answer.content, answer.code, headers)


def _instance_ids(parameters: Mapping[str, str]) -> list[str]:
    """The instances that a call is about, in whichever of the three ways it names them."""
    if "InstanceId" in parameters:
        return [parameters["InstanceId"]]
    try:
        listed = json.loads(parameters.get("InstanceIds", "[]"))
    except ValueError:
        listed = []
    if isinstance(listed, list) and listed:
        return [str(each) for each in listed]
    return [value for name, value in parameters.items() if name.startswith("InstanceId.")]


def _access_key_id(authorization: str) -> str:
    return authorization.partition("Credential=")[2].partition(",")[0]
