"""Rate control: how many items of a loop run at once, in which batches, and how many may fail.

Sizes are numbers or percentages of the number of items N: ``max(1, floor(N*p/100))`` for Concurrency and batches,
``floor(N*p/100)`` for MaxErrors. After the (m+1)-th error no new item starts; up to m errors the task succeeds (design
section 4). A loop without rate control runs one item after another and stops at the first error.

Batches are written as ``Batch`` under Mode Batch, or in the older form as a list in ``Concurrency`` (what
``Fn::CalculateBatch`` gives). Sizes that don't add up to N: the last one repeats until the items are used up.
"""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from caboose.oos.problems import did_you_mean

_PERCENT = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*%\s*")
_NUMBER = re.compile(r"\s*(-?[0-9]{1,9})\s*")

CONCURRENCY = "Concurrency"
BATCH = "Batch"
FIRST_BATCH_PAUSE, EVERY_BATCH_PAUSE = "FirstBatchPause", "EveryBatchPause"
PAUSE_OPTIONS = ("Automatic", FIRST_BATCH_PAUSE, EVERY_BATCH_PAUSE)
"""Each is stricter than the one before it."""
BATCH_KEYS = ("Batch", "ConcurrencyInBatches", "BatchPauseOption")
KEYS = ("Mode", "Concurrency", "MaxErrors", *BATCH_KEYS)
_MAX_SIZES = 1_000


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
    """A checked rate control. In Mode Batch each batch runs with its own concurrency, 20 unless it says otherwise."""

    mode: str = CONCURRENCY
    concurrency: Amount = Amount(1)
    max_errors: Amount = Amount(0)
    sizes: tuple[Amount, ...] = ()
    concurrency_in_batches: tuple[Amount, ...] = (Amount(20),)
    pause: str = PAUSE_OPTIONS[0]

    @property
    def batched(self) -> bool:
        """Whether items run in batches of sizes that are given."""
        return self.mode == BATCH

    def limits(self, items: int) -> tuple[int, int]:
        """(items at once, errors that are tolerated) for a loop of ``items`` items in Mode Concurrency."""
        return min(self.concurrency.of(items, at_least=1), max(1, items)), self.max_errors.of(items)

    def paused_by(self, loop_mode: str) -> "RateControl":
        """The same with the pauses that a start asks for by LoopMode as well (reference section 8.2).

        Of the two the stricter one holds: neither may take away the other's pauses.
        """
        return replace(self, pause=max(self.pause, loop_mode, key=PAUSE_OPTIONS.index))

    def batches(self, items: int) -> list[int]:
        """The sizes of the batches of a loop of ``items`` items; they add up.

        Mode Concurrency has one batch; where a pause is asked for, as many items as run at once are the first batch,
        and each further one where every batch pauses.
        """
        if self.mode != BATCH:
            return self._windows(items)
        made: list[int] = []
        left = items
        while left:
            size = self.sizes[min(len(made), len(self.sizes) - 1)]
            made.append(min(left, size.of(items, at_least=1)))
            left -= made[-1]
        return made

    def _windows(self, items: int) -> list[int]:
        size = self.limits(items)[0]
        if not items or self.pause == PAUSE_OPTIONS[0]:
            return [items] if items else []
        if self.pause == FIRST_BATCH_PAUSE:
            return [each for each in (size, items - size) if each]
        return [min(size, items - begin) for begin in range(0, items, size)]

    def pauses_after(self, batch: int) -> bool:
        """Whether people are asked before the batch that follows ``batch`` (counted from 0)."""
        return self.pause == EVERY_BATCH_PAUSE or (self.pause == FIRST_BATCH_PAUSE and batch == 0)

    def concurrency_of(self, batch: int, size: int, items: int) -> int:
        """How many items of a batch (counted from 0) of ``size`` items, of ``items`` in all, run at once."""
        if self.mode != BATCH:
            return min(self.limits(items)[0], max(1, size))
        amount = self.concurrency_in_batches[min(batch, len(self.concurrency_in_batches) - 1)]
        return min(amount.of(size, at_least=1), max(1, size))


def parse(value: Any) -> RateControl:
    """The rate control that a template's ``RateControl`` says; None and {} are the default.

    Raises:
        RateControlError: ``InvalidRateControl``.
    """
    if value is None:
        return RateControl()
    if not isinstance(value, dict):
        raise _error(f"RateControl is a map, not {value!r:.80}")
    for key in value:
        if key not in KEYS:
            raise _error(
                f"RateControl has no key {key!r:.80}. {did_you_mean(key, KEYS) or 'It has ' + ', '.join(KEYS)}"
            )
    given = {key: each for key, each in value.items() if each is not None}
    pause = given.get("BatchPauseOption") or PAUSE_OPTIONS[0]
    if pause not in PAUSE_OPTIONS:
        raise _error(f"BatchPauseOption is one of {', '.join(PAUSE_OPTIONS)}, not {pause!r:.80}")
    mode = given.get("Mode", CONCURRENCY)
    if mode not in (CONCURRENCY, BATCH):
        raise _error(f"Mode is Concurrency or Batch, not {mode!r:.80}")
    concurrency = given.get("Concurrency", 1)
    if concurrency == []:  # Fn::CalculateBatch over no items
        concurrency = 1
    max_errors = _amount("MaxErrors", given.get("MaxErrors", 0), at_least=0)
    if mode == CONCURRENCY and not isinstance(concurrency, list):
        for key in ("Batch", "ConcurrencyInBatches"):
            if given.get(key):
                raise _error(f"{key} belongs to Mode Batch, and Mode is Concurrency")
        amount = _amount("Concurrency", concurrency, at_least=1)
        return RateControl(concurrency=amount, max_errors=max_errors, pause=pause)
    sizes = given.get("Batch", concurrency if isinstance(concurrency, list) else None)
    if sizes == []:  # as above
        sizes = [1]
    return RateControl(
        mode=BATCH,
        max_errors=max_errors,
        sizes=_amounts("Batch", sizes),
        concurrency_in_batches=_amounts("ConcurrencyInBatches", given.get("ConcurrencyInBatches") or [20], at_least=1),
        pause=pause,
    )


def _amounts(key: str, value: Any, *, at_least: int = 0) -> tuple[Amount, ...]:
    if not isinstance(value, list) or not value:
        raise _error(f'{key} is a list of numbers or percentages such as [1, "25%", "50%"], not {value!r:.80}')
    if len(value) > _MAX_SIZES:
        raise _error(f"{key} has {len(value)} sizes, at most {_MAX_SIZES}")
    return tuple(_amount(key, each, at_least=at_least) for each in value)


def _amount(key: str, value: Any, *, at_least: int) -> Amount:
    amount = _read(value)
    if amount is None:
        raise _error(f"{key} is a whole number or a percentage up to 100%, not {value!r:.80}")
    if amount.value < at_least and not (amount.percent and amount.value > 0):
        raise _error(f"{key} is {value!r:.80}; it is {at_least} or more")
    return amount


def _read(value: Any) -> Amount | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e9:
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
    return None


def _error(message: str) -> RateControlError:
    return RateControlError("InvalidRateControl", message)
