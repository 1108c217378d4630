"""Health: is the process alive, can it do its work, what has it counted."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.context import Ctx, in_thread
from api.errors import ApiError, answer
from api.metrics import CONTENT_TYPE, Metrics
from api.temporal import Unreachable
from caboose.store import StoreError

router = APIRouter()


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz(request: Request) -> Response:
    """The process answers. Asks nobody else, so that an outage elsewhere restarts nothing here."""
    return answer(request, {"Status": "ok"})


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def readyz(request: Request, ctx: Ctx) -> Response:
    """The store is at head and Temporal answers; else 503 with what is missing (no addresses: this path is open)."""
    missing = []
    try:
        await in_thread(ctx.store.check_at_head)
    except StoreError:
        missing.append("the store can't be used or is not at the newest schema")
    try:
        await ctx.gateway.check()
    except Unreachable:
        missing.append("Temporal doesn't answer")
    if missing:
        raise ApiError(503, "NotReady", "; ".join(missing) + ".")
    return answer(request, {"Status": "ready"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The counters of this process."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=CONTENT_TYPE)
