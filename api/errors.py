"""One error shape for every path: ``{"Code", "Message", "RequestId"}``, with ``Problems`` for templates and parameters.

Handlers raise ``ApiError`` and never build an error answer; what the framework raises itself (unknown path, wrong
method, a query value of the wrong type) is brought into the same shape here. Below ``/approvals/`` people read the
answer, so there the same error is a page. The tree:

    ApiError                what a client is told: HTTP status, code, message
    TemporalError           what the gateway to Temporal found out          api/temporal.py
    StoreError              what the store refuses or can't do              caboose/store/errors.py
"""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.render import message_page
from api.temporal import Ended, NoAnswer, NotFound, Refused, TemporalError, Unreachable
from caboose.oos.problems import Problem
from caboose.oos.redact import redact, redact_text
from caboose.store.errors import InvalidNextToken, StoreError, StoreUnavailable

APPROVALS = "/approvals/"
_CODES = {404: "NotFound", 405: "MethodNotAllowed"}


class ApiError(Exception):
    """What a client is told instead of an answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        problems: Sequence[Problem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = list(problems)
        self.headers = headers or {}


class Answer(JSONResponse):
    """JSON that can always be written: a lone surrogate in someone's parameter is escaped, not a failure."""

    def render(self, content: Any) -> bytes:
        """The body: UTF-8 as it is, ASCII with escapes where UTF-8 can't say it."""
        try:
            return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


def answer(request: Request, content: dict[str, Any], status: int = 200) -> Answer:
    """A successful answer, with the request's id in it as OOS has it."""
    return Answer({**content, "RequestId": request_id(request.scope)}, status_code=status)


def request_id(scope: Scope) -> str:
    """The id that was given to this request when it came in."""
    return str(scope.get("state", {}).get("request_id", ""))


def error_answer(scope: Scope, error: ApiError) -> Response:
    """The error as JSON, or as a page where people look."""
    if scope["path"].startswith(APPROVALS):
        hint = f"Request {request_id(scope)}"
        return message_page("This didn't work", redact_text(error.message), error.status, error.headers, hint)
    content: dict[str, Any] = {
        "Code": error.code,
        "Message": redact_text(error.message),
        "RequestId": request_id(scope),
    }
    if error.problems:
        content["Problems"] = [redact(problem.as_record()) for problem in error.problems]
    return Answer(content, status_code=error.status, headers=error.headers)


def no_such_execution(execution_id: str) -> ApiError:
    """404 in OOS's words."""
    return ApiError(404, "EntityNotExists.Execution", f'There is no execution "{execution_id}".')


def from_temporal(error: TemporalError) -> ApiError:
    """What a client is told about a failed request to Temporal."""
    match error:
        case NotFound():
            return no_such_execution(error.execution_id)
        case Ended():
            return ApiError(409, "ExecutionEnded", f'The execution "{error.execution_id}" has already ended.')
        case Refused():
            return ApiError(400 if error.code == "InvalidNotification" else 409, error.code, error.message)
        case NoAnswer():
            return ApiError(503, "WorkerUnavailable", error.message, headers={"Retry-After": "5"})
        case Unreachable():
            return ApiError(503, "TemporalUnreachable", error.message, headers={"Retry-After": "5"})
        case _:
            return ApiError(500, "InternalError", str(error))


def from_store(error: StoreError) -> ApiError:
    """What a client is told about the store's refusal."""
    if isinstance(error, InvalidNextToken):
        return ApiError(400, "InvalidParameter", str(error))
    if isinstance(error, StoreUnavailable):
        return ApiError(503, "StoreUnavailable", "The store can't be used at the moment.", headers={"Retry-After": "5"})
    return ApiError(503, "StoreUnavailable", str(error))


def install(app: FastAPI) -> None:
    """Let ``app`` answer every exception in the one shape."""

    async def api(request: Request, error: Exception) -> Response:
        return error_answer(request.scope, error if isinstance(error, ApiError) else _of(error))

    kinds: list[type[Exception]] = [ApiError, TemporalError, StoreError, HTTPException, RequestValidationError]
    for kind in kinds:
        app.add_exception_handler(kind, api)


def _of(error: Exception) -> ApiError:
    match error:
        case TemporalError():
            return from_temporal(error)
        case StoreError():
            return from_store(error)
        case HTTPException():
            return _of_http(error)
        case RequestValidationError():
            return _of_query(error)
        case _:
            return ApiError(
                500, "InternalError", "Something went wrong here; the log knows more under this request id."
            )


def _of_http(error: HTTPException) -> ApiError:
    code = _CODES.get(error.status_code, "BadRequest" if error.status_code < 500 else "InternalError")
    message = {404: "There is nothing at this address.", 405: "This address doesn't know that method."}
    return ApiError(
        error.status_code,
        code,
        message.get(error.status_code, str(error.detail)),
        headers=dict(error.headers or {}),
    )


def _of_query(error: RequestValidationError) -> ApiError:
    problems = [
        Problem(
            "InvalidParameter",
            "There is no such query value." if fault["type"] == "extra_forbidden" else f"{fault['msg']}.",
            path=".".join(str(part) for part in fault["loc"][1:]),
        )
        for fault in error.errors()
    ]
    text = " ".join(f"{problem.path}: {problem.message}" for problem in problems)
    return ApiError(400, "InvalidParameter", text, problems)
