"""Starting an execution over HTTP: checked here with everything that is wrong at once, then handed to Temporal.

A repeated POST with the same ``ClientToken`` must not start twice, even if two of them arrive together: the token
gives the workflow's id, and Temporal refuses an id that was ever used. What was asked for the first time is kept as a
digest in the workflow's memo, so that another request under the same token is an error and not a wrong answer.
"""

import json
import logging
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.body import MAX_START_BYTES, read_json
from api.context import Context, Ctx, in_thread
from api.errors import ApiError, answer
from api.records import Record, blank_record, look_up
from api.temporal import AlreadyStarted, NotFound, StartRefused, Unreachable
from caboose.oos.problems import Problem, errors, summary, warnings
from caboose.oos.redact import redact
from caboose.oos.start import Start, StartDefaults, check_examined, examine_start
from caboose.store import StoreError
from workflows.messages import OOS_EXECUTED_BY, OOS_STATUS, OOS_TEMPLATE_NAME

router = APIRouter()
logger = logging.getLogger("caboose.api")


@dataclass(frozen=True)
class NewExecution:
    """An execution that is to be started: the input of its workflow, the digest of what was asked for, the record as
    far as it is known already, and a line for whoever looks at Temporal."""

    fields: Record
    digest: str
    record: Record
    summary: str


@router.post("/executions")
async def start_execution(request: Request, ctx: Ctx) -> Response:
    """StartExecution: 201 with the new execution, 200 with the first one of the same ``ClientToken``."""
    body = await read_json(request, MAX_START_BYTES)
    execution_id, first = await identify(ctx, body)
    if first is not None:
        return answer(request, {"Execution": first})
    start, found = await _checked(ctx, body, execution_id)
    name = f"{start.template_name} {start.template_version}" if start.template_name else "a template given as text"
    new = NewExecution(
        fields={**body, "ExecutedBy": ctx.settings.token_name},
        digest=digest(body),
        record=_record(execution_id, start, warnings(found)),
        summary=f"{name}, started by {start.executed_by}",
    )
    return await begin(request, ctx, new)


async def identify(ctx: Context, body: Any) -> tuple[str, Record | None]:
    """The id of the execution that a request asks for, and the one that was started under its ClientToken before.

    Raises:
        ApiError: 409 when something else was asked for then.
    """
    token = body.get("ClientToken") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        return f"exec-{secrets.token_hex(10)}", None
    execution_id = f"exec-{sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
    return execution_id, await _first_one(ctx, execution_id, digest(body))


async def begin(request: Request, ctx: Context, new: NewExecution) -> Response:
    """Starts it: 201 with its record, 200 with the one that another request of the same ClientToken started just now.

    Raises:
        ApiError: it can't be started.
    """
    execution_id = new.record["ExecutionId"]
    try:
        first_run_id = await _start(ctx, new)
    except AlreadyStarted:  # the same request came twice at once and the other one was first
        first = await _first_one(ctx, execution_id, new.digest)
        if first is None:
            raise ApiError(409, "ExecutionExists", f'The execution "{execution_id}" exists already.') from None
        return answer(request, {"Execution": first})
    record = {**new.record, "FirstRunId": first_run_id}
    try:
        # a worker may have written a later record by now: the store keeps the later one
        await in_thread(ctx.store.save_execution, record, [])
    except StoreError as error:  # it was started: the worker's own record will bring the row
        logger.warning("execution %s was started, but isn't listed yet: %s", execution_id, error)
    return answer(request, {"Execution": record}, 201)


async def _first_one(ctx: Context, execution_id: str, request_digest: str) -> Record | None:
    """The execution that was started under the same ClientToken, if any.

    Raises:
        ApiError: 409 when something else was asked for then.
    """
    try:
        seen = await ctx.gateway.describe(execution_id)
    except NotFound:
        return await in_thread(ctx.store.get_execution, execution_id)  # Temporal may have forgotten it by now
    if seen.request_digest != request_digest:
        raise ApiError(
            409,
            "IdempotentParameterMismatch",
            f'The ClientToken was used for another request, which started the execution "{execution_id}".',
        )
    return (await look_up(ctx, execution_id)).record


async def _checked(ctx: Context, body: Any, execution_id: str) -> tuple[Start, list[Problem]]:
    defaults = StartDefaults(
        execution_id=execution_id,
        now=datetime.now(UTC),
        region_id=ctx.settings.region,
        safety_check=ctx.settings.safety_check,
        executed_by=ctx.settings.token_name,
        account_id=ctx.settings.account_id,
        oosutil_version=ctx.settings.oosutil_version,
        trust_names=ctx.settings.trust_names,
    )
    request = {**body, "ExecutedBy": ctx.settings.token_name} if isinstance(body, dict) else body
    examined = await in_thread(examine_start, request, ctx.store, ctx.library, defaults)
    checked = await check_examined(examined, ctx.sandbox)
    if checked.start is None:
        raise ApiError(400, "ValidationFailed", summary(errors(checked.problems)), checked.problems)
    # history holds the request as ASCII, in which a short text may become long
    if len(json.dumps(request)) > MAX_START_BYTES:
        raise ApiError(413, "RequestTooLarge", f"The request is larger than {MAX_START_BYTES:,} bytes as ASCII.")
    return checked.start, checked.problems


async def _start(ctx: Context, new: NewExecution) -> str:
    execution_id, template_name = new.record["ExecutionId"], new.record["TemplateName"]
    attributes = {OOS_STATUS: "Started", OOS_EXECUTED_BY: new.record["ExecutedBy"]}
    if template_name:
        attributes[OOS_TEMPLATE_NAME] = template_name
    try:
        return await ctx.gateway.start(
            execution_id,
            new.fields,
            digest=new.digest,
            started_by=new.record["ExecutedBy"],
            summary=new.summary,
            attributes=attributes,
        )
    except StartRefused as error:
        hint = ""
        if "search attribute" in str(error):
            hint = " Start a worker: it makes the search attributes, or says how."
        raise ApiError(503, "StartRefused", f"Temporal refuses the start: {error}.{hint}") from None
    except Unreachable as error:
        raise ApiError(
            503,
            "TemporalUnreachable",
            f'{error.message} It isn\'t known whether "{execution_id}" was started. With a ClientToken the request can '
            "be sent again safely.",
            headers={"Retry-After": "5"},
        ) from None


def _record(execution_id: str, start: Start, found: list[Problem]) -> Record:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    given = asdict(start)
    return blank_record(
        {
            "ExecutionId": execution_id,
            **{oos: given[ours] for oos, ours in _FIELDS.items()},
            "Description": redact(start.description),
            "Warnings": [redact(problem.as_record()) for problem in found],
            "CreateDate": now,
            "StartDate": now,
            "UpdateDate": now,
        }
    )


_FIELDS = {
    "TemplateName": "template_name",
    "TemplateVersion": "template_version",
    "TemplateHash": "template_hash",
    "Mode": "mode",
    "LoopMode": "loop_mode",
    "SafetyCheck": "safety_check",
    "ExecutedBy": "executed_by",
    "RegionId": "region_id",
    "RamRole": "ram_role",
    "Tags": "tags",
    "Parameters": "public_parameters",
}


def digest(body: Any) -> str:
    """The same for equal requests, whatever the order of their fields."""
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
