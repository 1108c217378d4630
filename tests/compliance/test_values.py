"""Runs the cases of ``functions/*.yaml``: a value of a template, and what it becomes.

A case has ``value`` (with references and functions in it), ``given`` (what each reference brings; nothing is null),
``conditions`` and what is expected: ``expect``, the value, or ``problem``, the id, and ``says``, a part of its message.
``fault`` is the place within the outermost function that a check of the template complains of already; a case without
it has none. The execution's time is 2026-01-31T08:00:00Z.
"""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from caboose.oos.evaluate import Evaluator
from caboose.oos.functions import FUNCTIONS, argument_faults
from caboose.oos.references import Reference
from caboose.oos.values import EvaluationError, json_fault, place_of
from caboose.sandbox import Sandbox

FILES = sorted((Path(__file__).parent / "functions").glob("*.yaml"))
CASES = [
    (f"{path.stem}: {case['case']}", case)
    for path in FILES
    for case in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
]
NOW = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The engine that workers have."""
    with Sandbox() as made:
        yield made


@pytest.fixture
async def evaluated(case: dict[str, Any], sandbox: Sandbox) -> AsyncIterator[Any]:
    """What becomes of a case's value: the value, or the error."""
    given = case.get("given", {})

    def lookup(reference: Reference) -> Any:
        return given.get(str(reference))

    evaluator = Evaluator(lookup, sandbox, conditions=case.get("conditions"), now=lambda: NOW)
    try:
        yield await evaluator.evaluate(case["value"])
    except EvaluationError as error:
        yield error


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
async def test_value(case: dict[str, Any], evaluated: Any) -> None:
    if "problem" in case:
        assert isinstance(evaluated, EvaluationError), f"{evaluated!r} in place of {case['problem']}"
        assert evaluated.code == case["problem"], evaluated
        assert case.get("says", "") in str(evaluated)
    else:
        assert not isinstance(evaluated, EvaluationError), evaluated
        assert json.dumps(evaluated, sort_keys=True) == json.dumps(case["expect"], sort_keys=True)
        assert not json_fault(evaluated)


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_what_is_written_out_is_checked_before_it_runs(case: dict[str, Any]) -> None:
    name = outermost(case)
    faults = list(argument_faults(FUNCTIONS[name], case["value"][name]))
    assert [place_of(path) for path, _ in faults] == ([case["fault"]] if "fault" in case else [])
    assert all(message and "Fn::" not in message for _, message in faults)


def test_every_function_has_good_and_bad_cases() -> None:
    good = [outermost(case) for _, case in CASES if "expect" in case]
    bad = [outermost(case) for _, case in CASES if "problem" in case]
    total = ["Fn::Base64Encode"]  # takes anything, if it isn't too large
    assert [name for name in FUNCTIONS if name not in good] == []
    assert [name for name in FUNCTIONS if name not in bad and name not in total] == []


def outermost(case: dict[str, Any]) -> str:
    """The function that a case is of."""
    (name,) = case["value"]
    return str(name)
