"""Loops: the worked examples of rate control (reference section 2.6), exactness, aggregates, and cancelling."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.engine.errors import TaskFailed
from caboose.engine.loop import LoopRun
from caboose.engine.progress import Begun, Progress
from caboose.engine.state import TaskRun
from caboose.oos.compiling.tasks import MAX_ITEMS
from caboose.oos.library import Library, Source
from caboose.oos.rate_control import parse
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

LOOP_OUTPUTS = {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}


def looped(items: Any, control: Any = None, **sections: Any) -> str:
    """A loop of a call that changes something, and its aggregate as the template's output."""
    loop = {"Items": items, "Outputs": LOOP_OUTPUTS}
    if control is not None:
        loop["RateControl"] = control
    properties = {"Service": "ECS", "API": "ModifyX", "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}"}}
    change = task(Name="change", Properties=properties, Outputs={"x": {"ValueSelector": "X"}}, Loop=loop)
    return template([change], Outputs={"all": {"Type": "List", "Value": "{{ change.all }}"}}, **sections)


def failing(*bad: int) -> dict[str, Any]:
    """A script in which these items fail."""

    def answer(call: Any) -> Any:
        item = call.parameters["InstanceId"]
        return TaskFailed("Bad", f"no {item}", f"request-{item}") if item in bad else {"X": item}

    return {"ModifyX": answer}


def called(done: Execution) -> list[Any]:
    return [call.parameters["InstanceId"] for call in done.effects.calls]


TEN = list(range(1, 11))


async def test_one_at_a_time_and_the_third_fails() -> None:
    done = await run(looped(TEN, {"Concurrency": 1, "MaxErrors": 0}), failing(3))
    assert called(done) == [1, 2, 3], "items 4 to 10 never start"
    assert (done.state.status, done.state.reason) == ("Failed", "LoopFailed")
    assert done.state.message == ("change: 1 of 10 items failed (MaxErrors 0), 7 never started: 3: Bad: no 3")
    assert done.state.outputs == {"all": None}


async def test_five_at_once_and_the_second_fails_early() -> None:
    done = await run(looped(TEN, {"Concurrency": 5}), failing(2))
    assert len(called(done)) <= 6, "those that run finish; the item that took the first place may be one more"
    assert done.state.status == "Failed"
    assert not [run for run in done.state.runs.values() if run.has_item and not run.ended]


async def test_two_failures_are_tolerated() -> None:
    done = await run(looped(TEN, {"Concurrency": 3, "MaxErrors": 2}), failing(4, 9))
    assert sorted(called(done)) == TEN
    assert done.state.status == "Success"
    assert done.state.outputs == {"all": [1, 2, 3, None, 5, 6, 7, 8, None, 10]}


async def test_an_item_that_cannot_be_made_counts_as_a_failure_also_when_it_is_the_first() -> None:
    text = looped([[1], {"id": 2}, {"id": 3}], {"MaxErrors": 1})
    text = text.replace('"{{ ACS::TaskLoopItem }}"', '{"Fn::Select": ["id", "{{ ACS::TaskLoopItem }}"]}')
    done = await run(text, failing())
    assert called(done) == [2, 3]
    assert done.state.outputs == {"all": [None, 2, 3]}


@pytest.mark.parametrize(
    ("items", "bad", "started"),
    [(10, (2,), 10), (10, (2, 5), 5), (7, (2,), 2)],
    ids=["10% of 10 is 1", "the second stops", "10% of 7 is 0"],
)
async def test_ten_percent(items: int, bad: tuple[int, ...], started: int) -> None:
    done = await run(looped(TEN[:items], {"MaxErrors": "10%"}), failing(*bad))
    assert len(called(done)) == started
    assert done.state.status == ("Success" if started == items else "Failed")


@pytest.mark.parametrize("max_errors", [100, "100%"])
async def test_errors_are_ignored_by_a_large_budget(max_errors: Any) -> None:
    done = await run(looped(TEN, {"MaxErrors": max_errors}), failing(*TEN))
    assert called(done) == TEN
    assert done.state.status == "Success"
    assert done.state.outputs == {"all": [None] * 10}


async def test_no_items() -> None:
    done = await run(looped([]))
    assert (done.state.status, done.state.outputs) == ("Success", {"all": []})
    assert done.record()["Tasks"][0]["Loop"]["Total"] == 0


async def test_without_rate_control_one_after_another() -> None:
    done = await run(looped([1, 2]), failing())
    loop = done.run_of("change").loop
    assert loop
    assert (loop.concurrency, loop.max_errors, loop.success) == (1, 0, 2)


