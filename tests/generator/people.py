"""What people do, and when: decisions that fit and decisions that don't, at any moment; cancellations.

A step is ``{"After": n, "Do": …}``: ``After`` so many moments, or once nothing goes on by itself (None). ``answer`` is
a decision that something waits for: the ``Type``-th that the ``Wait``-th accepts. ``notify`` is anything that is sent
as a NotifyExecution, ``flood`` the same ``Times`` times, ``odd`` another signal. ``$id`` in them is the id of something
that waits, or that ran.
"""

from random import Random
from typing import Any

from caboose.engine.notifications import KNOWN_TYPES
from tests.oos.language import ODD

Step = dict[str, Any]
_BODIES: tuple[Any, ...] = (
    None, 17, "Approve", [], [1, 2], {}, {"NotifyType": None}, {"NotifyType": "approve"}, {"NotifyType": ["Approve"]},
    {"NotifyType": "Approve", "Attempt": "1"}, {"NotifyType": "Approve", "Attempt": True},
    {"NotifyType": "Approve", "TaskExecutionIds": "[1"}, {"NotifyType": "Reject", "TaskExecutionIds": [1]},
    {"NotifyType": "RetryTask", "Parameters": "{}"}, {"NotifyType": "SkipTask", "Parameters": {"a": 1}},
    {"NotifyType": "CompleteExecution", "ExecutionStatus": "Maybe"}, {"NotifyType": "Approve", "NotifyNote": "\ud800"},
    {"NotifyType": "Approve", "LoopItem": {"$deep": 120}}, {"NotifyType": "Approve", "NotifyNote": {"$text": 50_000}},
    {"NotifyType": "Approve", "DecisionId": "same", "Approver": "ann", "Via": "link"},
    {"NotifyType": "Reject", "DecisionId": "same", "Approver": "ann"}, {"NotifyType": "Approve", "Via": [], "By": 1},
)  # fmt: skip
"""Decisions that are none, or that fit only now and then."""
_LOOP: dict[str, Any] = {
    "workflow_id": "$id",
    "run_id": "$id",
    "counters": None,
    "in_flight": 0,
    "waits": [],
    "approvals": [],
}
_COUNTERS = {"total": 3, "concurrency": 1, "max_errors": 0}
_IMAGE: dict[str, Any] = {
    **dict.fromkeys(("kind", "since", "message"), "x"), "serial": 1, "attempt": 1, "item": None, "required": 1,
    "approvers": [], "tasks": [], "accepts": ["Approve"],
    "run": {"id": "$id", "name": "n", "action": "a", "created": "c", "parent_id": ""},
}  # fmt: skip
ODD_SIGNALS: tuple[tuple[str, list[Any]], ...] = (
    ("Oops", [1, 2]),
    ("caboose.LoopChanged", []),
    ("caboose.LoopChanged", [None]),
    ("caboose.LoopChanged", [{**_LOOP, "in_flight": "many"}]),
    ("caboose.LoopChanged", [{**_LOOP, "counters": {**_COUNTERS, "total": "x"}}]),
    ("caboose.LoopChanged", [{**_LOOP, "counters": {**_COUNTERS, "success": None}}]),
    ("caboose.LoopChanged", [{**_LOOP, "waits": [_IMAGE]}]),
    ("caboose.LoopChanged", [{**_LOOP, "waits": [{**_IMAGE, "kind": 5, "accepts": [None], "message": None}]}]),
    ("caboose.LoopChanged", [{**_LOOP, "waits": [{**_IMAGE, "run": {**_IMAGE["run"], "id": []}}]}]),
    ("caboose.LoopChanged", [{**_LOOP, "approvals": [{"run_id": "$id", "message": 1, "targets": 2}]}]),
    ("caboose.LoopDecided", [{"run_id": "$id", "serial": 1, "answer": {}}]),
    (
        "caboose.LoopDecided",
        [
            {
                "run_id": "$id",
                "serial": 1,
                "answer": {
                    **dict.fromkeys(("notify_type", "by", "note", "at", "decision_id"), "x"),
                    "parameters": 5,
                },
            }
        ],
    ),
    ("caboose.LoopNotifyAgain", [{"run_id": []}]),
)
"""Signals that aren't for people, and aren't what they should be; whoever reaches the Temporal server may send them."""


def steps(random: Random, *, real: bool = False) -> list[Step]:
    """What people do in a case."""
    return [_step(random) for _ in range(random.choice([0, 0, 1, 2, 3, 5]))] + _end(random, real=real)


def _end(random: Random, *, real: bool) -> list[Step]:
    if random.random() < (0.2 if real else 0.25):
        return [{"After": random.choice([0, 1, 5, 20, 60, 200, None, None, None]), "Do": "cancel"}]
    return []


def _step(random: Random) -> Step:
    after = random.choice([0, 2, 10, 40, None, None])
    kind = random.randrange(20)
    if kind < 8:
        more: Step = random.choice(
            [{}, {}, {"Approver": "bob"}, {"NotifyNote": "why not"}, {"Parameters": _parameters(random)}]
        )
        return {"After": after, "Do": "answer", "Wait": random.randrange(4), "Type": random.randrange(5), **more}
    if kind < 14:
        return {"After": after, "Do": "notify", "Body": _body(random)}
    if kind == 14:
        return {"After": after, "Do": "flood", "Times": random.choice([50, 300, 1_500]), "Body": _body(random)}
    if kind == 15:
        return {"After": after, "Do": "again"}
    if kind < 18:
        name, inputs = random.choice(ODD_SIGNALS)
        return {"After": after, "Do": "odd", "Signal": name, "Inputs": inputs}
    return {"After": after, "Do": "release"}


def _body(random: Random) -> Any:
    if random.random() < 0.4:
        return random.choice(_BODIES)
    body: dict[str, Any] = {"NotifyType": random.choice(KNOWN_TYPES)}
    more: dict[str, Any] = {
        "TaskExecutionId": random.choice(["$id", "exec-none", "$id.t0001"]),
        "TaskName": random.choice(["first", "second", "nobody"]),
        "Attempt": random.choice([1, 2, 99]),
        "LoopItem": random.choice(["i-1", "i-2", None, {"a": 1}]),
        "Approver": random.choice(["ann", "BOB ", "", "mallory"]),
        "Parameters": _parameters(random),
        "DecisionId": random.choice(["same", "other"]),
        "ExecutionStatus": random.choice(["Success", "Failed", "Cancelled"]),
    }
    return {**body, **{name: value for name, value in more.items() if random.random() < 0.2}}


def _parameters(random: Random) -> dict[str, Any]:
    """Properties that people give anew: right ones, and ones that are no such thing."""
    names = ("Service", "API", "Parameters", "Duration", "Choices", "DefaultTask", "WebHook", "instanceId", "Filters")
    values = ("ECS", "DescribeInstances", {"InstanceId": "i-1"}, "PT1S", [], "ACS::END", *ODD[:20])
    return {random.choice(names): random.choice(values) for _ in range(random.randint(0, 2))}


def decisions(random: Random, *, debug: bool) -> list[int]:
    """How what still waits is answered, in turn: the number of what it accepts. Who steps through it mostly goes on."""
    return [random.choice([0] * 9 + [1, 2] if debug else [0, 0, 0, 1, 1, 2]) for _ in range(7)]
