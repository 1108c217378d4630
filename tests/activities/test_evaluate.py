"""``evaluate`` and ``matches``: what workflow code asks of programs, and how refusals cross."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.contracts import EvaluateInput, MatchesInput
from activities.evaluate import EvaluateActivities
from caboose.sandbox import Sandbox, SandboxError
from tests.support.programs import PROGRAMS

ACTIVITIES = EvaluateActivities(PROGRAMS)


async def refusal(function: Callable[[Any], Awaitable[Any]], argument: Any) -> str:
    with pytest.raises(ApplicationError) as caught:
        await ActivityEnvironment().run(function, argument)
    assert (caught.value.type, caught.value.non_retryable) == ("SelectorError", True)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


async def test_results() -> None:
    result = await ActivityEnvironment().run(ACTIVITIES.evaluate, EvaluateInput(".[]|.a", [{"a": 1}, {}]))
    assert result.results == [1, None]
    assert await ActivityEnvironment().run(ACTIVITIES.matches, MatchesInput("a+", "aa")) is True
    assert await ActivityEnvironment().run(ACTIVITIES.matches, MatchesInput("a+", "ab")) is False


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("a |", "the program is neither jq nor JMESPath"),
        (".a", "the program fails on this value"),
        ("env", "the program uses env"),
        ("def f: f; f", "the program did not end within 1 s of processor time"),
        ('"é" * 1000000', "the program gives 6000004 bytes, at most 4000000 are allowed"),
    ],
)
async def test_a_program_that_fails_is_refused_for_good(program: str, message: str) -> None:
    assert message in await refusal(ACTIVITIES.evaluate, EvaluateInput(program, [1]))


async def test_a_pattern_that_takes_too_long_is_refused_for_good() -> None:
    assert "takes too long" in await refusal(ACTIVITIES.matches, MatchesInput("^(a|aa)+$", "a" * 100 + "b"))


async def test_a_sandbox_that_can_not_work_is_asked_again() -> None:
    closed = Sandbox()
    closed.close()
    with pytest.raises(SandboxError):
        await ActivityEnvironment().run(EvaluateActivities(closed).evaluate, EvaluateInput(".|.", 1))
