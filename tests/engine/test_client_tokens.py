"""Calls with a ClientToken are made again with the same one until it is known what became of them."""

import asyncio
from typing import Any

import pytest

from caboose.engine.actions.again import TRIES
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

LOST = OutcomeUnknown("the connection was lost")
REFUSED = TaskFailed("Forbidden.RAM", "you may not")


def running(**fields: Any) -> str:
    """A template with a call that takes a token."""
    properties = {"Service": "ecs", "API": "RunCommand", "Parameters": {"InstanceIds": ["i-1"]}}
    return template([task(Name="go", Properties=properties, Outputs={"id": {"ValueSelector": "InvokeId"}}, **fields)])


def tokens(execution: Execution) -> list[str]:
    return [call.client_token for call in execution.effects.calls]


async def test_an_unknown_outcome_is_no_reason_to_ask_people() -> None:
    done = await run(running(), {"RunCommand": [LOST, LOST, {"InvokeId": "t-1"}]})
    assert (done.state.status, done.run_of("go").outputs) == ("Success", {"id": "t-1"})
    assert (done.run_of("go").unknown, done.run_of("go").message) == (False, "")
    assert len(tokens(done)) == 3
    assert len(set(tokens(done))) == 1
    assert [seconds for seconds, _ in done.effects.sleeps] == [2, 4]


async def test_a_token_is_what_the_cloud_takes_for_one_and_says_nothing() -> None:
    done = await run(running())
    (token,) = tokens(done)
    assert len(token) == 64
    assert token.isascii()
    assert tokens(await run(running())) == [token], "a replay makes the same one"


async def test_other_calls_have_none() -> None:
    for properties in ({"Service": "ECS", "API": "RebootInstance"}, {"Service": "ECS", "API": "DescribeHpcClusters"}):
        assert tokens(await run(template([task(Properties=properties)]))) == [""]


async def test_every_item_has_its_own_token() -> None:
    done = await run(running(Loop={"Items": ["a", "b", "c"]}))
    assert len(set(tokens(done))) == 3


async def test_a_task_that_people_run_again_has_a_new_token() -> None:
    fields = {"Mode": "FailurePause"}
    going = Execution(running(), Recording({"RunCommand": [REFUSED, {"InvokeId": "t-2"}]}), fields=fields).start()
    await going.until("Waiting")
    going.decide("RetryTask")
    await going.end()
    assert going.state.status == "Success"
    assert len(set(tokens(going))) == 2


async def test_when_it_lasts_people_decide_and_the_token_stays() -> None:
    going = Execution(running(), Recording({"RunCommand": [*[LOST] * TRIES, {"InvokeId": "t-1"}]})).start()
    await going.until("Waiting")
    assert going.run_of("go").unknown
    assert len(tokens(going)) == TRIES
    assert max(seconds for seconds, _ in going.effects.sleeps) == 60
    going.decide("RetryTask")
    await going.end()
    assert going.state.status == "Success"
    assert len(set(tokens(going))) == 1


async def test_a_refusal_afterwards_proves_nothing_about_the_first_time() -> None:
    going = Execution(running(), Recording({"RunCommand": [LOST, REFUSED]})).start()
    await going.until("Waiting")
    message = next(iter(going.state.waits.values())).message
    assert "the connection was lost" in message
    assert "Forbidden.RAM: you may not" in message
    going.decide("RetryTask")
    await going.end()
    assert going.state.status == "Failed", "refused the first time that it is asked"
    assert going.run_of("go").message == "Forbidden.RAM: you may not"


async def test_an_answer_whose_outputs_can_not_be_selected_proves_the_call() -> None:
    done = await run(running(), {"RunCommand": [LOST, TaskFailed("SelectorError", "the call was carried out, but")]})
    assert done.state.status == "Failed"
    assert not done.run_of("go").unknown


async def test_a_refusal_at_once_is_one() -> None:
    done = await run(running(), {"RunCommand": REFUSED})
    assert (done.state.status, len(tokens(done)), done.effects.sleeps) == ("Failed", 1, [])


async def test_a_cancellation_begins_nothing_and_leaves_it_unknown() -> None:
    going = Execution(running(), Recording({"RunCommand": LOST, "sleep": asyncio.CancelledError()})).start()
    assert going.task
    with pytest.raises(asyncio.CancelledError):
        await going.task
    assert going.run_of("go").unknown
    assert len(tokens(going)) == 1
