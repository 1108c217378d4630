"""Failed executions that are taken up again until one goes well: nothing is done twice, and nothing is forgotten."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from caboose.engine.errors import TaskFailed
from caboose.engine.progress import Checkpoint
from tests.engine.apart import Apart, travelled
from tests.engine.crowd import ALL, COLLECTED, Crowd, loop_task, looped
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, called, fails, inner_loop, nested, parameters, product
from tests.oos.templates import template

_MOST = 60


async def chain(text: str, effects: Recording, *, only_failed: bool = False, library: Any = None) -> list[Execution]:
    """The executions, each from where the one before it failed; the last one didn't fail."""
    begin: Checkpoint | None = None
    done: list[Execution] = []
    while True:
        going = Execution(text, effects, library=library, begin=begin)
        if isinstance(effects, Apart):
            effects.root = going.state
        done.append(await going.start().end())
        if going.state.status != "Failed":
            return done
        assert going.state.checkpoint, going.state.message
        begin = travelled(going.state.checkpoint).to_retry(failed_items_only=only_failed)
        assert len(done) < _MOST


controls = st.fixed_dictionaries({"Concurrency": st.integers(1, 4)}) | st.fixed_dictionaries(
    {"Mode": st.just("Batch"), "Batch": st.lists(st.integers(1, 4), min_size=1, max_size=3)}
)


@given(
    items=st.integers(0, 8),
    control=controls,
    max_errors=st.integers(0, 2),
    bad=st.dictionaries(st.integers(1, 8), st.integers(1, 3), max_size=5),
    before=st.integers(0, 2),
    after=st.integers(0, 2),
    apart=st.booleans(),
    handed_over=st.lists(st.integers(1, 3), max_size=8),
)
def test_each_item_is_done_once_however_often_it_was_taken_up(
    items: int, control: Any, max_errors: int, bad: Any, before: int, after: int, apart: bool, handed_over: Any
) -> None:
    ids = list(range(1, items + 1))
    tasks = [act("before"), loop_task(ids, {**control, "MaxErrors": max_errors}), act("after")]
    text = template(tasks, Outputs=ALL)
    crowd = Crowd(bad)
    script = {
        **crowd.script(),
        "Modify-before": [*[TaskFailed("Bad", "no")] * before, {}],
        "Modify-after": [*[TaskFailed("Bad", "no")] * after, {}],
    }
    effects = Apart(script, iter(handed_over)) if apart else Recording(script)

    async def whole() -> None:
        done = await chain(text, effects)
        last = done[-1]
        assert last.state.status == "Success"
        told = called(last)
        assert told.count("before") == before + 1, "it isn't run again once it went well"
        assert told.count("after") == after + 1
        for item in ids:
            times = bad.get(item, 0)
            assert crowd.started.count(item) <= times + 1
            collected = last.state.outputs or {}
            gave = f"{item}!" if crowd.started.count(item) == times + 1 else None
            assert collected["all"][item - 1] == gave
        given_up = [item for item in ids if crowd.started.count(item) < bad.get(item, 0) + 1]
        assert len(given_up) <= max_errors

    asyncio.run(whole())


async def test_only_the_failed_ones_however_often() -> None:
    crowd = Crowd({2: 2, 3: 1})
    done = await chain(looped([1, 2, 3, 4, 5, 6], {"Concurrency": 2}), Recording(crowd.script()), only_failed=True)
    assert len(done) == 3
    assert 6 not in crowd.started
    assert crowd.started.count(1) == 1
    loop = done[-1].run_of("a").loop
    assert loop and loop.success + loop.skipped == 6


async def test_a_failure_within_a_template_runs_it_again_from_its_beginning() -> None:
    text = template([act("a"), nested("n", act("b"), act("c")), act("d")])
    done = await chain(text, Recording({"Modify-c": [*fails("c").values(), {}]}))
    assert called(done[-1]) == "a b c b c d"


