"""What the cloud answers, for each API in turn; the last answer stands for all that follow.

``{"Body": …}`` is an answer as wanted or not, ``{"Fail": [code, message]}`` a refusal, ``{"Throttled": …}`` a refusal
that proves that nothing was done, ``{"Unknown": …}`` no answer that proves anything, ``{"Garbage": …}`` one that is no
JSON. ``{"Held": …}`` comes when it is let go. Messages that aren't delivered have ``{"Refused": …}``.
"""

from random import Random
from typing import Any

from tests.generator.words import LARGE, MACHINES

SELECT, NOTIFY, MAIL, REQUEST, SLEEP = "select", "notify", "mail", "request", "sleep"
READS = ("DescribeInstances", "DescribeInvocationResults", "DescribeInvocations", "DescribeSnapshots")
WRITES = ("RebootInstance", "StartInstance", "StopInstance", "CreateSnapshot", "RunCommand", "DeleteInstance")
_STATES = ("Running", "Running", "Stopped", "Starting", "Stopping")
_BODIES: tuple[Any, ...] = (
    {},
    {"RequestId": "r-1", "a": {"b": [{"c": 1}, None, {"c": [2]}]}},
    {"Instances": None, "TotalCount": "three"},
    {"Instances": {"Instance": [{"InstanceId": 7, "Status": ["Running"]}, None]}, "Code": "Odd"},
    {"SnapshotId": "s-1", "CommandId": "c-1", "InvokeId": "t-1"},
    {"界": "\x00\x7f\u202e", "n": 1e300, "i": 10**30},
)
_CODES = ("IncorrectInstanceStatus", "InvalidInstanceId.NotFound", "Forbidden.RAM", "OperationConflict")
_GARBAGE = ("", "<html>busy</html>", "[1, 2]", "{", '"text"', "null", "\ufeff{}", "[" * 5_000)


def answers(random: Random, *, real: bool = False) -> dict[str, list[Any]]:
    """The answers of a case, by API; with the real server the simulator answers what isn't here."""
    found = {}
    for api in (*READS, *WRITES, SELECT, NOTIFY, REQUEST, SLEEP):
        if random.random() < 0.5:
            found[api] = [_answer(api, random, real=real) for _ in range(random.randint(1, 4))]
            if api in READS and not real:
                found[api].append({"Body": instances(random)})
    return found


def instances(random: Random) -> dict[str, Any]:
    """An answer of DescribeInstances."""
    listed = [{"InstanceId": each, "Status": random.choice(_STATES)} for each in random.sample(MACHINES, 3)]
    return {"RequestId": "r-0", "TotalCount": len(listed), "Instances": {"Instance": listed}}


def _answer(api: str, random: Random, *, real: bool) -> dict[str, Any]:
    kind = random.randrange(100)
    if api in (NOTIFY, MAIL):
        return {"Refused": "310000: keywords not in content"} if kind < 50 else {}
    if api == SELECT:
        return _selected(random)
    if api == SLEEP:
        return {"Held": {}} if kind < 20 else {}
    if kind < (20 if api in WRITES else 8) and not real:
        return {"Held": _answer(api, random, real=real)}
    if kind < (34 if api in WRITES else 14):
        return {"Unknown": random.choice(["before", "after", "5xx", "5xx done"])}
    if kind < 36:
        return {"Fail": [random.choice(_CODES), "no, because {{ of }} \\x00 this"]}
    if kind < 42:
        return {"Throttled": "Throttling.User"}
    if kind < 47:
        return {"Garbage": random.choice(_GARBAGE)}
    if kind < 50:
        return {"Body": {"a": {"b": random.choice(LARGE)}, "RequestId": "r-2"}}
    if kind < 60:
        return {"Body": random.choice(_BODIES)}
    return {"Body": instances(random) if api in READS else {"RequestId": f"r-{kind}"}}


def _selected(random: Random) -> dict[str, Any]:
    if random.random() < 0.2:
        return {"Fail": ["NoTargets", "none of them is there"]}
    ids = random.sample(MACHINES, random.randint(1, 4))
    targets = {"Items": [{"Id": each, "Name": "", "Status": "Running"} for each in ids], "Count": len(ids)}
    return {"Targets": {**targets, "Missing": ["i-none"][: random.randrange(2)]}, "Body": instances(random)}
