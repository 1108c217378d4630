"""Templates of 64 KB that were made to take long. None of them may: a time-out of the test run is the failure here."""

from collections.abc import Callable

import pytest

from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.loading import MAX_BYTES

HEAD = """\
FormatVersion: OOS-2019-06-01
Tasks:
- {Name: t, Action: ACS::ExecuteAPI, Properties: {Service: ECS, API: DescribeRegions}}
"""


def filled(section: str, line: Callable[[int], str]) -> str:
    """A template with as many of these lines in a section as it may have."""
    text = HEAD + section
    number = 0
    while len(text) + len(line(number)) <= MAX_BYTES:
        text += line(number)
        number += 1
    return text


@pytest.mark.parametrize(
    ("section", "line", "problem"),
    [
        ("Conditions:\n", lambda n: f"  c{n}: {{Fn::Not: c{n + 1}}}\n", "UnknownCondition"),
        ("Conditions:\n", lambda n: f"  c{n}: {{Fn::And: [c{n + 1}, c{n // 2}]}}\n", "ConditionCycle"),
        ("Conditions:\n", lambda n: f"  c{n}: {{Fn::And: [C{n - 1}, '{{{{ T.o{n} }}}}']}}\n", "UnknownCondition"),
        ("Parameters:\n", lambda n: f"  p{n}: {{Default: '{{{{ P{n + 1} }}}}'}}\n", "UnknownReference"),
    ],
)  # fmt: skip
def test_names_that_lead_to_names(section: str, line: Callable[[int], str], problem: str) -> None:
    compiled = compile_template(filled(section, line), Library())
    assert problem in [each.id for each in compiled.problems]
