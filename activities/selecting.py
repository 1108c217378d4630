"""Selecting where the answer is: outputs and values are cut out of it in the activity that received it.

What can go wrong with that is said by plain exceptions, because what they mean depends on the call: one that changes
something was carried out all the same.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from caboose.oos import selectors
from caboose.oos.expectations import Rule
from caboose.oos.plan import OutputSpec
from caboose.oos.values import MAX_VALUE_BYTES, json_size
from caboose.sandbox import SandboxError

MAX_OUTPUT_BYTES = MAX_VALUE_BYTES
"""Of a result as Temporal keeps it: JSON in which what is beyond ASCII takes six bytes and more."""
_SELECT_SECONDS = 60
"""How long the selectors of one answer may take, most of it waiting for their turn."""

Selected = TypeVar("Selected")


class OutputTooLarge(ValueError):
    """A result that is larger than one value in Temporal may be."""


class Selecting:
    """Applies selectors in an activity's thread; ``programs`` runs those that are no plain paths."""

    def __init__(self, programs: selectors.Engine) -> None:
        self._programs = programs

    def outputs(self, specs: dict[str, OutputSpec], answer: Any, beside: int = 0) -> dict[str, Any]:
        """The selected outputs; ``beside`` are the bytes that travel with them.

        Raises:
            SelectorError, OutputTooLarge, SandboxError.
        """
        outputs = _in_time(selectors.select_all(specs, answer, self._programs))
        size = json_size(outputs) + beside
        if size > MAX_OUTPUT_BYTES:
            names = f" with the outputs {', '.join(outputs)}" if outputs else ""
            raise OutputTooLarge(f"the result{names} has {size} bytes, at most {MAX_OUTPUT_BYTES} are allowed")
        return outputs

    def outputs_if_any(self, specs: dict[str, OutputSpec], answer: Any) -> dict[str, Any] | None:
        """The outputs of an answer that isn't as wanted; None when they can't be had: the failure itself says more."""
        try:
            return self.outputs(specs, answer)
        except (selectors.SelectorError, OutputTooLarge, SandboxError):
            return None

    def values(self, rule: Rule, answer: Any) -> list[Any]:
        """All results of a rule's selector.

        Raises:
            SelectorError, SandboxError.
        """
        try:
            return _in_time(selectors.results_of(rule.selector, answer, self._programs))
        except selectors.SelectorError as error:
            raise selectors.SelectorError(f"PropertySelector {rule.selector!r:.200}: {error}") from None


def members_of(specs: dict[str, OutputSpec], way: tuple[str, str]) -> frozenset[str] | None:
    """What the selectors take of each record of a list, such as those of Instances.Instance: members by name; None when
    they may take the whole record."""
    names: set[str] = set()
    for spec in specs.values():
        if not isinstance(spec.selector, str) or not selectors.is_plain(spec.selector):
            return None
        steps = selectors.parse(spec.selector)
        if steps and steps[0].name not in (None, way[0]):
            continue
        if len(steps) < 4 or steps[1].name != way[1] or steps[2].name is not None or steps[3].name is None:
            return None
        names.add(steps[3].name)
    return frozenset(names)


def _in_time(selecting: Awaitable[Selected]) -> Selected:
    """The result of selecting, in the activity's thread, which has no event loop of its own."""

    async def waiting() -> Selected:
        try:
            async with asyncio.timeout(_SELECT_SECONDS):
                return await selecting
        except TimeoutError:
            raise SandboxError(f"no answer from the programs of this task within {_SELECT_SECONDS} s") from None

    return asyncio.run(waiting())