async def test_items_are_task_executions_of_their_own() -> None:
    done = await run(looped(["a", {"k": 1}], {"MaxErrors": 1}), failing("a"))  # type: ignore[arg-type]
    items = [run for run in done.state.runs.values() if run.has_item]
    assert [(run.id, run.item, run.status, run.request_id) for run in items] == [
        ("exec-test.t0001.i0001", "a", "Failed", "request-a"),
        ("exec-test.t0001.i0002", {"k": 1}, "Success", "request-2"),
    ]
    assert all(run.parent_id == "exec-test.t0001" for run in items)
    record = done.record()["Tasks"][0]["Loop"]
    assert record == {
        "Total": 2,
        "Concurrency": 1,
        "MaxErrors": 1,
        "Success": 1,
        "Failed": 1,
        "Skipped": 0,
        "Running": 0,
        "Waiting": 0,
        "Batch": 1,
        "Batches": 1,
        "Cancelled": 0,
        "NotStarted": 0,
    }


async def test_a_summary_names_the_first_failures() -> None:
    done = await run(looped(TEN, {"MaxErrors": 4, "Concurrency": 10}), failing(*TEN))
    assert (
        "10 of 10 items failed (MaxErrors 4): 1: Bad: no 1; 2: Bad: no 2; 3: Bad: no 3; and 7 more"
        in done.state.message
    )


@pytest.mark.parametrize(
    ("items", "code"),
    [("text", "InvalidItems"), ({"a": 1}, "InvalidItems"), ([0] * (MAX_ITEMS + 1), "TooManyItems")],
)
async def test_items_that_turn_out_wrong(items: Any, code: str) -> None:
    kind = "String" if isinstance(items, str) else "Json"
    done = await run(looped("{{ items }}", Parameters={"items": {"Type": kind}}), parameters={"items": items})
    assert (done.state.status, done.state.reason) == ("Failed", code)
    assert not done.effects.calls


async def test_a_thousand_items() -> None:
    numbers = list(range(1_000))
    text = looped("{{ n }}", {"Concurrency": "100%"}, Parameters={"n": {"Type": "List"}})
    done = await run(text, failing(), parameters={"n": numbers})
    assert done.state.outputs == {"all": numbers}


@pytest.mark.parametrize(
    ("control", "code"),
    [({"Concurrency": 0}, "InvalidRateControl"), ({"Mode": "Batch"}, "InvalidRateControl")],
)
async def test_a_rate_control_that_is_known_late_is_checked_before_an_item_starts(control: Any, code: str) -> None:
    first = task(Outputs={"control": {"Type": "Json", "ValueSelector": "Control"}})
    change = task(Name="change", Loop={"Items": [1], "RateControl": "{{ look.control }}"}, Outputs=None)
    done = await run(template([first, change]), {"DescribeInstances": {"Control": control}})
    assert (done.state.status, done.state.reason) == ("Failed", code)
    assert len(done.effects.calls) == 1


INNER = template(
    [
        task(Properties={"Service": "ECS", "API": "ModifyX", "Parameters": {"InstanceId": "{{ id }}"}}, Outputs=None),
        task(Name="again", Outputs=None),
    ],
    Parameters={"id": {}},
    Outputs={"x": {"Value": "{{ id }}"}},
)


async def test_a_loop_over_a_product_action() -> None:
    change = {
        "Name": "change",
        "Action": "ACS::ECS::Twice",
        "Properties": {"id": "{{ ACS::TaskLoopItem }}"},
        "Outputs": {"x": {"ValueSelector": "x"}},
        "Loop": {"Items": ["a", "b"], "RateControl": {"Concurrency": 2}, "Outputs": LOOP_OUTPUTS},
    }
    text = template([change], Outputs={"all": {"Value": "{{ change.all }}"}})
    library = Library([Source("ACS::ECS::Twice", INNER)])
    done = await run(text, library=library)
    assert done.state.outputs == {"all": ["a", "b"]}
    assert "exec-test.t0001.i0002.t0001" in done.state.runs


async def test_cancelling_ends_every_item() -> None:
    before = asyncio.all_tasks()
    going = Execution(looped([1, 2, 3], {"Concurrency": 2}), Recording({"ModifyX": lambda _: asyncio.Event().wait()}))
    going.start()
    await going.effects.wait_until(lambda: len(going.effects.calls) == 2)
    assert going.task
    going.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going.end()
    assert {run.status for run in going.state.runs.values()} == {"Cancelled"}
    assert len(going.state.runs) == 3, "the third item never started"
    assert asyncio.all_tasks() == before, "nothing is left running"


APPROVING = template(
    [
        {
            "Name": "ask",
            "Action": "ACS::Approve",
            "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": "{{ id }}"}}},
        }
    ],
    Parameters={"id": {}},
)


async def test_a_rejection_within_a_loop_ends_the_execution() -> None:
    change = {
        "Name": "change",
        "Action": "ACS::X::Ask",
        "Properties": {"id": "{{ ACS::TaskLoopItem }}"},
        "Loop": {"Items": ["a", "b", "c"], "RateControl": {"Concurrency": 2, "MaxErrors": 3}},
    }
    library = Library([Source("ACS::X::Ask", APPROVING)])
    going = Execution(template([change]), Recording(), library=library).start()
    await going.effects.wait_until(lambda: len(going.state.waits) == 2)
    assert going.decide("Reject", LoopItem="b").accepted
    await going.end()
    assert (going.state.status, going.state.reason) == ("Cancelled", "Rejected")
    assert len(going.effects.messages) == 2
    assert going.state.waits == {}
    assert {run.status for run in going.state.runs.values()} == {"Cancelled"}


