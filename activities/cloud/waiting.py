"""What one poll of WaitFor says, and how long to wait until the next. Pure.

Desired values are looked at before stop values, because templates list a value in both. When a selector gives
several results, all must be desired; one stop value is enough. An error of the API is an answer too: templates wait
for an error code to come or to go. But only a selector that looks at the error may be satisfied by it:
``Instances.Instance[0]`` is null in an error body as well, and "the instance is gone" is not what "you may not ask"
means.
"""

import json
from dataclasses import dataclass
from typing import Any

from activities.contracts import WaitForInput
from caboose.oos import selectors

DESIRED = "Desired"
STOPPED = "Stopped"
NOT_YET = "NotYet"
_ERROR_MEMBERS = ("Code", "Message", "RequestId", "HostId")


@dataclass(frozen=True)
class Verdict:
    """What a poll came to, and the polled value as text."""

    kind: str
    value: str


def takes_the_error(selector: str) -> bool:
    """Whether a selector looks at what an error body has; only such a selector says anything about one."""
    if not selectors.is_plain(selector):
        return selectors.takes(selector, _ERROR_MEMBERS)
    steps = selectors.parse(selector)
    return not steps or steps[0].name in _ERROR_MEMBERS


def judge(wait: WaitForInput, results: list[Any]) -> Verdict:
    """Compares the results of the selector with the desired and the stop values; no result is null."""
    results = results or [None]
    shown = _json(results[0] if len(results) == 1 else results)[:300]
    if all(_is_desired(wait, result) for result in results):
        return Verdict(DESIRED, shown)
    if any(_among(result, wait.stop_retry_values) for result in results):
        return Verdict(STOPPED, shown)
    return Verdict(NOT_YET, shown)


def delay(wait: WaitForInput, poll: int) -> float:
    """Seconds to wait after the ``poll``-th poll (counted from 1).

    Source: the retry attributes of a task (Exponential ``2^n``, Constant, Linear), capped by MaxRetryInterval.
    """
    match wait.delay_type:
        case "Constant":
            seconds = wait.delay
        case "Linear":
            seconds = wait.delay + wait.back_off * poll
        case _:
            seconds = float(2 ** min(poll, 20))
    return float(min(seconds, wait.max_interval))


def wanted(wait: WaitForInput) -> str:
    """What is waited for, in words."""
    parts = []
    if wait.desired_values:
        parts.append(" or ".join(map(_json, wait.desired_values)))
    if wait.not_desired_values:
        parts.append("anything but " + " or ".join(map(_json, wait.not_desired_values)))
    return " and ".join(parts)


def _is_desired(wait: WaitForInput, result: Any) -> bool:
    # an empty list beside the other one is no constraint
    if wait.desired_values and not _among(result, wait.desired_values):
        return False
    return not (wait.not_desired_values and _among(result, wait.not_desired_values))


def _among(value: Any, candidates: list[Any]) -> bool:
    return any(_same(value, candidate) for candidate in candidates)


def _same(left: Any, right: Any) -> bool:
    """Equality of JSON values; a string equals the number or boolean that it spells (as in ``Fn::Equals``)."""
    if isinstance(left, str) != isinstance(right, str) and _is_scalar(left) and _is_scalar(right):
        texts = [value if isinstance(value, str) else _json(value) for value in (left, right)]
        return texts[0] == texts[1]
    if isinstance(left, bool) != isinstance(right, bool):
        return False  # in Python True == 1, in JSON it isn't
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and value is not None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
