"""Runs the cases of ``*.yaml`` beside this file.

A case has ``template`` (sections of a template) or ``task`` (fields of its one task), ``parameters`` and ``start``
(fields of the start), ``answers`` (the body of each API) and what is expected: ``problems`` (``Id Path``, all of them
and in order, warnings too), and ``outputs``, ``calls`` (API and parameters), ``status`` of the execution, which runs
when nothing stops it. A case without ``problems`` has none.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from caboose.library_folders import load_library
from caboose.oos.problems import errors
from caboose.oos.start import check_start
from tests.compliance.cases import Case, read_cases
from tests.engine.recording import Recording
from tests.engine.running import DEFAULTS, Execution
from tests.oos.templates import NoTemplates

FOLDER = Path(__file__).parent
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in read_cases(path)]

ANSWERS: dict[str, Any] = {"DescribeInstances": {"Instances": {"Instance": []}}}
"""What the task that cases share finds, unless a case says otherwise."""

NOT_BUILT = [
    "Approvers",
    "MinRequiredApprovals",
    "high-risk calls",
    "When",
    "OnSuccess",
    "OnError",
    "OnCancel",
    "IsCritical",
    "Batch",
    "batch pauses",
    "FailurePause",
    "Debug",
    "triggers",
    "functions",
    "Conditions",
    "parameter store",
    "direct selection",
    "selectors that are programs",
    "other actions",
    "other services",
    "other resource types",
    "other channels",
    "Fn::Sum",
    "requests of other styles",
    "account's pseudo parameters",
]
"""What this version refuses. The list is the issue's; a line goes when the thing is built."""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_case(case: Case) -> None:
    checked = check_start(case.request(), NoTemplates(), load_library(), DEFAULTS)
    assert [f"{problem.id} {problem.path}".strip() for problem in checked.problems] == case.problems
    if errors(checked.problems):
        assert checked.plan is None, "what has an error is never accepted"
        return
    going = Execution(
        case.text, Recording({**ANSWERS, **case.answers}), case.request().get("Parameters"), load_library()
    ).start()
    if case.expect.get("status") != "Waiting":
        await going.end()
    else:
        await going.until("Waiting")
    assert going.state.status == case.expect.get("status", "Success"), going.state.message
    if "outputs" in case.expect:
        assert same(going.state.outputs, case.expect["outputs"])
    if "calls" in case.expect:
        assert [{call.api: call.parameters} for call in going.effects.calls] == case.expect["calls"]
    if going.task and not going.task.done():
        going.decide("Approve")
        await going.end()


def same(value: Any, other: Any) -> bool:
    """Equal as JSON: true and 1 are equal in Python, and not the same value."""
    return json.dumps(value, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_all_that_is_not_built_yet_is_refused_with_its_place() -> None:
    """Nothing of the list is ever accepted: a template that asks for protection must not run without it."""
    cases = read_cases(FOLDER / "not_supported_yet.yaml")
    assert sorted({case.feature for case in cases}) == sorted(NOT_BUILT)
    for case in cases:
        checked = check_start(case.request(), NoTemplates(), load_library(), DEFAULTS)
        refused = [problem for problem in checked.problems if problem.id == "NotSupportedYet"]
        assert refused, case.name
        assert all(problem.path for problem in refused), case.name
        assert checked.plan is None
        assert checked.start is None
