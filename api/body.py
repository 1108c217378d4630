"""Request bodies: bounded in size and depth, read as they are.

JSON is not described by models here: what a start or a template may contain is OOS's matter, and ``caboose.oos`` says
everything that is wrong with it at once, where a model would stop at the first type. The walls of this module only make
sure that no body costs more than it may: 1 MB, or 5 MB of a start, whose parameters may be 100,000 ids; 100 levels, as
our own recursion ends beyond that.
"""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from fastapi import Request

from api.errors import ApiError
from caboose.oos.problems import Problem

MAX_BYTES = 1_048_576
MAX_START_BYTES = 5_000_000
"""What a workflow takes as its input (workflows/execution.py)."""
MAX_DEPTH = 100
_MAX_DISCARDED = 16 * MAX_BYTES


async def read_bytes(request: Request, limit: int = MAX_BYTES) -> bytes:
    """The body.

    Raises:
        ApiError: 413 when it is larger than ``limit``. The rest is taken and thrown away, as far as that is bearable:
            a client that is still sending when the connection is closed never sees the answer.
    """
    body = bytearray()
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= limit:
            body += chunk
        elif received > limit + _MAX_DISCARDED:
            break
    if received > limit:
        raise _too_large(limit)
    return bytes(body)


async def read_json(request: Request, limit: int = MAX_BYTES) -> Any:
    """The body as JSON of any type.

    Raises:
        ApiError: 413; 400 with the place when it isn't JSON, and for what JSON allows and nothing behind us can hold.
    """
    return _parsed(await read_bytes(request, limit))


async def read_optional(request: Request) -> Any:
    """The body as JSON of any type, an empty body as an empty object. Raises what ``read_json`` raises."""
    raw = await read_bytes(request)
    return _parsed(raw) if raw else {}


def _parsed(raw: bytes) -> Any:
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _invalid(f"The body is not JSON: {error.msg}.", error.lineno, error.colno) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # not UTF-8, NaN, a number of thousands of digits
        raise _invalid(f"The body is not JSON: {error}.") from None
    if deeper_than(value, MAX_DEPTH):
        raise _too_deep()
    return value


async def read_object(request: Request, fields: Sequence[str], required: Sequence[str] = ()) -> dict[str, str]:
    """The body as an object of known text fields; an empty body is an empty object.

    Raises:
        ApiError: 400 with a problem for each unknown, missing or mistyped field.
    """
    value = await read_optional(request)
    if not isinstance(value, dict):
        raise _invalid("The body must be a JSON object.")
    problems = [
        Problem("UnknownField", f'there is no field "{name}"', name, hint=f"Known fields: {', '.join(fields)}.")
        for name in value
        if name not in fields
    ]
    for name in fields:
        if name in value and not isinstance(value[name], str):
            problems.append(Problem("InvalidField", f"{name} must be a string", name))
        elif name in required and not value.get(name):
            problems.append(Problem("MissingField", f"{name} is missing", name))
    if problems:
        raise ApiError(400, "ValidationFailed", "; ".join(problem.message for problem in problems), problems)
    return value


def deeper_than(value: Any, levels: int) -> bool:
    """Whether ``value`` has more than ``levels`` levels; walks it in breadth, because depth is what is in doubt."""
    level = [value]
    for _ in range(levels):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _too_large(limit: int) -> ApiError:
    # the body may not have been read to its end, so the connection can't be used for another request
    return ApiError(
        413, "RequestTooLarge", f"The body is larger than {limit:,} bytes.", headers={"Connection": "close"}
    )


def _too_deep() -> ApiError:
    return _invalid(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _invalid(message: str, line: int = 0, column: int = 0) -> ApiError:
    problem = Problem("InvalidJson", message, line=line, column=column)
    return ApiError(400, "ValidationFailed", message, [problem])
