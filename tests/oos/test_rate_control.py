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
        ({"Mode": None}, "InvalidRateControl", "Mode is"),
        ({"Concurrency": 0}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": -3}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": "0"}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": "0%"}, "InvalidRateControl", "1 or more"),
        ({"Concurrency": 1.5}, "InvalidRateControl", "whole number"),
        ({"Concurrency": "101%"}, "InvalidRateControl", "up to 100%"),
        ({"Concurrency": "-5%"}, "InvalidRateControl", "percentage"),
        ({"Concurrency": "many"}, "InvalidRateControl", "whole number"),
        ({"Concurrency": True}, "InvalidRateControl", "whole number"),
        ({"Concurrency": None}, "InvalidRateControl", "whole number"),
        ({"MaxErrors": -1}, "InvalidRateControl", "0 or more"),
        ({"MaxErrors": {}}, "InvalidRateControl", "whole number"),
        ({"Mode": "Batch"}, "NotSupportedYet", "batches"),
        ({"Mode": "Batch", "Batch": [1, "25%"]}, "NotSupportedYet", "batches"),
        ({"Batch": [1]}, "NotSupportedYet", "batches"),
        ({"ConcurrencyInBatches": [20]}, "NotSupportedYet", "batches"),
        ({"BatchPauseOption": "FirstBatchPause"}, "NotSupportedYet", "batches"),
        ({"BatchPauseOption": "EveryBatchPause"}, "NotSupportedYet", "batches"),
        ({"Concurrency": [3, 3, 2]}, "NotSupportedYet", "batches"),
    ],
)
def test_refused(value: Any, code: str, words: str) -> None:
    with pytest.raises(RateControlError, match=words) as refused:
        parse(value)
    assert refused.value.code == code
