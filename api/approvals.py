"""The approval page: ``GET /approvals/{link}`` shows, ``POST`` sends a decision to the workflow.

Chat programs and mail scanners open links by themselves, so nothing but the form's POST may change anything. The POST
asks only the server (is the execution there, is it the run of this link, does it run) and sends a signal: a decision is
kept by Temporal even while no worker runs. It then redirects to the page, which asks the workflow what came of it: an
update would answer at once, but not without a worker.
"""

import asyncio
import re
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.approval_view import (
    Approval,
    Notice,
    State,
    approval_of,
    outcome_notice,
    outcome_of,
    received_notice,
    shown,
    unknown_notice,
)
from api.body import read_bytes
from api.context import Context, Ctx
from api.forms import (
    FormFields,
    FormSeal,
    decision_id,
    fault_of,
    is_cross_site,
    notification,
    read_fields,
)
from api.metrics import Metrics
from api.records import Known, look_up, seen_execution
from api.render import message_page, page, style_sheet
from api.temporal import Ended, NotFound, Unreachable
from caboose.links import LinkClaims, LinkExpired, LinkInvalid, read_token
from workflows.messages import VIA_LINK

router = APIRouter()

_LOOK_AGAIN_SECONDS = 0.25
_MAX_FORM = 65_536
_DECISION_ID = re.compile(r"[0-9a-f]{32}-(approve|reject)")

_FORGED = (
    "This link is not valid",
    "It was cut off, changed, or not made by this installation. Open the whole link from the message again.",
    404,
)
_EXPIRED = (
    "This link has expired",
    "Nothing was decided. Ask for a fresh message: the approval may still be waiting.",
    410,
)
_UNKNOWN_EXECUTION = (
    "This execution is not known",
    "The link was made here, but neither the store nor Temporal knows its execution any more.",
    404,
)
_UNREACHABLE = (
    "Temporal can't be reached",
    "Nothing was decided now, and nothing is lost. Try again in a minute.",
    503,
)
_UNCERTAIN = (
    "Temporal can't be reached",
    "It isn't known whether your decision was received. Try again in a minute: a decision counts only once.",
    503,
)
_PAGES = {
    State.OTHER_RUN: (
        "This link is for an earlier execution",
        "The execution that it was made for is over, and another one has the same id now. Nothing was decided: use "
        "the link of the newest message.",
        410,
    ),
    State.EARLIER_ATTEMPT: (
        "This link is for an earlier attempt",
        "The approval was asked for again since. Nothing was decided: use the link of the newest message.",
        410,
    ),
    State.NOT_SHOWN: (
        "Too many approvals wait at once",
        "This one waits, but only a hundred of an execution can be shown. Nothing was decided: open the link again "
        "when others are decided, or name this one on the command line (caboose executions approve … --task …).",
        503,
    ),
}
_NOT_SEEN_YET = (
    "This approval can't be shown at the moment",
    "No worker answers, and the last record is from before it. Nothing was decided: try again when a worker is back.",
    503,
)
_NO_APPROVAL = ("There is no such approval", "The execution has no approval that this link would be for.", 404)


@router.get("/approvals/assets/style.css")
async def style() -> Response:
    """The pages' style sheet."""
    return style_sheet()


@router.api_route("/approvals/{link}", methods=["GET", "HEAD"])
async def show(request: Request, ctx: Ctx, link: str, decision: str = "") -> Response:
    """The page. Changes nothing, however often it is opened and by whom."""
    claims = _claims(ctx, link)
    if isinstance(claims, Response):
        return claims
    try:
        known = await look_up(ctx, claims.execution_id, claims.first_run_id)
    except NotFound:
        return message_page(*_UNKNOWN_EXECUTION)
    except Unreachable:
        return message_page(*_UNREACHABLE)
    if not known.reachable:
        return message_page(*_UNREACHABLE)
    notice = None
    if _DECISION_ID.fullmatch(decision) and approval_of(known, claims).entry:
        known, notice = await _outcome(ctx, claims, known, decision)
    return _approval_page(ctx, link, known, claims, notice)


@router.options("/approvals/{link}")
async def options(link: str) -> Response:
    """What can be done here."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})


@router.post("/approvals/{link}")
async def decide(request: Request, ctx: Ctx, link: str) -> Response:
    """The form's target: sends the decision and shows the page, or says why nothing was sent."""
    claims = _claims(ctx, link)
    if isinstance(claims, Response):
        return claims
    if is_cross_site(request.headers, ctx.base_url):
        text = "The form was sent from another site. Nothing was decided: open the link and decide on its page."
        return message_page("This was refused", text, 403)
    fields = read_fields(await read_bytes(request, _MAX_FORM))
    form_id = _seal(ctx, link).form_id(fields.form_token)
    fault = fault_of(fields)
    if form_id is None:
        fault = "This page was open for too long, or was changed. Please press your decision again."
    if form_id is None or fault:
        return await _page_again(ctx, link, claims, fields, Notice("error", "Nothing was sent.", fault))
    return await _send(request, ctx, link, claims, fields, decision_id(form_id, fields))


