"""Starts that no template can be blamed for: payloads of any encoding, cut texts, several inputs, types of no template.

Whoever reaches the Temporal server can start whatever they like; nothing of it may make a workflow hang.
"""

import json
from random import Random
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from tests.generator.case import Case
from tests.oos.language import ODD
from workflows.messages import EXECUTION_TYPE, LOOP_TYPE

_TYPES = (
    EXECUTION_TYPE,
    EXECUTION_TYPE,
    EXECUTION_TYPE,
    LOOP_TYPE,
    "no-such-template",
    "weird name!",
    "实例",
    "x" * 900,
)
_ENCODINGS = (
    b"json/plain",
    b"json/plain",
    b"json/plain",
    b"binary/plain",
    b"binary/null",
    b"json/protobuf",
    b"none",
    b"",
)


def odd_start(case: Case, random: Random) -> tuple[str, list[Any]]:
    """A workflow type and its inputs, made of the start of a case."""
    name, many = random.choice(_TYPES), random.choice([0, 1, 1, 1, 1, 2, 3])
    if name == LOOP_TYPE:  # what is no JSON, a workflow of a type of its own can't take: it waits visibly for a worker
        return name, [random.choice([case.request, *ODD]) for _ in range(many)]
    return name, [_input(json.dumps(case.request), random) for _ in range(many)]


def _input(text: str, random: Random) -> Any:
    """A start as text, or something that is none."""
    kind = random.randrange(8)
    if kind == 0:
        return random.choice(ODD)
    if kind == 1:
        return {name: random.choice([each, *ODD]) for name, each in json.loads(text).items()}
    if kind == 2:
        text = text[: random.randrange(len(text))]
    elif kind == 3:
        text = text.replace('"', random.choice(["", "'", "\\ud800", "\\u0000"]), random.randrange(1, 20))
    elif kind == 4:
        text = random.choice(["[", '{"a":', '{"Parameters":']) * random.choice([90, 600, 50_000])
    elif kind == 5:
        text = json.dumps({**json.loads(text), "Description": "x" * random.choice([70_000, 3_000_000, 6_000_000])})
    data = text.encode("utf-8", "surrogatepass") + random.choice([b"", b"", b"", b"\xff", b"\x00", b"NaN"])
    return RawValue(Payload(metadata={"encoding": random.choice(_ENCODINGS)}, data=data))
