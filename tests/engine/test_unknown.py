"""Calls that change things and got no answer: a read decides, else a person; nothing is sent twice by itself."""

import asyncio
import json
from typing import Any

import pytest

from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.oos.expectations import Rule
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

LOST = OutcomeUnknown("the connection was lost")


def changing(api: str = "RebootInstance", instance: Any = "i-1", **fields: Any) -> str:
    properties = {"Service": "ECS", "API": api, "Parameters": {"InstanceId": instance}}
    return template(
        [task(Name="change", Properties=properties, Outputs={"x": {"ValueSelector": "X"}}, **fields)],
        Outputs={"x": {"Value": "{{ change.x }}"}} if not fields else {},
    )


def states(*names: str) -> dict[str, Any]:
    return {"Instances": {"Instance": [{"InstanceId": "i", "Status": name} for name in names]}}


@pytest.mark.parametrize(
    ("api", "state", "proven"),
    [
        ("RebootInstance", "Starting", True),
        ("rebootInstance", "Starting", True),
        ("RebootInstance", "Running", False),
        ("RebootInstance", "Stopping", False),
        ("StartInstance", "Starting", True),
        ("StartInstance", "Running", True),
        ("StartInstance", "Stopped", False),
        ("StopInstance", "Stopping", True),
        ("StopInstance", "Stopped", True),
        ("StopInstance", "Running", False),
    ],
)
async def test_a_read_decides_where_it_can(api: str, state: str, proven: bool) -> None:
    going = Execution(changing(api), Recording({api: LOST, "DescribeInstances": states(state)})).start()
    if proven:
        await going.end()
        assert going.state.status == "Success"
        assert going.state.outputs == {"x": None}
        assert "the connection was lost" in going.run_of("change").extra["Outcome"]
    else:
        await going.until("Waiting")
        assert going.state.status == "Waiting"
        going.decide("SkipTask")
        await going.end()
    sent, read = going.effects.calls
    assert (sent.api, sent.read) == (api, False)
    assert (read.api, read.read, read.parameters["InstanceIds"]) == ("DescribeInstances", True, ["i-1"])


@pytest.mark.parametrize(
    "answer",
    [states(), states("Starting", "Starting"), TaskFailed("Forbidden", "no"), OutcomeUnknown("lost too")],
    ids=["gone", "several", "refused", "lost"],
)
async def test_a_read_that_proves_nothing_leaves_it_to_a_person(answer: Any) -> None:
    going = (
        await Execution(changing(), Recording({"RebootInstance": LOST, "DescribeInstances": answer}))
        .start()
        .until("Waiting")
    )
    going.decide("SkipTask")
    await going.end()
    assert going.state.status == "Success"


@pytest.mark.parametrize(("api", "instance"), [("ModifyInstanceAttribute", "i-1"), ("RebootInstance", ["i-1"])])
async def test_a_call_without_a_read_that_decides_asks_at_once(api: str, instance: Any) -> None:
    going = await Execution(changing(api, instance), Recording({api: LOST})).start().until("Waiting")
    assert [call.api for call in going.effects.calls] == [api]
    record = going.record()
    assert record["StatusReason"] == "OutcomeUnknown"
    assert record["StatusMessage"].startswith(f"OutcomeUnknown: change {api} i-1: the connection was lost")
    (wait,) = record["Waiting"]
    assert (wait["Kind"], wait["Accepts"], wait["Attempt"]) == ("OutcomeUnknown", ["RetryTask", "SkipTask"], 1)
    going.decide("SkipTask")
    await going.end()


async def test_retrying_sends_it_once_more() -> None:
    script = {"RebootInstance": [LOST, {"X": "done"}], "DescribeInstances": states("Running")}
    going = await Execution(changing(), Recording(script)).start().until("Waiting")
    going.decide("RetryTask", NotifyNote="it did not restart", Approver="alice")
    await going.end()
    assert [call.api for call in going.effects.calls] == ["RebootInstance", "DescribeInstances", "RebootInstance"]
    assert going.state.outputs == {"x": "done"}
    change = going.run_of("change")
    assert (change.status, change.message, change.request_id) == ("Success", "", "request-3")
    assert change.extra["NotifyNote"] == "it did not restart"
    assert going.record()["StatusReason"] == ""


async def test_each_loss_is_an_attempt_of_its_own() -> None:
    going = await Execution(changing("ModifyX"), Recording({"ModifyX": LOST})).start().until("Waiting")
    going.decide("RetryTask", Attempt=1)
    await going.effects.wait_until(lambda: len(going.effects.calls) == 2 and going.state.status == "Waiting")
    stale = going.decide("RetryTask", Attempt=1)
    assert (stale.accepted, stale.code) == (False, "WrongAttempt")
    assert going.decide("SkipTask", Attempt=2).accepted
    await going.end()
    assert going.run_of("change").status == "Skipped"
    assert going.run_of("change").message.startswith("skipped by a Temporal client; OutcomeUnknown: ")
    assert going.state.outputs == {"x": None}
    assert len(going.effects.calls) == 2


