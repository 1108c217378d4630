"""Batches: their sizes, what runs at once within each, and the pauses between them (reference section 2.6)."""

from typing import Any

import pytest

from tests.engine.crowd import Crowd, batches, execution, looped
from tests.engine.samples import act, called
from tests.oos.templates import template

TWENTY = list(range(1, 21))
TWELVE = list(range(1, 13))


def sizes(found: dict[int, list[Any]]) -> list[int]:
    return [len(found[number]) for number in sorted(found)]


async def test_mode_batch_of_1_25_percent_and_50_percent_over_20_items() -> None:
    control = {"Mode": "Batch", "Batch": [1, "25%", "50%"]}
    done = await execution(looped(TWENTY, control), Crowd()).end()
    assert sizes(batches(done)) == [1, 5, 10, 4], "the last size repeats"
    assert done.state.outputs == {"all": [f"{each}!" for each in TWENTY]}


async def test_calculate_batch_of_5_over_12_items() -> None:
    items = "{{ items }}"
    text = looped(
        items,
        {"Mode": "Batch", "Batch": {"Fn::CalculateBatch": [5, items]}},
        Parameters={"items": {"Type": "List", "Default": TWELVE}},
    )
    done = await execution(text, Crowd()).end()
    assert sizes(batches(done)) == [3, 3, 2, 2, 2], "near-equal"


async def test_first_batch_pause_continues_with_the_rest_without_further_pauses() -> None:
    control = {"Mode": "Batch", "Batch": [2], "BatchPauseOption": "FirstBatchPause"}
    crowd = Crowd()
    going = execution(looped(TWELVE, control), crowd)
    wait = await going.answer("BatchPause", "Approve")
    assert wait.message == "batch 1 of a is done, 10 items are left: Approve goes on, Reject ends"
    await going.end()
    assert (going.state.status, going.state.waits_so_far) == ("Success", 1)
    assert crowd.started == TWELVE


async def test_a_batch_begins_when_the_one_before_it_has_ended() -> None:
    crowd = Crowd()
    done = await execution(looped(TWENTY, {"Mode": "Batch", "Batch": [3, 7]}), crowd).end()
    of = {item: number for number, items in batches(done).items() for item in items}
    assert all(len({of[each] for each in together}) == 1 for together in crowd.together)


@pytest.mark.parametrize(
    ("within", "peaks"),
    [
        (None, [4, 4, 4]),
        ([1], [1, 1, 1]),
        ([2, 3], [2, 3, 3]),
        (["50%", "100%", 1], [2, 4, 1]),
        (["1%"], [1, 1, 1]),
        ([100], [4, 4, 4]),
    ],
)
async def test_concurrency_in_batches_is_exact(within: Any, peaks: list[int]) -> None:
    control = {"Mode": "Batch", "Batch": [4], **({"ConcurrencyInBatches": within} if within else {})}
    crowd = Crowd()
    done = await execution(looped(TWELVE, control), crowd).end()
    found = batches(done)
    assert [crowd.peak(found[number]) for number in sorted(found)] == peaks


async def test_twenty_at_once_in_a_batch_unless_it_says_otherwise() -> None:
    crowd = Crowd()
    await execution(looped(list(range(60)), {"Mode": "Batch", "Batch": [30]}), crowd).end()
    assert crowd.peak(list(range(60))) == 20


async def test_what_runs_at_once_shows_while_a_batch_runs() -> None:
    control = {"Mode": "Batch", "Batch": [4], "ConcurrencyInBatches": [2, 3], "BatchPauseOption": "EveryBatchPause"}
    going = execution(looped(TWELVE, control), Crowd())
    shown = []
    for _ in range(2):
        await going.asks("BatchPause")
        loop = going.record()["Tasks"][0]["Loop"]
        shown.append((loop["Batch"], loop["Batches"], loop["Concurrency"], loop["Success"], loop["NotStarted"]))
        await going.answer("BatchPause", "Approve")
    await going.end()
    assert shown == [(1, 3, 2, 4, 8), (2, 3, 3, 8, 4)]
    assert going.record()["Tasks"][0]["Loop"]["Batch"] == 3


async def test_every_batch_pause_asks_between_batches_and_not_after_the_last() -> None:
    control = {"Mode": "Batch", "Batch": [5], "BatchPauseOption": "EveryBatchPause"}
    crowd = Crowd()
    going = execution(looped(TWELVE, control), crowd)
    waits = [await going.answer("BatchPause", "Approve") for _ in range(2)]
    await going.end()
    assert [wait.message[:7] for wait in waits] == ["batch 1", "batch 2"]
    assert [wait.attempt for wait in waits] == [1, 2], "each is a decision of its own"
    assert going.state.status == "Success"


