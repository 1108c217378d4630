"""Nested templates that are known only when they are reached: found and compiled as a start's template is."""

import json
from typing import Any

import pytest

from caboose.oos.library import Library, Source
from caboose.oos.start import compile_nested
from tests.oos.templates import NoTemplates, task, template
from tests.support.programs import PROGRAMS

GOOD = template([task(Outputs=None)])
NO_PROGRAM = template([task(Outputs={"x": {"ValueSelector": ".a ||| .b"}})])
LATER = json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": [{"Name": "a", "Action": "ACS::TimerTrigger"}]})


async def compiled(name: str = "", content: str | None = None, library: Library | None = None) -> Any:
    plan, problems = await compile_nested((name, "", content), NoTemplates(), library or Library(), PROGRAMS)
    assert (plan is None) == bool(problems)
    return plan or [problem.id for problem in problems]


async def test_one_by_its_content_and_one_by_its_name() -> None:
    assert (await compiled(content=GOOD)).body.tasks
    found = await compiled("acs::ecs::do", library=Library([Source("ACS::ECS::Do", GOOD)]))
    assert found.body.name == "ACS::ECS::Do"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("nowhere", None, "UnknownTemplate"),
        ("", "", "InvalidField"),
        ("", NO_PROGRAM, "InvalidSelector"),
        ("", "Tasks: 1", "FormatVersion"),
        ("", LATER, "NotSupportedYet"),
    ],
)
async def test_what_stops_a_start_stops_it_too(name: str, content: str | None, problem: str) -> None:
    assert problem in await compiled(name, content)