async def _send(
    request: Request, ctx: Context, link: str, claims: LinkClaims, fields: FormFields, decision: str
) -> Response:
    """Send the signal to the run that the link is for, and to no other."""
    try:
        seen = await seen_execution(ctx, claims.execution_id)
        if seen.first_run_id != claims.first_run_id:
            return message_page(*_PAGES[State.OTHER_RUN])
        if not seen.running:
            raise Ended(claims.execution_id)
    except (NotFound, Ended):
        return await _too_late(ctx, link, claims)
    except Unreachable:
        return message_page(*_UNREACHABLE)
    try:
        await ctx.gateway.signal(seen, notification(fields, decision, claims, VIA_LINK))
    except Ended:
        return await _too_late(ctx, link, claims)
    except Unreachable:
        return message_page(*_UNCERTAIN)
    metrics: Metrics = request.app.state.metrics
    metrics.decision(fields.decision)
    # relative, so that a proxy may put us below a path of its own
    return RedirectResponse(f"{link}?decision={decision}", status_code=303)


async def _too_late(ctx: Context, link: str, claims: LinkClaims) -> Response:
    notice = Notice("warning", "Too late: the execution has already ended.", "Your decision changed nothing.")
    return await _page_again(ctx, link, claims, FormFields(), notice, status=409)


async def _page_again(
    ctx: Context, link: str, claims: LinkClaims, fields: FormFields, notice: Notice, status: int = 400
) -> Response:
    try:
        known = await look_up(ctx, claims.execution_id, claims.first_run_id)
    except NotFound:
        return message_page(*_UNKNOWN_EXECUTION)
    except Unreachable:
        return message_page(*_UNREACHABLE)
    if status == 400 and approval_of(known, claims).state is not State.WAITING:
        notice, status = Notice("warning", "Nothing was sent.", "This approval no longer waits for a decision."), 409
    return _approval_page(ctx, link, known, claims, notice, fields, status)


async def _outcome(ctx: Context, claims: LinkClaims, known: Known, decision: str) -> tuple[Known, Notice | None]:
    """Wait for what the workflow says to a decision. Usually the first look has it: a query comes after the signal."""
    with suppress(TimeoutError, NotFound, Unreachable):
        async with asyncio.timeout(ctx.gateway.worker_seconds):
            while not outcome_of(known.record, decision) and not known.as_of and not known.final:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                known = await look_up(ctx, claims.execution_id, claims.first_run_id)
    outcome = outcome_of(known.record, decision)
    if outcome:
        return known, outcome_notice(outcome, approval_of(known, claims).entry)
    if known.final:
        return known, Notice("warning", "The execution had ended before your decision came.", "It changed nothing.")
    return known, received_notice() if known.as_of else unknown_notice()


def _approval_page(
    ctx: Context,
    link: str,
    known: Known,
    claims: LinkClaims,
    notice: Notice | None,
    fields: FormFields | None = None,
    status: int = 200,
) -> Response:
    approval = approval_of(known, claims)
    if approval.state is State.UNKNOWN:
        return message_page(*(_NOT_SEEN_YET if known.as_of else _NO_APPROVAL))
    if approval.state in _PAGES:
        return message_page(*_PAGES[approval.state])
    pending = notice == received_notice()
    voted = approval.state is State.WAITING and notice is not None and notice.kind == "ok"
    values = {
        **shown(known, approval.entry),
        "state": approval.state.value,
        "notice": notice,
        "pending": pending,
        "voted": voted,
        "link": link,
        "fields": fields or FormFields(),
        "hidden": _seal(ctx, link).new() if _has_form(approval, pending or voted) else {},
    }
    return page("approval.html", values, status)


def _has_form(approval: Approval, decided: bool) -> bool:
    return approval.state is State.WAITING and not decided


def _claims(ctx: Context, link: str) -> LinkClaims | Response:
    try:
        return read_token(link, ctx.link_keys, max_age_days=ctx.settings.link_days)
    except LinkExpired:
        return message_page(*_EXPIRED)
    except LinkInvalid:
        return message_page(*_FORGED)


def _seal(ctx: Context, link: str) -> FormSeal:
    return FormSeal(link, ctx.link_keys, ctx.settings.link_days)