async def test_an_approval_does_not_decide_about_it() -> None:
    going = await Execution(changing("ModifyX"), Recording({"ModifyX": LOST})).start().until("Waiting")
    refused = going.decide("Approve")
    assert refused.code == "NotWaiting"
    assert "nobody knows whether its call was carried out" in refused.message
    assert refused.message.endswith("it accepts RetryTask or SkipTask, not Approve")
    going.decide("SkipTask")
    await going.end()


async def test_cancelling_while_it_waits() -> None:
    going = await Execution(changing("ModifyX"), Recording({"ModifyX": LOST})).start().until("Waiting")
    assert going.task
    going.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going.end()
    assert going.state.status == "Cancelled"
    assert going.run_of("change").status == "Cancelled"
    assert going.run_of("change").message.startswith("OutcomeUnknown: change ModifyX i-1: the connection was lost")
    assert going.record()["Notes"] == ["calls that may or may not have been carried out: 1; see the task executions"]


async def test_whoever_skips_it_leaves_a_record_of_the_doubt() -> None:
    going = await Execution(changing("ModifyX"), Recording({"ModifyX": LOST})).start().until("Waiting")
    going.decide("SkipTask")
    await going.end()
    run = going.run_of("change")
    assert run.status == "Skipped"
    assert run.message.startswith("skipped by ")
    assert run.message.endswith("It may or may not have been carried out.")


async def test_a_task_that_is_cancelled_in_doubt_says_both() -> None:
    going = Execution(changing("ModifyX"), Recording({"ModifyX": LOST}), fields={"Mode": "Debug"}).start()
    await going.answer("Debug", "ExecuteTask")
    await going.answer("OutcomeUnknown", "CancelTask")
    await going.end()
    run = going.run_of("change")
    assert run.status == "Cancelled"
    assert run.message.startswith("OutcomeUnknown: change ModifyX i-1")
    assert "(cancelled by " in run.message


def looped(*items: Any) -> Execution:
    """A loop in which every call is lost."""
    loop = {"Items": list(items), "RateControl": {"Concurrency": len(items)}, "Outputs": {}}
    text = changing("ModifyX", "{{ ACS::TaskLoopItem }}", Loop=loop)
    return Execution(text, Recording({"ModifyX": [*[LOST] * len(items), {}]})).start()


async def all_waiting(going: Execution, count: int) -> None:
    await going.effects.wait_until(lambda: len(going.state.waits) == count)


@pytest.mark.parametrize(
    ("address", "answered"),
    [
        ({}, []),
        ({"TaskName": "change"}, ["i0001", "i0002", "i0003"]),
        ({"TaskExecutionId": "exec-test.t0001"}, ["i0001", "i0002", "i0003"]),
        ({"TaskExecutionId": "exec-test.t0001.i0002"}, ["i0002"]),
        ({"LoopItem": "b"}, ["i0002"]),
        ({"LoopItem": {"id": "c"}}, ["i0003"]),
        ({"LoopItem": "b", "TaskExecutionId": "exec-test.t0001.i0001"}, []),
        ({"TaskExecutionId": "exec-test.t0001.i000"}, []),
        ({"TaskExecutionId": "exec-test.t0002"}, []),
        ({"TaskName": "other"}, []),
        ({"LoopItem": "z"}, []),
    ],
)
async def test_a_decision_is_for_the_items_that_it_names(address: dict[str, Any], answered: list[str]) -> None:
    going = looped("a", "b", {"id": "c"})
    await all_waiting(going, 3)
    waits = dict(going.state.waits)
    outcome = going.decide("SkipTask", **address)
    assert outcome.accepted == bool(answered)
    assert outcome.code == ("" if answered else "NotWaiting" if address else "AmbiguousNotification")
    assert [id[-5:] for id, wait in waits.items() if wait.answer] == answered
    going.decide("SkipTask", TaskName="change")
    await going.end()
    assert going.state.status == "Success"
    loop = going.record()["Tasks"][0]["Loop"]
    assert (loop["Skipped"], loop["Success"], loop["Failed"]) == (3, 0, 0)


async def test_a_loop_shows_how_many_of_its_items_wait() -> None:
    going = looped("a", "b")
    await all_waiting(going, 2)
    record = going.record()["Tasks"][0]
    assert (record["Status"], record["Loop"]["Waiting"], record["Loop"]["Running"]) == ("Waiting", 2, 2)
    assert going.record()["StatusMessage"].endswith("(and 1 more)")
    going.decide("RetryTask", LoopItem="a")
    await all_waiting(going, 1)
    going.decide("SkipTask", LoopItem="b")
    await going.end()
    runs = {run.item: run.status for run in going.state.runs.values() if run.has_item}
    assert runs == {"a": "Success", "b": "Skipped"}
    assert [call.parameters["InstanceId"] for call in going.effects.calls] == ["a", "b", "a"]


