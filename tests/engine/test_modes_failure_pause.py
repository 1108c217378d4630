"""Mode FailurePause: what failed waits for RetryTask or SkipTask, as often as it takes (reference section 8.6)."""

from typing import Any

from caboose.engine.errors import TaskFailed
from tests.engine.crowd import Crowd, execution, looped
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import act, called, choose, fails, nested, parameters, product
from tests.oos.templates import template

PAUSE = {"Mode": "FailurePause"}
TEN = list(range(1, 11))


def paused(text: str, script: dict[str, Any], library: Any = None, given: dict[str, Any] | None = None) -> Execution:
    return Execution(text, Recording(script), given, library, fields=PAUSE).start()


def bad(name: str, times: int = 1) -> dict[str, Any]:
    """A script in which a task's call fails so often, and then goes well."""
    return {f"Modify-{name}": [*[fails(name)[f"Modify-{name}"]] * times, {"X": "good"}]}


async def test_a_failed_task_waits_and_says_what_can_be_done() -> None:
    going = paused(template([act("a"), act("b")]), bad("a"))
    (wait,) = await going.asks("FailurePause")
    assert (wait.accepts, wait.attempt, wait.run.status) == (("RetryTask", "SkipTask"), 1, "Waiting")
    assert wait.message == "a: no a. RetryTask runs a again, SkipTask goes on without it."
    assert going.state.status == "Waiting"
    assert called(going) == "a"
    await going.answer("FailurePause", "RetryTask", NotifyNote="now")
    await going.end()
    assert called(going) == "a a b"
    assert going.state.status == "Success"
    run = going.run_of("a")
    assert (run.status, run.attempt, run.message) == ("Success", 2, "")


async def test_retried_again_and_again() -> None:
    going = paused(template([act("a")]), bad("a", 4))
    for attempt in range(1, 5):
        wait = await going.answer("FailurePause", "RetryTask")
        assert wait.attempt == attempt
    await going.end()
    assert called(going) == "a a a a a"
    assert len(going.state.runs) == 1, "it stays one task execution"


async def test_an_answer_to_an_earlier_attempt_is_none_to_this_one() -> None:
    going = paused(template([act("a")]), bad("a", 2))
    await going.answer("FailurePause", "RetryTask")
    await going.asks("FailurePause")
    assert not going.decide("RetryTask", Attempt=1).accepted
    assert not going.decide("RetryTask").accepted, "whoever says nothing of an attempt may mean an earlier one"
    assert going.decide("SkipTask", Attempt=2).accepted
    await going.end()


async def test_edited_parameters_replace_properties_and_stay() -> None:
    task = act("a", {"Id": "{{ p }}", "Size": 1})
    going = paused(template([task], Parameters={"p": {"Default": "i-1"}}), bad("a", 2))
    await going.answer("FailurePause", "RetryTask", Parameters={"Parameters": {"Id": "{{ p }}", "Size": 2}})
    await going.answer("FailurePause", "RetryTask", Parameters={"API": "Modify-b"})
    await going.end()
    assert parameters(going, "a") == [{"Id": "i-1", "Size": 1}, {"Id": "{{ p }}", "Size": 2}], "values are literal"
    assert parameters(going, "b") == [{"Id": "{{ p }}", "Size": 2}], "what was edited before stays edited"
    assert going.run_of("a").properties["API"] == "Modify-b"


async def test_a_failed_task_does_not_reach_its_handler_unless_nobody_is_asked() -> None:
    going = paused(template([act("a", OnError="c"), act("b"), act("c")]), bad("a"))
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert called(going) == "a a b c"
    assert going.state.status == "Success"


async def test_outputs_of_the_attempt_that_went_well() -> None:
    task = act("a", Outputs={"x": {"ValueSelector": "X"}})
    going = paused(template([task], Outputs={"x": {"Value": "{{ a.x }}"}}), bad("a", 2))
    for _ in range(2):
        await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert going.state.outputs == {"x": "good"}


