"""``ACS::ExecuteHttpRequest``: an HTTP request, whose answer may be checked or waited for.

A GET changes nothing and is tried again like every read. Anything else may have changed something when its answer is
lost: people decide then, as with ExecuteAPI, and it is never sent again by itself.

Source: https://help.aliyun.com/zh/oos/user-guide/acs-executehttprequest
"""

import re
from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.unknown import ask_whether_to_send_again, mark_unknown
from caboose.engine.actions.wait_for import values_of
from caboose.engine.effects import HttpRequest
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.oos.expectations import Rule
from caboose.oos.redact import MASK, is_secret_header

_HOST = re.compile(r"(?i)https?://(?:[^/?#@]*@)?([^/?#@]+)")


async def execute_http_request(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Sends the request and gives the outputs selected from its answer.

    Raises:
        TaskFailed: it was refused, or the answer isn't as wanted (with its outputs); ``InvalidProperty``.
        TaskSkipped: somebody went on without a request whose outcome is unknown.
    """
    _hide_headers(context)
    request = _request(context, properties)
    while True:
        try:
            sent = context.frame.run.effects.request(request)
            answer = await context.traced("HTTP", request.method, request.summary, sent)
        except OutcomeUnknown as unknown:
            await ask_whether_to_send_again(context, mark_unknown(context, request.summary, unknown))
        else:
            context.run.request_id = answer.request_id
            return answer.outputs


def _request(context: TaskContext, properties: dict[str, Any]) -> HttpRequest:
    url, method = properties.get("URL"), str(properties.get("Method") or "POST").upper()
    if not isinstance(url, str) or method not in ("GET", "POST"):
        raise TaskFailed("InvalidProperty", "URL is a text, and Method is GET or POST")
    host = _HOST.match(url.strip())
    return HttpRequest(
        summary=f"{context.task.name} {method} {host[1] if host else ''}".strip(),
        method=method,
        url=url,
        headers=_map(properties, "Headers"),
        query=_map(properties, "Query"),
        body=properties.get("Body") if method == "POST" else None,
        outputs=context.outputs,
        check_for=_rules(properties, "CheckFor"),
        wait_for=_rules(properties, "WaitFor"),
        retry=context.task.retry,
    )


def _map(properties: dict[str, Any], name: str) -> dict[str, Any]:
    value = properties.get(name) or {}
    if not isinstance(value, dict):
        raise TaskFailed("InvalidProperty", f"{name} is a map")
    return value


def _rules(properties: dict[str, Any], name: str) -> list[Rule]:
    given = _map(properties, name)
    rules = given.get("Rules") if given else []
    if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        raise TaskFailed("InvalidProperty", f"{name} has Rules, a list of maps")
    return [_rule(each, f"{name}.Rules[{index}]") for index, each in enumerate(rules)]


def _rule(given: dict[str, Any], place: str) -> Rule:
    """A rule by Operator and Value, as the documentation has it, or by the properties of ACS::WaitFor."""
    selector = given.get("PropertySelector")
    if not isinstance(selector, str):
        raise TaskFailed("InvalidProperty", f"PropertySelector of {place} is a text, not {selector!r:.80}")
    desired, not_desired = values_of(given.get("DesiredValues")), values_of(given.get("NotDesiredValues"))
    if "Value" in given or "Operator" in given:
        operator, value = str(given.get("Operator") or "Equals").lower(), given.get("Value")
        if operator not in ("equals", "in", "notin"):
            raise TaskFailed("InvalidProperty", f"Operator of {place} is Equals, In or NotIn, not {operator!r:.40}")
        if operator == "notin":
            not_desired = value if isinstance(value, list) else [value]
        else:
            desired = value if isinstance(value, list) and operator == "in" else [value]
    if not desired and not_desired is None:
        raise TaskFailed("InvalidProperty", f"{place} compares with nothing: it needs Operator and Value")
    return Rule(selector, desired, not_desired, values_of(given.get("StopRetryValues")) or [])


def _hide_headers(context: TaskContext) -> None:
    """The record shows a task's properties: not what headers say of who is asking."""
    headers = context.run.properties.get("Headers")
    if isinstance(headers, dict):
        shown = {name: MASK if is_secret_header(str(name)) else value for name, value in headers.items()}
        context.run.properties = {**context.run.properties, "Headers": shown}