async def test_a_wait_for_polls_and_gives_its_outputs() -> None:
    waiting = task(
        Name="wait",
        Action="ACS::WaitFor",
        Retries=3,
        DelayType="Constant",
        Delay=5,
        Properties={
            "Service": "ECS",
            "API": "DescribeInstances",
            "PropertySelector": "Instances.Instance[].Status",
            "DesiredValues": ["Running"],
            "StopRetryValues": "{{ stop }}",
        },
        Outputs={"status": {"ValueSelector": "Instances.Instance[].Status"}},
    )
    text = template(
        [waiting], Parameters={"stop": {"Default": "Deleted"}}, Outputs={"status": {"Value": "{{ wait.status }}"}}
    )
    done = await run(text, {"DescribeInstances": states("Running")})
    (poll,) = done.effects.polls
    assert poll.rule == Rule("Instances.Instance[].Status", ["Running"], None, ["Deleted"]), "a value made a list"
    assert not poll.check
    assert (poll.retry.retries, poll.retry.delay_type, poll.retry.delay) == (3, "Constant", 5)
    assert done.state.outputs == {"status": "Running"}
    assert done.run_of("wait").request_id == "request-of-poll"


async def test_what_the_answer_would_have_given_is_nothing_in_a_loop_too() -> None:
    fields = {"Loop": {"Items": ["i-1", "i-2"]}}
    text = json.loads(changing("StartInstance", "{{ ACS::TaskLoopItem }}", **fields))
    text["Outputs"] = {"found": {"Type": "List", "Value": "{{ change.Some[].Path }}"}}
    script = {"StartInstance": [LOST, {"Some": [{"Path": 1}]}], "DescribeInstances": states("Running")}
    done = await run(json.dumps(text), script)
    assert done.state.outputs == {"found": [1]}


REFUSED_THEN_LOST = [TaskFailed("IncorrectInstanceStatus", "not now"), LOST, {}]


@pytest.mark.parametrize("address", [{}, {"TaskExecutionId": "exec-test.t0001"}, {"Attempt": 1}])
@pytest.mark.parametrize("loop", [{}, {"Loop": {"Items": ["i-1"]}}])
async def test_a_late_retry_of_a_failure_sends_no_lost_call_again(
    loop: dict[str, Any], address: dict[str, Any]
) -> None:
    """Two people saw the failure, and both want it tried again: the second comes when the call has been lost."""
    effects = Recording({"ModifyX": REFUSED_THEN_LOST})
    going = Execution(changing("ModifyX", **loop), effects, fields={"Mode": "FailurePause"}).start()
    await going.asks("FailurePause")
    assert going.decide("RetryTask", **address).accepted
    await going.asks("OutcomeUnknown")
    late = going.decide("RetryTask", **address)
    assert (late.accepted, late.code) == (False, "WrongAttempt")
    assert len(effects.calls) == 2
    await going.answer("OutcomeUnknown", "RetryTask")
    await going.end()
    assert going.state.status == "Success"


async def test_a_late_retry_of_a_lost_call_is_none_of_its_failure() -> None:
    effects = Recording({"ModifyX": [LOST, LOST, TaskFailed("IncorrectInstanceStatus", "not now")]})
    going = Execution(changing("ModifyX"), effects, fields={"Mode": "FailurePause"}).start()
    numbers = [
        (await going.answer("OutcomeUnknown", "RetryTask")).attempt,
        (await going.answer("OutcomeUnknown", "RetryTask")).attempt,
        (await going.answer("FailurePause", "SkipTask")).attempt,
    ]
    assert numbers == [1, 2, 3]
    await going.end()


async def test_after_failed_items_were_left_out_a_late_decision_is_none_of_the_others() -> None:
    effects = Recording({"ModifyX": [TaskFailed("IncorrectInstanceStatus", "not now"), LOST, {}]})
    control = {"Items": ["i-1", "i-2"], "RateControl": {"Concurrency": 1, "MaxErrors": 0}}
    going = Execution(changing("ModifyX", Loop=control), effects, fields={"Mode": "FailurePause"}).start()
    (failed,) = await going.asks("FailurePause")
    assert going.decide("SkipTask", TaskExecutionId=failed.run.id).accepted
    await going.asks("OutcomeUnknown")
    assert going.decide("RetryTask", TaskExecutionId=failed.run.id).code == "WrongAttempt"
    await going.answer("OutcomeUnknown", "SkipTask")
    await going.end()


async def test_a_decision_without_an_address_is_not_for_what_was_lost_meanwhile() -> None:
    effects = Recording({"ModifyX": [LOST, {}, LOST, {}]})
    items = {"Items": ["i-1", "i-2"], "RateControl": {"Concurrency": 1}}
    going = Execution(changing("ModifyX", Loop=items), effects).start()
    await going.asks("OutcomeUnknown")
    assert going.decide("RetryTask").accepted
    await effects.wait_until(lambda: len(effects.calls) == 3 and going.state.status == "Waiting")
    late = going.decide("RetryTask")
    assert (late.accepted, late.code) == (False, "AmbiguousNotification")
    assert "exec-test.t0001.i0002" in late.message
    await going.answer("OutcomeUnknown", "RetryTask")
    await going.end()
    assert len(effects.calls) == 4