@pytest.mark.parametrize("fields", [{"LoopMode": "EveryBatchPause"}, {}])
async def test_windows_of_mode_concurrency_pause_too(fields: dict[str, str]) -> None:
    control = {"Concurrency": 5} if fields else {"Concurrency": 5, "BatchPauseOption": "EveryBatchPause"}
    crowd = Crowd()
    going = execution(looped(TWELVE, control), crowd, **fields)
    for number in (5, 10):
        await going.asks("BatchPause")
        assert sorted(crowd.started) == TWELVE[:number]
        assert not crowd.running, "the window has ended"
        await going.answer("BatchPause", "Approve")
    await going.end()
    assert sizes(batches(going)) == [5, 5, 2]
    assert crowd.peak(TWELVE) == 5


async def test_first_batch_pause_of_mode_concurrency_is_after_the_first_window() -> None:
    crowd = Crowd()
    going = execution(looped(TWELVE, {"Concurrency": 5}), crowd, LoopMode="FirstBatchPause")
    await going.asks("BatchPause")
    assert crowd.started == TWELVE[:5]
    await going.answer("BatchPause", "Approve")
    await going.end()
    assert sizes(batches(going)) == [5, 7]
    assert crowd.peak(TWELVE) == 5


async def test_reject_between_batches_ends_the_execution() -> None:
    crowd = Crowd()
    going = execution(looped(TWELVE, {"Mode": "Batch", "Batch": [5]}, act("after")), crowd, LoopMode="EveryBatchPause")
    await going.answer("BatchPause", "Reject", NotifyNote="looks bad")
    await going.end()
    assert (going.state.status, going.state.reason) == ("Cancelled", "Rejected")
    assert going.state.message.endswith(": looks bad")
    assert crowd.started == TWELVE[:5]
    assert called(going) == "a a a a a"
    loop = going.run_of("a")
    assert (loop.status, loop.extra["Decided"][:6]) == ("Cancelled", "Reject")
    assert going.record()["Tasks"][0]["Loop"]["NotStarted"] == 7


async def test_errors_count_over_all_batches() -> None:
    control = {"Mode": "Batch", "Batch": [4], "ConcurrencyInBatches": [1], "MaxErrors": 1}
    crowd = Crowd({2: 1, 6: 1})
    done = await execution(looped(TWELVE, control), crowd).end()
    assert crowd.started == [1, 2, 3, 4, 5, 6], "the second error is in the second batch"
    assert done.state.message.startswith("a: 2 of 12 items failed (MaxErrors 1), 6 never started: 2: Bad: no 2; 6: Bad")


async def test_a_failed_batch_is_not_followed_by_a_pause() -> None:
    crowd = Crowd({1: 1})
    done = await execution(looped(TWELVE, {"Mode": "Batch", "Batch": [4]}), crowd, LoopMode="EveryBatchPause").end()
    assert (done.state.status, done.state.waits_so_far) == ("Failed", 0)


@pytest.mark.parametrize("loop_mode", ["Automatic", "FirstBatchPause", "EveryBatchPause"])
@pytest.mark.parametrize("control", [None, {"Mode": "Batch", "Batch": [3]}, {"Concurrency": "10%"}])
async def test_no_items_ask_nobody(control: Any, loop_mode: str) -> None:
    done = await execution(looped([], control), Crowd(), LoopMode=loop_mode).end()
    assert (done.state.status, done.state.outputs) == ("Success", {"all": []})


@pytest.mark.parametrize("count", [1, 2, 3, 19, 20, 100])
async def test_percentages_of_few_items(count: int) -> None:
    items = list(range(count))
    control = {"Mode": "Batch", "Batch": ["10%"], "ConcurrencyInBatches": ["50%"]}
    done = await execution(looped(items, control), Crowd()).end()
    expected = max(1, count * 10 // 100)
    assert sizes(batches(done))[0] == expected
    assert done.state.outputs == {"all": [f"{each}!" for each in items]}


async def test_keys_directly_under_loop() -> None:
    loop = {"Items": TWELVE, "Mode": "Batch", "Batch": [5], "ConcurrencyInBatches": [2], "MaxErrors": 12}
    text = template([act("a", {"Id": "{{ ACS::TaskLoopItem }}"}, Loop=loop)])
    crowd = Crowd(dict.fromkeys(TWELVE, 1))
    done = await execution(text, crowd).end()
    assert done.state.status == "Success"
    found = batches(done)
    assert sizes(found) == [5, 5, 2]
    assert crowd.peak(TWELVE) == 2


async def test_a_concurrency_that_is_a_list_means_batches() -> None:
    loop = {"Items": TWELVE, "Concurrency": {"Fn::CalculateBatch": [5, TWELVE]}}
    done = await execution(template([act("a", {"Id": "{{ ACS::TaskLoopItem }}"}, Loop=loop)]), Crowd()).end()
    assert sizes(batches(done)) == [3, 3, 2, 2, 2]


async def test_cancelling_during_a_pause() -> None:
    going = execution(looped(TWELVE, {"Mode": "Batch", "Batch": [4]}), Crowd(), LoopMode="EveryBatchPause")
    await going.asks("BatchPause")
    await going.cancel()
    assert going.state.status == "Cancelled"
    assert going.state.waits == {}
    assert going.run_of("a").status == "Cancelled"