async def test_a_failure_within_a_product_action_runs_it_again_from_its_beginning() -> None:
    library = product("ACS::X::N", act("b"), act("c"))
    text = template([act("a"), {"Name": "n", "Action": "ACS::X::N", "Properties": {}}, act("d")])
    done = await chain(text, Recording({"Modify-c": [*fails("c").values(), {}]}), library=library)
    assert called(done[-1]) == "a b c b c d"


async def test_iterations_that_went_well_stay_done_and_keep_what_they_gave() -> None:
    loop = inner_loop(
        "each",
        [1, 2, 3],
        act("a", {"Id": ITEM}, Outputs={"x": {"ValueSelector": "X"}}),
        act("b", {"Id": ITEM}),
        Outputs={"all": {"ValueSelector": "{{ a.x }}"}},
    )
    text = template([loop], Outputs={"all": {"Value": "{{ each.all }}"}})
    refused = [{}, *fails("b").values(), {}]
    effects = Recording({"Modify-a": lambda call: {"X": call.parameters["Id"] * 10}, "Modify-b": refused})
    done = await chain(text, effects)
    assert [each["Id"] for each in parameters(done[-1], "a")] == [1, 2, 2, 3]
    assert done[-1].state.outputs == {"all": [10, 20, 30]}


async def test_batches_that_were_approved_are_not_asked_about_again() -> None:
    control = {"Mode": "Batch", "Batch": [2], "BatchPauseOption": "EveryBatchPause"}
    crowd = Crowd({3: 1})
    first = Execution(looped([1, 2, 3, 4, 5], control), Recording(crowd.script())).start()
    await first.answer("BatchPause", "Approve")
    await first.end()
    assert first.state.checkpoint
    begin = travelled(first.state.checkpoint).to_retry(failed_items_only=False)
    again = Execution(looped([1, 2, 3, 4, 5], control), Recording(crowd.script()), begin=begin).start()
    wait = await again.answer("BatchPause", "Approve")
    await again.end()
    assert wait.message.startswith("batch 2 of a is done, 1 items are left")
    assert again.state.outputs == {"all": ["1!", "2!", "3!", "4!", "5!"]}


async def test_edited_parameters_stay_with_the_items_of_a_loop_that_is_taken_up_again() -> None:
    crowd = Crowd({2: 9, "edited": 1})
    first = Execution(looped([1, 2, 3]), Recording(crowd.script()), fields={"Mode": "FailurePause"}).start()
    await first.answer("FailurePause", "RetryTask", Parameters={"Parameters": {"Id": "edited"}})
    await first.asks("FailurePause")
    begun = first.run_of("a").begun
    assert begun
    begin = Checkpoint("a", {}, travelled(begun)).to_retry(failed_items_only=False)
    await first.cancel()
    again = await Execution(looped([1, 2, 3]), Recording(crowd.script()), begin=begin).start().end()
    assert again.state.status == "Success"
    assert crowd.started == [1, 2, "edited", "edited", "edited"]


async def test_targets_and_outputs_are_those_of_the_first_execution() -> None:
    select = {
        "Name": "select",
        "Action": "ACS::SelectTargets",
        "Properties": {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [{"Type": "All"}]},
        "Outputs": {"ids": {"Type": "List", "ValueSelector": "Ids[]"}},
    }
    loop = {"Items": "{{ select.ids }}", "Outputs": COLLECTED}
    change = act("a", {"Id": ITEM}, Loop=loop, Outputs={"x": {"ValueSelector": "X"}})
    text = template([select, change], Outputs=ALL)
    crowd = Crowd({"i": 1})
    targets = {"Items": [{"Id": "i", "Name": "", "Status": ""}], "Count": 1}
    selections = [{"Targets": targets, "Body": {"Ids": ["i", "j"]}}, {"Body": {"Ids": ["other"]}}]
    done = await chain(text, Recording({"select": selections, **crowd.script()}))
    assert crowd.started == ["i", "i", "j"]
    assert done[-1].state.outputs == {"all": ["i!", "j!"]}
    assert done[-1].state.targets and done[-1].state.targets["Count"] == 1
