"""Expectations: whether an answer is as wanted, and how long to wait before asking again. For everything that polls.

Desired values are looked at before stop values, because templates list a value in both. When a selector gives several
results, all must be desired; one stop value is enough. An error of an API is an answer too: templates wait for an error
code to come or to go. But only a selector that looks at the error may be satisfied by it: ``Instances.Instance[0]`` is
null in an error body as well, and "the instance is gone" is not what "you may not ask" means.

Sources: https://help.aliyun.com/document_detail/120839.html, https://help.aliyun.com/document_detail/120819.html
"""

from dataclasses import dataclass, field
from typing import Any

from caboose.oos.functions.equality import equal
from caboose.oos.plan import Retry
from caboose.oos.problems import shortened
from caboose.oos.selectors import is_plain, parse, takes
from caboose.oos.values import compact_json

DESIRED = "Desired"
STOPPED = "Stopped"
NOT_YET = "NotYet"
_ERROR_MEMBERS = ("Code", "Message", "RequestId", "HostId")
_MAX_SHOWN = 300


@dataclass(frozen=True)
class Rule:
    """What the value that a selector cuts out of an answer has to be; ``stop`` are those that end the waiting."""

    selector: str
    desired: list[Any] | None = None
    not_desired: list[Any] | None = None
    stop: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What an answer came to, and the value that counted as text."""

    kind: str
    value: str


def takes_the_error(selector: str) -> bool:
    """Whether a selector looks at what an error body has; only such a selector says anything about one."""
    if not is_plain(selector):
        return takes(selector, _ERROR_MEMBERS)
    steps = parse(selector)
    return not steps or steps[0].name in _ERROR_MEMBERS


def judge(rule: Rule, results: list[Any]) -> Verdict:
    """Compares the results of the rule's selector with its desired and stop values; no result is null."""
    results = results or [None]
    shown = shortened(compact_json(results[0] if len(results) == 1 else results), _MAX_SHOWN)
    if all(_is_desired(rule, result) for result in results):
        return Verdict(DESIRED, shown)
    if any(_among(result, rule.stop) for result in results):
        return Verdict(STOPPED, shown)
    return Verdict(NOT_YET, shown)


def delay(retry: Retry, poll: int) -> float:
    """Seconds to wait after the ``poll``-th poll (counted from 1).

    Source: the retry attributes of a task (Exponential ``2^n``, Constant, Linear), capped by MaxRetryInterval.
    """
    match retry.delay_type:
        case "Constant":
            seconds = retry.delay
        case "Linear":
            seconds = retry.delay + retry.back_off * poll
        case _:
            seconds = float(2 ** min(poll, 20))
    return float(min(seconds, retry.max_interval))


def wanted(rule: Rule) -> str:
    """What a rule asks for, in words."""
    parts = []
    if rule.desired:
        parts.append(" or ".join(map(compact_json, rule.desired)))
    if rule.not_desired:
        parts.append("anything but " + " or ".join(map(compact_json, rule.not_desired)))
    return shortened(" and ".join(parts) or "any answer", _MAX_SHOWN)


def _is_desired(rule: Rule, result: Any) -> bool:
    # an empty list beside the other one is no constraint
    if rule.desired and not _among(result, rule.desired):
        return False
    return not (rule.not_desired and _among(result, rule.not_desired))


def _among(value: Any, candidates: list[Any]) -> bool:
    return any(equal(value, candidate) for candidate in candidates)
