"""Rate control: how many items of a loop run at once, and how many may fail.

``Concurrency`` and ``MaxErrors`` are numbers or percentages of the number of items N: ``max(1, floor(N*p/100))`` and
``floor(N*p/100)``. After the (m+1)-th error no new item starts; up to m errors the task succeeds (design section 4).
A loop without rate control runs one item after another and stops at the first error.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_PERCENT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*")
_NUMBER = re.compile(r"\s*(-?[0-9]{1,9})\s*")

BATCH_KEYS = ("Batch", "ConcurrencyInBatches", "BatchPauseOption")
_KEYS = ("Mode", "Concurrency", "MaxErrors", *BATCH_KEYS)


class RateControlError(ValueError):
    """A rate control that can't be carried out; ``code`` is the problem's id."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Amount:
    """A number, or a percentage of the number of items."""

    value: float
    percent: bool = False

    def of(self, items: int, *, at_least: int = 0) -> int:
        """The amount for a loop of ``items`` items."""
        # by fractions: as floats, 18.4 % of 375 falls a hair short of 69
        exact = math.floor(items * Fraction(str(self.value)) / 100) if self.percent else int(self.value)
        return max(at_least, exact)


@dataclass(frozen=True)
class RateControl:
    """A checked rate control of Mode Concurrency."""

    concurrency: Amount = Amount(1)
    max_errors: Amount = Amount(0)

    def limits(self, items: int) -> tuple[int, int]:
        """(items at once, errors that are tolerated) for a loop of ``items`` items."""
        return min(self.concurrency.of(items, at_least=1), max(1, items)), self.max_errors.of(items)


def parse(value: Any) -> RateControl:
    """The rate control that a template's ``RateControl`` says; None and {} are the default.

    Raises:
        RateControlError: ``InvalidRateControl``, or ``NotSupportedYet`` for batches.
    """
    if value is None:
        return RateControl()
    if not isinstance(value, dict):
        raise RateControlError("InvalidRateControl", f"RateControl is a map, not {value!r}")
    unknown = [key for key in value if key not in _KEYS]
    if unknown:
        raise RateControlError(
            "InvalidRateControl", f"RateControl has no key {unknown[0]!r}; it has {', '.join(_KEYS)}"
        )
    mode = value.get("Mode", "Concurrency")
    if mode == "Batch" or any(value.get(key) not in (None, "Automatic", []) for key in BATCH_KEYS):
        raise RateControlError(
            "NotSupportedYet", "loops in batches don't run here yet; use Mode Concurrency without Batch"
        )
    if mode != "Concurrency":
        raise RateControlError("InvalidRateControl", f"Mode is Concurrency or Batch, not {mode!r}")
    concurrency = _amount("Concurrency", value.get("Concurrency", 1))
    if concurrency.value <= 0:
        raise RateControlError("InvalidRateControl", f"Concurrency is {value['Concurrency']!r}; it is 1 or more")
    max_errors = _amount("MaxErrors", value.get("MaxErrors", 0))
    if max_errors.value < 0:
        raise RateControlError("InvalidRateControl", f"MaxErrors is {value['MaxErrors']!r}; it is 0 or more")
    return RateControl(concurrency, max_errors)


def _amount(key: str, value: Any) -> Amount:
    if isinstance(value, list):
        raise RateControlError(
            "NotSupportedYet", f"{key} is a list, which means batches; they don't run here yet, use one value"
        )
    if isinstance(value, int) and not isinstance(value, bool):
        return Amount(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e9:
        return Amount(int(value))
    if isinstance(value, str):
        percent = _PERCENT.fullmatch(value)
        if percent and float(percent[1]) <= 100:
            return Amount(float(percent[1]), percent=True)
        number = _NUMBER.fullmatch(value)
        if number:
            return Amount(int(number[1]))
    raise RateControlError("InvalidRateControl", f"{key} is a whole number or a percentage up to 100%, not {value!r}")