class World:
    """``loop.Items`` that end in an order that the test chooses; it counts what the rate control must hold."""

    def __init__(self, items: int, bad: list[int]) -> None:
        self.bad = bad
        self.ends = [asyncio.get_running_loop().create_future() for _ in range(items)]
        self.running: list[int] = []
        self.started: list[int] = []
        self.largest_overlap = 0
        self.failed = 0
        self.started_after: dict[int, int] = {}

    async def turn(self) -> None:
        """Every item may begin at once."""

    async def between_batches(self, finished: int, left: int) -> None:
        """Goes on at once."""

    async def after_failures(self, message: str) -> bool:
        """Asks nobody."""
        raise TaskFailed("LoopFailed", message)

    async def run(self, index: int, batch: int) -> dict[str, Any]:
        """One item; it ends when its future says so."""
        self.started.append(index)
        self.started_after[index] = self.failed
        self.running.append(index)
        self.largest_overlap = max(self.largest_overlap, len(self.running))
        await self.ends[index]
        self.running.remove(index)
        if index in self.bad:
            self.failed += 1
            raise TaskFailed("Bad", str(index))
        return {"x": index}


async def play(items: int, bad: list[int], concurrency: int, max_errors: int, order: Any) -> None:
    """Runs a loop, ends one of its running items after another as ``order`` draws, and holds it against the rules."""
    world = World(items, bad)
    run_, progress = TaskRun("t", "t", "a", ""), Progress()
    control = parse({"Concurrency": concurrency, "MaxErrors": max_errors})
    loop = LoopRun(run_, Begun(list(range(items)), None, progress), control, world)
    going = asyncio.ensure_future(loop.finish())
    while not going.done():
        for _ in range(10):
            await asyncio.sleep(0)
        if going.done():
            break
        expected = min(concurrency, items - len(world.started) + len(world.running))
        within_budget = world.failed <= max_errors
        assert not within_budget or len(world.running) == expected, "no runner is idle while there is something to do"
        world.ends[world.running[order(len(world.running))]].set_result(None)
    assert world.started == list(range(len(world.started))), "in order of the items"
    assert world.largest_overlap <= min(concurrency, items)
    assert all(failed <= max_errors for failed in world.started_after.values()), "none after the (m+1)-th error"
    counters = run_.loop
    assert counters
    assert (counters.failed, counters.running) == (world.failed, 0)
    assert counters.success == len(world.started) - world.failed
    if world.failed > max_errors:
        assert isinstance(going.exception(), TaskFailed)
    else:
        assert going.result() is True
        assert progress.column("x", items) == [None if index in bad else index for index in range(items)]


@given(st.data())
def test_concurrency_and_max_errors_are_exact_in_every_order_of_ends(data: st.DataObject) -> None:
    items = data.draw(st.integers(1, 12))
    bad = data.draw(st.lists(st.integers(0, items - 1), unique=True))
    concurrency, max_errors = data.draw(st.integers(1, 6)), data.draw(st.integers(0, 4))

    def order(running: int) -> int:
        return data.draw(st.integers(0, running - 1))

    asyncio.run(play(items, bad, concurrency, max_errors, order))


class InTurn(World):
    """Items that all fail, and begin one after another as the test says."""

    def __init__(self) -> None:
        super().__init__(3, [0, 1, 2])
        self.turns = [asyncio.get_running_loop().create_future() for _ in range(3)]
        self._waiting = iter(self.turns)

    async def turn(self) -> None:
        """The next turn."""
        await next(self._waiting)

    async def run(self, index: int, batch: int) -> dict[str, Any]:
        """Fails at once."""
        self.started.append(index)
        raise TaskFailed("Bad", str(index))


async def test_an_item_that_waits_for_its_turn_does_not_start_after_the_last_error() -> None:
    world = InTurn()
    control = parse({"Concurrency": 3, "MaxErrors": 0})
    loop = LoopRun(TaskRun("t", "t", "a", ""), Begun([1, 2, 3], None, Progress()), control, world)
    going = asyncio.ensure_future(loop.finish())
    for each in world.turns:
        await asyncio.sleep(0)
        each.set_result(None)
        await asyncio.sleep(0)
    with pytest.raises(TaskFailed, match="2 never started"):
        await going
    assert world.started == [0]


async def test_at_most_a_thousand_items_run_at_once_and_the_counters_say_so() -> None:
    world = World(1_100, [])
    run_ = TaskRun("t", "t", "a", "")
    loop = LoopRun(run_, Begun(list(range(1_100)), None, Progress()), parse({"Concurrency": "100%"}), world)
    going = asyncio.ensure_future(loop.finish())
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(world.started) == 1_000
    for each in world.ends:
        await asyncio.sleep(0)
        each.set_result(None)
    assert await going
    assert world.largest_overlap == 1_000
    assert run_.loop
    assert (run_.loop.concurrency, run_.loop.success) == (1_000, 1_100)