async def test_a_request_id_is_the_last_attempt_s() -> None:
    answers = [TaskFailed("Bad", "no", f"request-{number}") for number in (1, 2)]
    going = paused(template([act("a")]), {"Modify-a": answers})
    await going.answer("FailurePause", "RetryTask")
    await going.asks("FailurePause")
    assert going.run_of("a").request_id == "request-2"
    await going.cancel()


async def test_what_can_not_be_made_waits_too_and_can_be_edited() -> None:
    task = act("a", {"At": {"Fn::AddHour": ["{{ p }}", 1]}})
    going = paused(template([task], Parameters={"p": {"Default": "x"}}), {})
    (wait,) = await going.asks("FailurePause")
    assert "Fn::AddHour" in wait.message
    await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert (going.state.status, going.run_of("a").status) == ("Success", "Skipped")


async def test_a_choice_that_fails_waits() -> None:
    pick = choose("pick", "b", ({"Fn::Equals": [{"Fn::AddHour": ["{{ p }}", 1]}, 1]}, "b"))
    going = paused(template([pick, act("a"), act("b")], Parameters={"p": {"Default": "x"}}), {})
    await going.answer("FailurePause", "RetryTask", Parameters={"Choices": []})
    await going.end()
    assert called(going) == "b"


async def test_an_approval_s_rejection_is_no_failure() -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}
    going = paused(template([ask]), {})
    await going.answer("Approve", "Reject")
    await going.end()
    assert going.state.status == "Cancelled"


async def test_a_nested_template_pauses_inside() -> None:
    text = template([nested("n", act("a"), act("b"), act("c")), act("d")])
    going = paused(text, bad("b"))
    wait = await going.answer("FailurePause", "RetryTask")
    assert wait.run.id == "exec-test.t0001.t0002"
    await going.end()
    assert called(going) == "a b b c d", "what went well before it in the template isn't done again"
    assert [run.status for run in going.state.runs.values()] == ["Success"] * 5


async def test_a_product_action_is_one_step() -> None:
    library = product("ACS::X::N", act("a"), act("b", {"V": "{{ v }}"}), Parameters={"v": {"Default": "one"}})
    task = {"Name": "n", "Action": "ACS::X::N", "Properties": {}}
    going = paused(template([task]), bad("b"), library)
    wait = await going.answer("FailurePause", "RetryTask", Parameters={"v": "two"})
    assert wait.run.id == "exec-test.t0001"
    await going.end()
    assert called(going) == "a b a b", "from its beginning"
    assert [each["V"] for each in parameters(going, "b")] == ["one", "two"]
    assert list(going.state.runs) == [
        "exec-test.t0001",
        "exec-test.t0001.t0001",
        "exec-test.t0001.t0002",
        "exec-test.t0001.a2.t0001",
        "exec-test.t0001.a2.t0002",
    ], "another attempt is another child execution"


async def test_within_a_product_action_a_template_does_not_pause_either() -> None:
    library = product("ACS::X::N", nested("m", act("a")))
    going = paused(template([{"Name": "n", "Action": "ACS::X::N", "Properties": {}}]), bad("a"), library)
    (wait,) = await going.asks("FailurePause")
    assert wait.run.name == "n"
    await going.answer("FailurePause", "SkipTask")
    await going.end()


async def test_cancelling_while_a_failure_waits() -> None:
    going = paused(template([act("a"), act("b")]), bad("a"))
    await going.asks("FailurePause")
    await going.cancel()
    assert going.state.status == "Cancelled"
    assert (going.run_of("a").status, going.state.waits) == ("Cancelled", {})
    assert going.run_of("a").message.startswith("Bad: no a (cancelled")


async def test_modes_that_ask_nobody() -> None:
    done = await execution(looped(TEN), Crowd({3: 1}), Mode="Automatic").end()
    assert (done.state.status, done.state.waits_so_far) == ("Failed", 0)
