"""Rate control: what a template may write, and what it means for N items."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.oos.rate_control import RateControlError, parse


@pytest.mark.parametrize(
    ("value", "items", "limits"),
    [
        (None, 10, (1, 0)),
        ({}, 10, (1, 0)),
        ({"Concurrency": 5}, 10, (5, 0)),
        ({"Mode": "Concurrency", "Concurrency": 20, "MaxErrors": 3}, 10, (10, 3)),
        ({"Concurrency": "100%", "MaxErrors": 0}, 6, (6, 0)),
        ({"Concurrency": "10%"}, 5, (1, 0)),
        ({"Concurrency": "33%", "MaxErrors": "33%"}, 10, (3, 3)),
        ({"Concurrency": " 50 % "}, 9, (4, 0)),
        ({"Concurrency": "2", "MaxErrors": "1"}, 9, (2, 1)),
        ({"Concurrency": 2.0}, 9, (2, 0)),
        ({"MaxErrors": "10%"}, 10, (1, 1)),
        ({"MaxErrors": "10%"}, 7, (1, 0)),
        ({"MaxErrors": 100}, 7, (1, 100)),
        ({"MaxErrors": "100%"}, 7, (1, 7)),
        ({"Concurrency": "100%"}, 0, (1, 0)),
        ({"MaxErrors": "18.4%"}, 375, (1, 69)),
        ({"Concurrency": 1, "Batch": [], "BatchPauseOption": "Automatic"}, 3, (1, 0)),
    ],
)
def test_limits(value: Any, items: int, limits: tuple[int, int]) -> None:
    assert parse(value).limits(items) == limits


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_percentages_are_exact(items: int, tenths: int) -> None:
    control = parse({"Concurrency": f"{tenths / 10}%", "MaxErrors": f"{tenths / 10}%"})
    exact = math.floor(items * Fraction(tenths, 1000))
    assert control.limits(items) == (max(1, exact), exact)


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("x", "InvalidRateControl", "a map"),
        ([], "InvalidRateControl", "a map"),
        ({"Concurency": 1}, "InvalidRateControl", "no key 'Concurency'"),
        ({"Mode": "Parallel"}, "InvalidRateControl", "Mode is"),
        ({"Concurrency": 0}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": -3}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": "0"}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": "0%"}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": 1.5}, "InvalidRateControl", "whole number"),
        ({"Concurrency": "101%"}, "InvalidRateControl", "up to 100%"),
        ({"Concurrency": "-5%"}, "InvalidRateControl", "percentage"),
        ({"Concurrency": "many"}, "InvalidRateControl", "whole number"),
        ({"Concurrency": True}, "InvalidRateControl", "whole number"),
        ({"MaxErrors": -1}, "InvalidRateControl", "0 or more"),
        ({"MaxErrors": {}}, "InvalidRateControl", "whole number"),
        ({"Mode": "Batch"}, "InvalidRateControl", "Batch is a list"),
        ({"Mode": "Batch", "Batch": {}}, "InvalidRateControl", "Batch is a list"),
        ({"Mode": "Batch", "Batch": [1, -1]}, "InvalidRateControl", "0 or more"),
        ({"Mode": "Batch", "Batch": ["101%"]}, "InvalidRateControl", "up to 100%"),
        ({"Mode": "Batch", "Batch": [1] * 1001}, "InvalidRateControl", "at most 1000"),
        ({"Mode": "Batch", "Batch": [1], "ConcurrencyInBatches": [0]}, "InvalidRateControl", "1 or more"),
        ({"Mode": "Batch", "Batch": [1], "ConcurrencyInBatches": 5}, "InvalidRateControl", "is a list"),
        ({"Mode": "Concurrency", "Batch": [1]}, "InvalidRateControl", "belongs to Mode Batch"),
        ({"ConcurrencyInBatches": [5]}, "InvalidRateControl", "belongs to Mode Batch"),
        ({"BatchPauseOption": "Sometimes"}, "InvalidRateControl", "BatchPauseOption is one of"),
    ],
)
def test_refused(value: Any, code: str, words: str) -> None:
    with pytest.raises(RateControlError, match=words) as refused:
        parse(value)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "items", "batches"),
    [
        (None, 3, [3]),
        (None, 0, []),
        ({"Mode": "Batch", "Batch": [1, "25%", "50%"]}, 20, [1, 5, 10, 4]),
        ({"Mode": "Batch", "Batch": [1, "25%", "50%"]}, 0, []),
        ({"Mode": "Batch", "Batch": [1, "25%", "50%"]}, 3, [1, 1, 1]),
        ({"Mode": "Batch", "Batch": [2, 3]}, 10, [2, 3, 3, 2]),
        ({"Mode": "Batch", "Batch": [0]}, 3, [1, 1, 1]),
        ({"Concurrency": [3, 3, 2]}, 8, [3, 3, 2]),
        ({"Mode": "Batch", "Concurrency": [5]}, 8, [5, 3]),
        ({"Concurrency": []}, 0, []),
        ({"Mode": "Batch", "Batch": []}, 0, []),
        ({"Mode": "Batch", "Batch": []}, 2, [1, 1]),
    ],
)
def test_batches(value: Any, items: int, batches: list[int]) -> None:
    assert parse(value).batches(items) == batches


@given(
    st.lists(st.integers(0, 300) | st.integers(0, 100).map("{}%".format), min_size=1, max_size=5), st.integers(0, 2000)
)
def test_batches_add_up(sizes: list[Any], items: int) -> None:
    batches = parse({"Mode": "Batch", "Batch": sizes}).batches(items)
    assert sum(batches) == items
    assert all(size >= 1 for size in batches)


def test_concurrency_within_batches() -> None:
    assert parse({"Mode": "Batch", "Batch": [50]}).concurrency_of(0, 50, 100) == 20
    control = parse({"Mode": "Batch", "Batch": [50], "ConcurrencyInBatches": [2, "10%"]})
    assert [control.concurrency_of(batch, 50, 100) for batch in range(3)] == [2, 5, 5], "a percentage is of the batch"
    assert control.concurrency_of(0, 1, 100) == 1


def test_concurrency_of_windows_is_of_all_items() -> None:
    control = parse({"Concurrency": "10%", "BatchPauseOption": "EveryBatchPause"})
    assert [control.concurrency_of(batch, 4, 40) for batch in range(2)] == [4, 4]
    assert control.concurrency_of(0, 2, 40) == 2


@pytest.mark.parametrize(
    ("option", "loop_mode", "batches", "pauses"),
    [
        ("Automatic", "Automatic", [10], []),
        ("FirstBatchPause", "Automatic", [4, 6], [0]),
        ("EveryBatchPause", "Automatic", [4, 4, 2], [0, 1, 2]),
        ("Automatic", "FirstBatchPause", [4, 6], [0]),
        ("Automatic", "EveryBatchPause", [4, 4, 2], [0, 1, 2]),
        ("FirstBatchPause", "EveryBatchPause", [4, 4, 2], [0, 1, 2]),
        ("EveryBatchPause", "FirstBatchPause", [4, 4, 2], [0, 1, 2]),
    ],
)
def test_pauses_of_a_template_and_of_a_start_of_which_the_stricter_one_holds(
    option: str, loop_mode: str, batches: list[int], pauses: list[int]
) -> None:
    control = parse({"Concurrency": 4, "BatchPauseOption": option}).paused_by(loop_mode)
    assert control.batches(10) == batches
    assert [batch for batch in range(len(batches)) if control.pauses_after(batch)] == pauses


def test_windows_of_a_loop_that_runs_all_at_once_or_has_no_items() -> None:
    control = parse({"Concurrency": "100%", "BatchPauseOption": "FirstBatchPause"})
    assert (control.batches(3), control.batches(0)) == ([3], [])
