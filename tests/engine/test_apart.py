"""Loops that run apart, and go on in another run: the results are those of a loop that is run here and whole."""

import asyncio
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.engine.errors import TaskFailed
from caboose.engine.retrying import Refusal, place_to_retry
from caboose.engine.state import Wait
from tests.engine.apart import Apart
from tests.engine.crowd import Crowd, loop_task, looped
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, called, fails, inner_loop, nested, parameters, product
from tests.oos.templates import template


async def people(going: Execution, decisions: list[str]) -> list[str]:
    """They approve, and decide about failures as the list says, and then skip; gives what they were asked."""
    asked: list[str] = []

    def open_waits() -> list[Wait]:
        return [wait for wait in going.state.waits.values() if wait.answer is None]

    left = iter(decisions)
    assert going.task
    while not going.task.done():
        waiting = asyncio.create_task(going.effects.wait_until(lambda: bool(open_waits())))
        await asyncio.wait([waiting, going.task], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for wait in open_waits()[:1]:
            asked.append(f"{wait.kind} {wait.attempt} {wait.message}")
            kind = "Approve" if "Approve" in wait.accepts else next(left, "SkipTask")
            outcome = going.decide(kind, TaskExecutionId=wait.run.id, Attempt=wait.attempt)
            assert outcome.accepted, outcome.message
    return asked


async def played(text: str, effects: Recording, mode: str, decisions: list[str]) -> tuple[Execution, list[str]]:
    """The execution at its end, and what people were asked."""
    going = Execution(text, effects, fields={"Mode": mode})
    if isinstance(effects, Apart):
        effects.root = going.state
    asked = await people(going.start(), decisions)
    return await going.end(), asked


def told(done: Execution) -> dict[str, Any]:
    """What is the same however a loop was run."""
    state = done.state
    loop = done.run_of("a").loop
    assert loop
    numbers = {name: value for name, value in asdict(loop).items() if name != "cancelled"}
    return {"status": state.status, "message": state.message, "outputs": state.outputs, "loop": numbers}


batches = st.lists(st.integers(0, 4) | st.sampled_from(["10%", "34%", "100%"]), min_size=1, max_size=3)
windows = st.fixed_dictionaries({"Concurrency": st.integers(1, 4)})
in_batches = st.fixed_dictionaries(
    {"Mode": st.just("Batch"), "Batch": batches},
    optional={"ConcurrencyInBatches": st.lists(st.integers(1, 4), min_size=1, max_size=3)},
)
pauses = st.sampled_from(["Automatic", "FirstBatchPause", "EveryBatchPause"])
one_at_a_time = st.just({"Concurrency": 1}) | st.fixed_dictionaries(
    {"Mode": st.just("Batch"), "Batch": batches, "ConcurrencyInBatches": st.just([1])}
)
failures = st.dictionaries(st.integers(1, 9), st.integers(1, 3), max_size=5)
takes = st.lists(st.integers(1, 4), max_size=12)


@given(
    items=st.integers(0, 9),
    control=one_at_a_time,
    pause=pauses,
    max_errors=st.integers(0, 3) | st.sampled_from(["20%", "50%"]),
    bad=failures,
    handed_over=takes,
    mode=st.sampled_from(["Automatic", "FailurePause", "Debug"]),
    decisions=st.lists(st.sampled_from(["RetryTask", "SkipTask"]), max_size=6),
)
def test_going_on_in_another_run_is_exactly_as_going_on(
    items: int, control: Any, pause: str, max_errors: Any, bad: Any, handed_over: Any, mode: str, decisions: Any
) -> None:
    if mode == "Debug":
        decisions = ["ExecuteTask", "ExecuteTask"] if not bad else ["ExecuteTask", "CompleteExecution"]
    text = looped(list(range(1, items + 1)), {**control, "MaxErrors": max_errors, "BatchPauseOption": pause})

    async def both() -> None:
        whole, parts = Crowd(bad), Crowd(bad)
        here, asked_here = await played(text, Recording(whole.script()), mode, decisions)
        apart, asked_apart = await played(text, Apart(parts.script(), iter(handed_over)), mode, decisions)
        assert parts.started == whole.started
        assert told(apart) == told(here)
        assert asked_apart == asked_here

    asyncio.run(both())


@given(
    items=st.integers(1, 9),
    control=windows | in_batches,
    pause=pauses,
    max_errors=st.integers(0, 9),
    bad=failures,
    handed_over=takes,
)
def test_several_at_once_in_several_runs_hold_the_rate_control(
    items: int, control: Any, pause: str, max_errors: int, bad: Any, handed_over: Any
) -> None:
    ids = list(range(1, items + 1))
    text = looped(ids, {**control, "MaxErrors": max_errors, "BatchPauseOption": pause})

    async def both() -> None:
        whole, parts = Crowd(bad), Crowd(bad)
        effects = Apart(parts.script(), iter(handed_over))
        here, asked_here = await played(text, Recording(whole.script()), "Automatic", [])
        apart, asked_apart = await played(text, effects, "Automatic", [])
        assert len(parts.started) == len(set(parts.started)), "none runs twice"
        assert parts.started == ids[: len(parts.started)], "in order"
        shown = here.run_of("a").loop, apart.run_of("a").loop
        assert shown[0] and shown[1]
        if here.state.status == "Success":
            assert told(apart) == told(here)
            assert asked_apart == asked_here
        else:
            assert apart.state.reason == here.state.reason == "LoopFailed"
            assert max_errors < shown[1].failed <= max_errors + shown[1].concurrency
        of = {run.item: run.batch for run in effects.items}
        here_of = {run.item: run.batch for run in here.state.runs.values() if run.has_item}
        assert all(of[item] == here_of.get(item, of[item]) for item in of), "in the same batches"
        assert all(len({of[each] for each in together}) == 1 for together in parts.together), "one batch at a time"

    asyncio.run(both())


async def test_a_batch_that_goes_on_in_another_run_keeps_its_number_and_its_concurrency() -> None:
    """The second batch of three is handed over while an item of it is to run again."""
    control = {"Mode": "Batch", "Batch": [2, 4], "ConcurrencyInBatches": [1, 4]}
    crowd = Crowd({3: 1, 4: 1, 5: 1, 6: 1})
    effects = Apart(crowd.script(), iter([6, 2]))
    done, asked = await played(looped(list(range(1, 9)), control), effects, "FailurePause", ["RetryTask"])
    assert done.state.status == "Success"
    assert len(asked) == 1
    assert effects.runs > 1
    assert crowd.peak([3, 4, 5, 6]) == 4
    assert [run.batch for run in effects.items if run.item in (3, 4, 5, 6)] == [2] * 8
    assert done.state.outputs == {"all": [f"{each}!" for each in range(1, 9)]}


async def test_what_a_task_needs_goes_with_it() -> None:
    """Parameters, outputs of earlier tasks, conditions, roles, direct selections, the item around it."""
    look = act("look", Outputs={"x": {"ValueSelector": "X"}, "large": {"ValueSelector": "X"}})
    loop = {"Items": [1, 2], "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}}
    made = {"Id": ITEM, "P": "{{ p }}", "X": "{{ look.x }}", "Raw": "{{ look.Y[].Z }}", "Me": "{{ ACS::ExecutionId }}"}
    change = act("a", made, Loop=loop, Outputs={"x": {"ValueSelector": "X"}}, When="Wanted")
    text = template(
        [look, change],
        Parameters={"p": {"Default": "p!"}, "unused": {"Default": "u"}, "c": {"Type": "Number", "Default": 2}},
        Conditions={"Wanted": {"Fn::Equals": [ITEM, "{{ c }}"]}},
        RamRole="role",
        Outputs={"all": {"Value": "{{ a.all }}"}, "found": {"Value": "{{ a.Some[] }}"}},
    )
    script = {"Modify-look": {"X": "x!", "Y": [{"Z": 5}]}, "Modify-a": {"X": "given", "Some": [7]}}
    done = await Execution(text, Apart(script, iter([1]))).start().end()
    assert done.state.outputs == {"all": [None, "given"], "found": [7]}
    (call,) = [each for each in done.effects.calls if each.api == "Modify-a"]
    assert call.parameters == {"Id": 2, "P": "p!", "X": "x!", "Raw": [5], "Me": "exec-test"}
    assert call.place.ram_role == "role"


async def test_inner_tasks_and_templates_below_a_loop_that_runs_apart() -> None:
    library = product("ACS::X::N", act("p", {"Id": "{{ id }}"}), Parameters={"id": {}})
    step = {"Name": "x", "Action": "ACS::X::N", "Properties": {"id": ITEM}}
    inner = inner_loop(
        "inner",
        ["q", "r"],
        step,
        nested("n", act("b", {"V": "{{ v }}"}), given={"v": ITEM}, Parameters_={"v": {}}),
        Outputs={"ids": {"ValueSelector": ITEM}},
    )
    outer = inner_loop(
        "outer", [1, 2, 3], act("a", {"Id": ITEM}), inner, Outputs={"all": {"ValueSelector": "{{ inner.ids }}"}}
    )
    text = template([outer], Outputs={"all": {"Value": "{{ outer.all }}"}})
    here = await Execution(text, Recording(), library=library).start().end()
    effects = Apart({}, iter([1, 1, 1, 2, 1, 1]))
    apart = await Execution(text, effects, library=library).start().end()
    assert apart.state.status == "Success", apart.state.message
    assert called(apart) == called(here)
    assert parameters(apart, "b") == parameters(here, "b")
    assert apart.state.outputs == here.state.outputs == {"all": [["q", "r"]] * 3}
    assert effects.runs > 5, "the inner loops run apart too"


async def test_a_loop_deep_in_templates_and_iterations() -> None:
    loop = {"Items": "{{ ids }}", "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}}
    deep = nested(
        "n",
        act("a", {"Id": ITEM, "Of": "{{ of }}"}, Loop=loop, Outputs={"x": {"ValueSelector": "X"}}),
        given={"ids": ITEM, "of": "{{ p }}"},
        Parameters_={"ids": {"Type": "List"}, "of": {}},
        Outputs_={"all": {"Type": "List", "Value": "{{ a.all }}"}},
        Outputs={"found": {"ValueSelector": ".all"}},
    )
    each = inner_loop("each", [[1, 2], [3]], deep, Outputs={"all": {"ValueSelector": "{{ n.found }}"}})
    text = template([each], Parameters={"p": {"Default": "p!"}}, Outputs={"all": {"Value": "{{ each.all }}"}})
    effects = Apart({"Modify-a": lambda call: {"X": call.parameters["Id"] * 10}}, iter([1, 1, 1]))
    done = await Execution(text, effects).start().end()
    assert done.state.outputs == {"all": [[10, 20], [30]]}
    assert parameters(done, "a")[0] == {"Id": 1, "Of": "p!"}


async def test_a_template_by_a_computed_name_is_compiled_once() -> None:
    task = {
        "Name": "n",
        "Action": "ACS::Template",
        "Properties": {"TemplateName": "{{ t }}", "Parameters": {"id": ITEM}},
        "Loop": {"Items": [1, 2, 3, 4]},
    }
    again = {**task, "Name": "m"}
    versions = [template([act(name, {"Id": "{{ id }}"})], Parameters={"id": {}}) for name in ("first", "second")]
    effects = Apart({"template mine": versions}, iter([1, 1]))
    text = template([task, again], Parameters={"t": {"Default": "mine"}})
    done = await Execution(text, effects).start().end()
    assert called(done) == " ".join(["first"] * 8), "also in other runs, and after the loop"


async def test_failures_notes_and_secrets_come_back() -> None:
    loop = {"Items": [1, 2], "RateControl": {"Concurrency": 2}}
    outputs = {"x": {"Value": {"Fn::AddHour": ["{{ s }}", 1]}}}
    inner = nested(
        "n", act("a", {"Id": "{{ s }}"}), given={"s": "{{ secret }}"}, Parameters_={"s": {}}, Outputs_=outputs
    )
    text = template([{**inner, "Loop": loop}, act("b")], Parameters={"secret": {"NoEcho": True}})
    going = Execution(text, Apart(), {"secret": "hunter2-012345"}).start()
    await going.end()
    assert going.state.status == "Success"
    assert len(going.state.notes) == 2
    assert "hunter2" not in str(going.state.notes)
    refused = {"Modify-a": TaskFailed("Bad", "what is hunter2-012345?")}
    done = await Execution(text, Apart(refused, iter([1])), {"secret": "hunter2-012345"}).start().end()
    assert (done.state.status, done.state.reason) == ("Failed", "LoopFailed")
    assert "what is ***?" in done.state.message
    assert called(done) == "a", "the run that handed over let nothing begin, and the next none after an error"


@pytest.mark.parametrize(
    ("decision", "fields", "status", "reason"),
    [
        ("Reject", {}, "Cancelled", "Rejected"),
        ("CancelTask", {}, "Cancelled", "Cancelled"),
        ("CompleteExecution", {"ExecutionStatus": "Success"}, "Success", "CompleteExecution"),
        ("CompleteExecution", {"ExecutionStatus": "Failed"}, "Failed", "CompleteExecution"),
    ],
)
async def test_ends_by_people(decision: str, fields: dict[str, str], status: str, reason: str) -> None:
    text = looped([1, 2, 3], {"Mode": "Batch", "Batch": [1], "BatchPauseOption": "EveryBatchPause"}, act("after"))
    for effects in (Recording({"Modify-a": {}}), Apart({"Modify-a": {}}, iter([1]))):
        going = Execution(text, effects, fields={"Mode": "Debug"})
        if isinstance(effects, Apart):
            effects.root = going.state
        going.start()
        await going.answer("Debug", "ExecuteTask")
        await going.answer("BatchPause", decision, NotifyNote="so", **fields)
        await going.end()
        assert (going.state.status, going.state.reason) == (status, reason)
        assert going.state.message.endswith(": so")
        assert called(going) == "a"


async def test_a_failed_loop_that_ran_apart_can_be_taken_up_again() -> None:
    crowd = Crowd({2: 1})
    effects = Apart(crowd.script(), iter([1, 1]))
    done = await Execution(looped([1, 2, 3]), effects).start().end()
    assert done.state.checkpoint and done.state.checkpoint.begun
    progress = done.state.checkpoint.begun.progress
    assert (progress.next, progress.failed, progress.succeeded) == (2, [1], 1)
    assert list(done.state.checkpoint.begun.items) == [1, 2, 3]


class Lost(Apart):
    """Somebody ends the workflows of loops over task ``a`` from outside."""

    async def run_apart(self, loop: Any, run: Any) -> Any:
        if run.name == "a":
            raise TaskFailed("LoopLost", "its workflow was ended from outside")
        return await super().run_apart(loop, run)


async def test_a_loop_that_is_lost_is_nobody_s_to_retry() -> None:
    text = template([{**loop_task([1, 2]), "OnError": "b"}, act("b")])
    done = await Execution(text, Lost(fails("a")), fields={"Mode": "FailurePause"}).start().end()
    assert (done.state.status, done.state.reason, called(done)) == ("Failed", "LoopLost", "b")
    assert done.run_of("a").unknown
    assert done.state.notes == ["calls that may or may not have been carried out: 1; see the task executions"]


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(lambda: nested("outer", loop_task([1, 2])), id="a nested template"),
        pytest.param(lambda: inner_loop("outer", [1], loop_task([1, 2])), id="the item of a loop"),
        pytest.param(
            lambda: inner_loop("outer", [1], inner_loop("middle", [1], nested("n", loop_task([1, 2])))), id="deep down"
        ),
    ],
)
async def test_nor_is_what_it_was_lost_in(around: Any) -> None:
    text = template([around(), act("b")])
    done = await Execution(text, Lost(fails("a")), fields={"Mode": "FailurePause"}).start().end()
    assert (done.state.status, called(done)) == ("Failed", ""), "and nobody was asked"
    refused = place_to_retry(done.state)
    assert isinstance(refused, Refusal)
    assert refused.code == "CallsInDoubt"
