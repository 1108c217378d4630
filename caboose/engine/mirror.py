"""Waits of large loops, mirrored: what waits in a loop's own workflow is decided at the execution.

A loop reports what waits in it; the execution keeps an image of each wait, so that whoever looks at the execution sees
it, and one set of rules decides about all of them (``decisions``). The answer goes back to the loop. Votes are counted
in the image: a later report leaves it as it is.
"""

from dataclasses import asdict
from typing import Any

from caboose.engine.approvals import close_page, keep_approval
from caboose.engine.state import WAITING, Answer, Approval, ExecutionState, LoopCounters, TaskRun, Wait

_IMAGE = ("kind", "serial", "attempt", "since", "message", "item", "required", "approvers", "tasks")


def report(state: ExecutionState, loop: TaskRun, workflow_id: str, in_flight: int) -> dict[str, Any]:
    """What a loop tells its execution: how far it is, and what waits in it (images of its own loops' waits aren't)."""
    own = [wait for wait in state.waits.values() if not wait.workflow_id and wait.answer is None]
    return {
        "workflow_id": workflow_id,
        "run_id": loop.id,
        "counters": asdict(loop.loop) if loop.loop else None,
        "in_flight": in_flight,
        "waits": [
            {**{name: getattr(wait, name) for name in _IMAGE}, "accepts": list(wait.accepts), "run": _run(wait.run)}
            for wait in own
        ],
        "approvals": [_approval(approval) for approval in state.approvals if approval.wait in own],
    }


def _run(run: TaskRun) -> dict[str, str]:
    return {"id": run.id, "name": run.name, "action": run.action, "created": run.created, "parent_id": run.parent_id}


def _approval(approval: Approval) -> dict[str, Any]:
    fields = ("message", "targets", "next_tasks", "number", "delivered", "delivery_message", "delivery_warning", "call")
    return {"run_id": approval.wait.run.id, **{name: getattr(approval, name) for name in fields}}


def take(state: ExecutionState, told: dict[str, Any]) -> None:
    """Takes a loop's report into the execution's state."""
    workflow_id = told["workflow_id"]
    loop = state.runs.get(told["run_id"])
    if loop is not None and told["counters"]:
        loop.loop = LoopCounters(**told["counters"])
    images = {each["run"]["id"]: each for each in told["waits"]}
    for name, wait in list(state.waits.items()):
        image = images.get(name)
        if wait.workflow_id == workflow_id and (image is None or _differs(image, wait)):
            del state.waits[name]
            close_page(state, wait)
    for name, image in images.items():
        if name not in state.waits:
            fields = {key: image[key] for key in _IMAGE}
            run = TaskRun(**image["run"], status=WAITING)
            accepts = tuple(image["accepts"])
            state.waits[name] = Wait(run=run, accepts=accepts, workflow_id=workflow_id, **fields)
    for each in told["approvals"]:
        _take_approval(state, each)


def _differs(image: dict[str, Any], wait: Wait) -> bool:
    """Whether an image is of another wait of the same task execution than the one that is known."""
    return (image["serial"], image["since"]) != (wait.serial, wait.since)


def _take_approval(state: ExecutionState, told: dict[str, Any]) -> None:
    wait = state.waits[told["run_id"]]
    fields = {name: value for name, value in told.items() if name != "run_id"}
    for known in state.approvals:
        if known.wait is wait:
            known.delivered, known.delivery_message = told["delivered"], told["delivery_message"]
            known.delivery_warning = told["delivery_warning"]
            return
    keep_approval(state, Approval(wait=wait, **fields))


def answers_to_tell(state: ExecutionState) -> list[Wait]:
    """Images that have an answer: their loops are still to be told."""
    return [wait for wait in state.waits.values() if wait.workflow_id and wait.answer is not None]


def answer_message(wait: Wait, answer: Answer) -> dict[str, Any]:
    """What a loop is told about one of its waits."""
    return {"run_id": wait.run.id, "serial": wait.serial, "answer": asdict(answer)}


def take_answer(state: ExecutionState, told: dict[str, Any]) -> None:
    """Takes the answer to a wait; one that is no longer open stays as it is."""
    wait = state.waits.get(told["run_id"])
    if wait is not None and wait.serial == told["serial"] and wait.answer is None:
        wait.answer = Answer(**told["answer"])
