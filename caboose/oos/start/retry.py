"""The fields of a start that retries a failed execution: which one, and what may differ from it.

Everything else is the failed execution's own: template, library, parameters, region, role, modes, targets. A field that
would change one of them is refused, not ignored.
"""

from collections.abc import Iterator
from typing import Any

from caboose.oos.problems import Problem, did_you_mean
from caboose.oos.start.fields import FIELDS, MAX_TEXT
from caboose.oos.values import json_fault

RETRY_OF = "RetryOf"
FAILED_ITEMS_ONLY = "FailedItemsOnly"
RETRY_FIELDS = (RETRY_OF, FAILED_ITEMS_ONLY, "Description", "ClientToken", "ExecutedBy")
_TEXTS = (RETRY_OF, "Description", "ClientToken", "ExecutedBy")


def is_retry(request: Any) -> bool:
    """Whether a start asks for an execution that retries another one."""
    return isinstance(request, dict) and RETRY_OF in request


def retry_problems(request: dict[str, Any]) -> list[Problem]:
    """What is wrong with the fields of such a start, whatever became of the execution that it names."""
    fault = json_fault(request)
    if fault:
        return [Problem("InvalidRequest", f"the input can't be read as JSON: {fault}")]
    return [*_unknown(request), *_mistyped(request)]


def _unknown(request: dict[str, Any]) -> Iterator[Problem]:
    for name in request:
        if name in RETRY_FIELDS:
            continue
        if name in FIELDS:
            message = f"{name} can't be given with {RETRY_OF}: it is that of the execution that is retried"
            yield Problem("InvalidField", message, name, hint="Leave it out, or start a new execution.")
        else:
            hint = did_you_mean(name, RETRY_FIELDS) or f"The fields are {', '.join(RETRY_FIELDS)}."
            yield Problem("UnknownField", f'a retry has no field "{name}"', name, hint=hint)


def _mistyped(request: dict[str, Any]) -> Iterator[Problem]:
    for name in _TEXTS:
        value = request.get(name)
        if value is not None and not isinstance(value, str):
            yield Problem("InvalidField", f"{name} is a string", name)
        elif value and len(value) > MAX_TEXT:
            yield Problem("InvalidField", f"{name} has {len(value)} characters, at most {MAX_TEXT}", name)
    if request.get(RETRY_OF) in (None, ""):
        yield Problem("InvalidField", f"{RETRY_OF} is the id of the failed execution", RETRY_OF)
    if not isinstance(request.get(FAILED_ITEMS_ONLY), bool | None):
        yield Problem("InvalidField", f"{FAILED_ITEMS_ONLY} is true or false", FAILED_ITEMS_ONLY)
