"""Parameters of RetryTask and ExecuteTask: what nothing would read is refused, and what is accepted counts."""

from typing import Any

import pytest

from caboose.engine.errors import TaskFailed
from caboose.engine.progress import Begun, Checkpoint, Progress
from caboose.engine.replacing import replaceable, unknown_name
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, fails, inner_loop, parameters, product
from tests.engine.test_moments import said, state_of, wait_of
from tests.oos.templates import template

DEBUG = {"Mode": "Debug"}
PAUSE = {"Mode": "FailurePause"}


def started(text: str, mode: dict[str, Any], script: dict[str, Any] | None = None, **more: Any) -> Execution:
    return Execution(text, Recording(script), fields=mode, **more).start()


def each() -> str:
    """A loop of tasks."""
    return template([inner_loop("each", ["p", "q"], act("a", {"Id": ITEM}))])


def computed(**parts: Any) -> str:
    """The same, after a task whose output is 5."""
    look = act("look", Outputs={"x": {"Type": "Number", "ValueSelector": "X"}})
    loop = inner_loop("each", parts.get("items", ["p"]), act("a", {"Id": ITEM}), control=parts.get("control"))
    return template([look, loop])


@pytest.mark.parametrize(
    ("mode", "kind", "word"), [(DEBUG, "Debug", "ExecuteTask"), (PAUSE, "FailurePause", "RetryTask")]
)
@pytest.mark.parametrize("name", ["InstanceId", "parameters", "Body", "LoopItems"])
async def test_a_name_that_the_action_does_not_read_is_refused(
    name: str, mode: dict[str, Any], kind: str, word: str
) -> None:
    going = started(template([act("a", {"InstanceId": "i-1"})]), mode, fails("a"))
    await going.asks(kind)
    before = len(going.effects.calls)
    outcome = going.decide(word, Parameters={"API": "Modify-b", name: "i-2"})
    assert (outcome.accepted, outcome.code) == (False, "InvalidNotification")
    assert outcome.message.startswith(
        f'a (ACS::ExecuteAPI) has no property "{name}" that could be replaced: it has Service, API, Parameters, '
        "AutoPaging, Risk (what the API takes stands within Parameters)"
    )
    assert ('Did you mean "Parameters"?' in outcome.message) == (name == "parameters")
    assert len(going.effects.calls) == before
    await going.cancel()


def test_which_properties_there_are() -> None:
    assert replaceable("ACS::Sleep") == ["Duration", "EndDate"]
    assert replaceable("ACS::Loop") == ["LoopItems", "LoopRateControl"]
    assert replaceable("ACS::Template") is replaceable("ACS::ECS::RebootInstance") is None
    assert unknown_name("a", "ACS::ECS::RebootInstance", ["anything"]) == ""
    assert len(unknown_name("a", "ACS::Sleep", ["x" * 10_000])) < 300


async def test_of_another_step_it_is_said_when_it_is_run() -> None:
    going = started(
        template([act("a"), {"Name": "s", "Action": "ACS::Sleep", "Properties": {"Duration": "PT1S"}}]), DEBUG
    )
    await going.answer("Debug", "ExecuteTask", TaskName="s", Parameters={"API": "Modify-b"})
    await going.asks("Debug")
    assert 's (ACS::Sleep) has no property "API"' in going.run_of("s").message
    await going.answer("Debug", "ExecuteTask", TaskName="S", Parameters={"Duration": "PT2S"})
    await going.end()
    assert going.state.status == "Success"


async def test_a_parameter_that_a_product_action_does_not_have_fails_it() -> None:
    library = product("ACS::X::N", act("a", {"Id": "{{ id }}"}), Parameters={"id": {"Default": "one"}})
    text = template([{"Name": "n", "Action": "ACS::X::N", "Properties": {}}])
    going = started(text, PAUSE, {"Modify-a": [TaskFailed("Bad", "no"), {}]}, library=library)
    await going.answer("FailurePause", "RetryTask", Parameters={"ID2": "two"})
    (wait,) = await going.asks("FailurePause")
    assert "ID2" in wait.message
    assert len(going.effects.calls) == 1, "nothing was called with what wasn't meant"
    await going.cancel()


async def test_a_debugged_loop_runs_the_items_that_were_given() -> None:
    going = started(each(), DEBUG)
    control = {"Concurrency": 1, "MaxErrors": 1}
    await going.answer("Debug", "ExecuteTask", Parameters={"LoopItems": ["z"], "LoopRateControl": control})
    await going.answer("Debug", "ExecuteTask")
    await going.end()
    assert parameters(going, "a") == [{"Id": "z"}]
    loop = going.run_of("each").loop
    assert loop
    assert (loop.total, loop.max_errors) == (1, 1)


@pytest.mark.parametrize("text", [computed(items="{{ look.x }}"), computed(control={"Concurrency": "{{ look.x }}"})])
async def test_a_loop_that_could_not_begin_is_mended(text: str) -> None:
    going = started(text, PAUSE, {"Modify-look": {"X": -5}})
    given = {"LoopItems": ["z"], "LoopRateControl": {"Concurrency": 1}}
    await going.answer("FailurePause", "RetryTask", Parameters=given)
    await going.end()
    assert going.state.status == "Success"
    assert parameters(going, "a") == [{"Id": "z"}]


async def test_items_that_were_given_are_looked_at_as_those_of_the_template() -> None:
    going = started(computed(items="{{ look.x }}"), PAUSE, {"Modify-look": {"X": 5}})
    await going.answer("FailurePause", "RetryTask", Parameters={"LoopItems": "z"})
    (wait,) = await going.asks("FailurePause")
    assert "the loop's Items are a list" in wait.message
    await going.answer("FailurePause", "RetryTask", Parameters={"LoopItems": ["y"]})
    await going.end()
    assert parameters(going, "a") == [{"Id": "y"}]


@pytest.mark.parametrize("name", ["LoopItems", "LoopRateControl", "LoopTasks"])
def test_a_loop_that_has_begun_takes_no_parameters(name: str) -> None:
    wait = wait_of("FailurePause")
    wait.run.action, wait.run.begun = "ACS::Loop", Begun([1], None, Progress())
    state = state_of(wait, mode="FailurePause")
    outcome = said(state, "RetryTask", Parameters={name: []})
    assert (outcome.code, wait.answer) == ("InvalidNotification", None)
    assert outcome.message == "task1 has begun, and its items stay as they are: RetryTask takes no Parameters here"
    assert said(state, "RetryTask").accepted


def test_nor_does_one_that_runs_apart() -> None:
    wait = wait_of("FailurePause", workflow_id="exec-1.t0001")
    wait.run.action = "ACS::Loop"
    assert (
        said(state_of(wait, mode="FailurePause"), "RetryTask", Parameters={"LoopItems": []}).code
        == "InvalidNotification"
    )


async def test_nor_does_one_that_an_earlier_execution_began() -> None:
    begun = Checkpoint("each", {}, Begun(["p", "q"], None, Progress()), None)
    going = started(each(), DEBUG, begin=begun)
    await going.answer("Debug", "ExecuteTask", Parameters={"LoopItems": ["z"]})
    await going.asks("Debug")
    assert "an earlier execution has begun the loop" in going.run_of("each").message
    assert going.effects.calls == []
    await going.cancel()
