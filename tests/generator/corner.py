"""A case's own corner of the one simulated world, so that many cases run in it at once and none meets another.

A case gets machines, a region, a group and stored templates with its own tag in their names; its text is changed
accordingly, wherever they are named in it. What the cloud answers becomes faults of single machines: the first answer
of an API that of its first machine, and so on, because a call that names no machine could be anybody's.
"""

import json
import re
from dataclasses import asdict
from random import Random
from typing import Any

from tests.generator.case import Case, made, text_of
from tests.generator.cloud import NOTIFY, READS, WRITES
from tests.generator.tasks import WEBHOOK
from tests.generator.words import MACHINES
from tests.support.receiver import Reply

ANYWHERE = "https://192.0.2.1"
"""Where the author's templates send HTTP requests to."""
_REPLIES = 997
_MACHINE = re.compile(r"\bi-(\d|none)\b")
_STORED = re.compile(r"-(inner|itself)\b")
_REGION = "cn-hangzhou"
_LOST: dict[str, dict[str, Any]] = {
    "before": {"kind": "drop_before"},
    "after": {"kind": "drop_after"},
    "5xx": {"kind": "error", "code": "InternalError", "http_status": 500},
    "5xx done": {"kind": "error", "code": "ServiceUnavailable", "http_status": 503, "carried_out": True},
}


class Corner:
    """The corner of the case with this tag: a few small letters and digits."""

    def __init__(self, tag: str, case: Case, *, robot: str, anywhere: str) -> None:
        """``robot`` is the address of the simulated robot, ``anywhere`` that of a receiver of HTTP requests."""
        self.tag = tag
        self.group = f"generated-{tag}"
        self.region = f"cn-{tag}"
        self.machines = [self._own(each) for each in MACHINES]
        text = json.dumps(asdict(case)).replace(WEBHOOK, f"{robot}?access_token={self.group}")
        self.case = Case(**json.loads(self._own(text.replace(ANYWHERE, anywhere))))
        if isinstance(self.case.start.get("RegionId", ""), str):
            self.case.start.setdefault("RegionId", self.region)

    def _own(self, text: str) -> str:
        text = _MACHINE.sub(rf"i-{self.tag}-\1", text).replace(_REGION, self.region)
        return _STORED.sub(rf"-\1-{self.tag}", text)

    def owns(self, call: dict[str, Any]) -> bool:
        """Whether a call in the simulator's log is about a machine of this corner."""
        return str(call["instance_id"] or "").startswith(f"i-{self.tag}-")

    def instances(self) -> list[dict[str, Any]]:
        """The machines, for the simulator."""
        states = ("Running", "Running", "Running", "Stopped")
        return [
            {"InstanceId": each, "RegionId": self.region, "Status": states[number % 4], "Tags": {"env": "prod"}}
            for number, each in enumerate(self.machines)
        ]

    def settings_of_group(self) -> dict[str, Any]:
        """The group's settings: one that refuses wants a word that no message has."""
        refuses = any("Refused" in each for each in self.case.cloud.get(NOTIFY, []))
        return {"keywords": ["nobody says this"] if refuses else [], "rate_limit": None}

    def faults(self) -> list[dict[str, Any]]:
        """What goes wrong, for the simulator; a refusal stays, everything else happens a few times."""
        found = []
        for api in (*READS, *WRITES):
            for number, answer in enumerate(self.case.cloud.get(api, [])):
                fault = _fault(answer, changes=api in WRITES)
                if fault:
                    times = None if "Fail" in answer else 1 + number
                    machine = self.machines[number % len(self.machines)]
                    found.append({"action": api, "instance_id": machine, "times": times, **fault})
        return found

    def stored(self) -> dict[str, str]:
        """The stored templates, as text."""
        return {name: text_of(each) for name, each in self.case.stored.items()}


def _fault(answer: dict[str, Any], *, changes: bool) -> dict[str, Any]:
    """How an answer is made by a fault; nothing for one that the simulator gives by itself, or can't give."""
    if "Unknown" in answer:
        return _LOST[answer["Unknown"]]
    if "Fail" in answer:
        code, message = answer["Fail"]
        return {"kind": "error", "code": code, "message": message, "http_status": 403}
    if "Throttled" in answer:
        return {"kind": "error", "code": answer["Throttled"], "http_status": 400, "retry_after_ms": 100}
    if "Garbage" in answer:
        return {"kind": "error", "body": answer["Garbage"], "http_status": 200, "carried_out": changes}
    if answer.get("Body"):
        return {"kind": "error", "body": json.dumps(made(answer["Body"])), "http_status": 200, "carried_out": changes}
    return {}


def replies() -> list[Reply]:
    """What the receiver of HTTP requests answers in turn: objects, lists, what is no JSON, refusals."""
    random = Random(_REPLIES)
    usual = [Reply({"a": 1}), Reply({"a": {"b": [None]}}), Reply([1, 2]), Reply({})]
    odd = [Reply(b"<html>"), Reply(b""), Reply(b"\xff"), Reply({"a": "x" * 100_000}), Reply({}, 404), Reply({}, 500)]
    return [random.choice(usual if random.random() < 0.7 else odd) for _ in range(_REPLIES)]
