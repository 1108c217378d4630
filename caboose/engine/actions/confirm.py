"""Confirmation: a high-risk call is shown to people before it is made (https://help.aliyun.com/document_detail/120819.html).

OOS asks under Mode Automatic only. Here the SafetyCheck counts in every Mode: whoever steps through a template sees the
name of a task, and the confirmation shows the call itself, also one that a product action makes. What is asked for is
the call with the values that it will be sent with, whatever the template said of it; only then is its name known.
"""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.approvals import keep_approval, note_decision
from caboose.engine.effects import Call
from caboose.engine.run import Run
from caboose.engine.state import APPROVE, HIGH_RISK, REJECT, Approval, Wait
from caboose.oos.actions import is_high_risk
from caboose.oos.problems import shortened
from caboose.oos.redact import MASK, looks_secret, redact_text
from caboose.oos.start import CONFIRM_HIGH_RISK
from caboose.oos.values import compact_json, json_size

_MAX_SHOWN = 20_000
_MAX_PARAMETERS = 200
_MAX_NAME = 200


async def confirm(context: TaskContext, call: Call, risk: Any = None) -> None:
    """Returns when the call may be made: at once, unless it is of high risk and the SafetyCheck says to ask.

    A call that is sent again because nobody knows whether it was carried out isn't asked for again: RetryTask is a
    person's word already.

    Args:
        context: the task that makes it.
        call: the call, as it will be sent.
        risk: the task's ``Risk``, if it has one.

    Raises:
        Rejected: somebody said no; the call isn't made.
    """
    run = context.frame.run
    if run.context.safety_check != CONFIRM_HIGH_RISK or not is_high_risk(call.api, str(risk or "")):
        return
    what = shortened(run.hide(redact_text(f"{call.service} {call.api}")), _MAX_NAME)
    wait = Wait(
        kind=HIGH_RISK,
        run=context.run,
        attempt=context.run.attempt,
        since=run.now(),
        accepts=(APPROVE, REJECT),
        message=f"{context.task.name} waits to call {what}, which is of high risk: Approve lets it, Reject ends",
        item=context.item,
    )
    keep_approval(run.state, Approval(wait, "", None, [], call=_shown(run, call)))
    note_decision(context.run, await context.frame.wait_for_answer(wait))


def _shown(run: Run, call: Call) -> dict[str, Any]:
    """The call as people may see it: exactly what is sent, without secrets."""
    return {
        "Service": _text(run, call.service),
        "API": _text(run, call.api),
        "RegionId": _text(run, call.place.region_id),
        "RamRole": _text(run, call.place.ram_role),
        "Parameters": _parameters(run, call.parameters),
    }


def _parameters(run: Run, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, as far as a record has room for them: a large one is named with its size."""
    room = _MAX_SHOWN
    shown: dict[str, Any] = {}
    for number, (name, value) in enumerate(parameters.items()):
        if number == _MAX_PARAMETERS:
            shown["…"] = f"({len(parameters) - number} more parameters, left out here)"
            break
        size = json_size([name, value])
        if size > room:
            shown[_text(run, name)[:_MAX_NAME]] = f"({size} bytes, left out here)"
            continue
        room -= size
        shown[_text(run, name)] = _visible(run, name, value)
    return shown


def _visible(run: Run, name: str, value: Any) -> Any:
    """A value without what has the name of a secret, and without the values of secret parameters, at any depth."""
    if looks_secret(name) and value not in (None, "") and not isinstance(value, (dict, list)):
        return MASK
    if isinstance(value, dict):
        return {_text(run, key): _visible(run, key, child) for key, child in value.items()}
    if isinstance(value, list):
        return [_visible(run, name, child) for child in value]
    if isinstance(value, str):
        return _text(run, value)
    written = compact_json(value)
    return value if isinstance(value, bool) or run.hide(written) == written else MASK


def _text(run: Run, text: str) -> str:
    return run.hide(redact_text(text))
