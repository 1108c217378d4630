"""Runs the cases of ``*.yaml`` beside this file.

A case has ``template`` (sections of a template) or ``task`` (fields of its one task), ``parameters`` and ``start``
(fields of the start), ``trust_names`` (the server's setting), ``answers`` (the body of each API), ``decide`` (what
people say, one after another, each when the execution waits) and what is expected: ``problems`` (``Id Path``, all of
them and in order, warnings too), and ``outputs``, ``calls`` (API and parameters), ``status`` of the execution, which
runs when nothing stops it. A case without ``problems`` has none.

What this version doesn't run yet is proven by compiling: a case with ``compiles`` (the problems of compiling, beside
``NotSupportedYet``) isn't started, and ``plan`` is what must stand in its body, as far as it says. ``library`` has
templates by name, for either kind. What lint rules find is listed in ``checks.yaml`` only.
"""

import asyncio
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from caboose.library_folders import load_library
from caboose.oos.checks import CHECKS
from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library, Source
from caboose.oos.problems import Problem, errors
from caboose.oos.start import check_start
from tests.compliance.cases import Case, read_cases
from tests.engine.recording import Recording
from tests.engine.running import DEFAULTS, Execution
from tests.oos.templates import NoTemplates
from tests.support.programs import PROGRAMS

FOLDER = Path(__file__).parent
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in read_cases(path)]

ANSWERS: dict[str, Any] = {"DescribeInstances": {"Instances": {"Instance": []}}}
"""What the task that cases share finds, unless a case says otherwise."""

NOT_BUILT = [
    "triggers",
    "parameter store",
    "other actions",
    "other services",
    "other resource types",
    "other targets",
    "other channels",
    "requests of other styles",
]
"""What this version refuses. The list is the issue's; a line goes when the thing is built."""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_case(case: Case) -> None:
    if case.compiles is not None:
        compiled = compile_template(case.text, library_of(case), "")
        found = [problem for problem in told(compiled.problems, case) if problem.id != "NotSupportedYet"]
        assert [f"{problem.id} {problem.path}".strip() for problem in found] == case.compiles
        if case.plan is not None:
            assert compiled.plan
            assert_within(case.plan, json.loads(json.dumps(asdict(compiled.plan.body))), "plan")
        return
    defaults = replace(DEFAULTS, trust_names=case.trust_names)
    checked = await check_start(case.request(), NoTemplates(), library_of(case), defaults, PROGRAMS)
    assert [f"{problem.id} {problem.path}".strip() for problem in told(checked.problems, case)] == case.problems
    if errors(checked.problems):
        assert checked.plan is None, "what has an error is never accepted"
        return
    effects, parameters = Recording({**ANSWERS, **case.answers}), case.request().get("Parameters")
    going = Execution(case.text, effects, parameters, library_of(case), case.start, defaults).start()
    for notification in case.decide:
        await going.until("Waiting")
        outcome = going.decide(**{"notify_type": notification["NotifyType"], **notification})
        assert outcome.accepted, outcome.message
    await (going.until("Waiting") if case.expect.get("status") == "Waiting" else going.end())
    assert going.state.status == case.expect.get("status", "Success"), going.state.message
    if "outputs" in case.expect:
        assert same(going.state.outputs, case.expect["outputs"])
    if "calls" in case.expect:
        assert [{call.api: call.parameters} for call in going.effects.calls] == case.expect["calls"]
    if going.task and not going.task.done():
        going.task.cancel()
        await asyncio.wait([going.task])


def told(problems: list[Problem], case: Case) -> list[Problem]:
    """The problems that a case speaks of: those of lint rules in their own file only."""
    return [problem for problem in problems if case.lint or problem.id not in CHECKS]


def library_of(case: Case) -> Library:
    """The built-in library, and the templates of the case."""
    built_in = load_library()
    sources = [source for name in built_in.names() if (source := built_in.find(name))]
    own = [Source(name, json.dumps({"FormatVersion": "OOS-2019-06-01", **each})) for name, each in case.library.items()]
    return Library([*own, *sources]) if own else built_in


def assert_within(part: Any, whole: Any, place: str) -> None:
    """Everything that ``part`` says stands in ``whole``; a map may stand for a list of things with names."""
    if isinstance(part, dict) and isinstance(whole, list):
        whole = {each["name"]: each for each in whole}
    if isinstance(part, dict):
        assert isinstance(whole, dict), place
        for key, child in part.items():
            assert key in whole, f"{place}.{key}"
            assert_within(child, whole[key], f"{place}.{key}")
    else:
        assert same(part, whole), f"{place}: {whole!r}"


def same(value: Any, other: Any) -> bool:
    """Equal as JSON: true and 1 are equal in Python, and not the same value."""
    return json.dumps(value, sort_keys=True) == json.dumps(other, sort_keys=True)


async def test_all_that_is_not_built_yet_is_refused_with_its_place() -> None:
    """Nothing of the list is ever accepted: a template that asks for protection must not run without it."""
    cases = read_cases(FOLDER / "not_supported_yet.yaml")
    assert sorted({case.feature for case in cases}) == sorted(NOT_BUILT)
    for case in cases:
        checked = await check_start(case.request(), NoTemplates(), library_of(case), DEFAULTS, PROGRAMS)
        refused = [problem for problem in checked.problems if problem.id == "NotSupportedYet"]
        assert refused, case.name
        assert all(problem.path for problem in refused), case.name
        assert checked.plan is None
        assert checked.start is None
