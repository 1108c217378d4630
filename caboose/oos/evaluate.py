"""Evaluation: a value of a template with its references, functions and conditions becomes a plain value.

A string that is one reference keeps the value's type; otherwise values are spliced in as text, non-strings as compact
JSON (design section 4). What a reference brings in is data: it is never evaluated itself. Results are bounded in size,
so that a short template can't fill a worker's memory by splicing a large list into a thousand strings.

Evaluation is async because programs (jq) run outside of the process, through ``selectors.Engine``, and because work on
large values may have to wait its turn: workflow code that computes for two seconds is taken for stuck.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from caboose.oos.functions import FUNCTIONS, FunctionError, call_function
from caboose.oos.functions.reading import shown
from caboose.oos.names import resolve_name
from caboose.oos.problems import shortened
from caboose.oos.references import Reference, function_of, splice, whole
from caboose.oos.selectors import Engine, SelectorError, results_of
from caboose.oos.values import EvaluationError, Room, compact_json, json_size, shape_of

Lookup = Callable[[Reference], Any]
Now = Callable[[], datetime]
MAX_WORK_BYTES = 8_000_000
MAX_WORK_PARTS = 500_000
"""What one evaluation may bring in for functions to work on, intermediate results included."""
_LIGHTER = 8
"""So many times as quick as what a function does to a value is measuring it, where it is only passed on."""
_WORDS = {"true": True, "false": False}


class Pace(Protocol):
    """Says how much may be worked on at a time, for whoever shares a processor with others."""

    async def breathe(self) -> None:
        """Returns when more may be worked on."""

    def worked(self, size: int) -> None:
        """Counts ``size`` bytes that were worked on."""


class Evaluator:
    """Evaluates values at one place of an execution: there names mean something, and time stands still."""

    def __init__(
        self,
        lookup: Lookup,
        engine: Engine,
        *,
        room: Room | None = None,
        conditions: Mapping[str, Any] | None = None,
        now: Now | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Prepares for one evaluation, or several that share their ``room``.

        Args:
            lookup: the value of a reference.
            engine: runs the programs.
            room: how large the results may be together; 4 MB when none is given.
            conditions: the template's conditions by name, unevaluated.
            now: the execution's time, aware and in UTC.
            pace: how much may be worked on at a time; all of it when none is given.
        """
        self._lookup = lookup
        self._engine = engine
        self._room = room or Room()
        self._conditions = conditions or {}
        self._now = now
        self._pace = pace
        self._inside = 0
        self._work = Room(MAX_WORK_BYTES)
        self._parts = 0
        self._asking: list[str] = []
        self._decided: dict[str, bool] = {}

    async def evaluate(self, value: Any) -> Any:
        """The value, plain.

        Raises:
            EvaluationError: ``ValueTooLarge``, ``FunctionError``, ``SelectorError`` or ``InvalidCondition``.
        """
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, dict):
            name = function_of(value)
            if name:
                return await self._function(name, value[name])
            return {key: await self._child(key, child) for key, child in value.items()}
        if isinstance(value, list):
            return [await self._child(index, child) for index, child in enumerate(value)]
        return value

    async def condition(self, value: Any) -> bool:
        """Whether a condition holds: true or false, those words, a condition's name, a reference or a function.

        Raises:
            EvaluationError: ``InvalidCondition``, naming what came instead (design section 4, "conditions").
        """
        if isinstance(value, str) and not whole(value) and value.strip().lower() not in _WORDS:
            name = resolve_name(value, self._conditions)
            if name is not None:
                return await self._named(name)
        found = await self.evaluate(value)
        if isinstance(found, bool):
            return found
        if isinstance(found, str) and found.strip().lower() in _WORDS:
            return _WORDS[found.strip().lower()]
        raise EvaluationError("InvalidCondition", f"a condition is true or false, and this is {shown(found)}")

    async def _named(self, name: str) -> bool:
        if name in self._decided:
            return self._decided[name]
        if name in self._asking:
            circle = " -> ".join([*self._asking, name])
            raise EvaluationError("ConditionCycle", f"conditions need each other in a circle: {circle}")
        self._asking.append(name)
        try:
            self._decided[name] = await self.condition(self._conditions[name])
        except EvaluationError as error:
            error.path += [name, "Conditions"]
            raise
        finally:
            self._asking.pop()
        return self._decided[name]

    async def results(self, program: Any, value: Any) -> list[Any]:
        """All results of a jq program on a value.

        Raises:
            EvaluationError: ``SelectorError``.
        """
        if not isinstance(program, str):
            raise EvaluationError("SelectorError", f"a program is a string, not {shown(program)}")
        try:
            return await results_of(program, value, self._engine)
        except SelectorError as error:
            raise EvaluationError("SelectorError", str(error)) from None

    def now(self) -> datetime:
        """The execution's time.

        Raises:
            EvaluationError: ``FunctionError``, where there is none.
        """
        if self._now is None:
            raise EvaluationError("FunctionError", "the time isn't known here")
        return self._now()

    async def _child(self, step: str | int, value: Any) -> Any:
        try:
            return await self.evaluate(value)
        except EvaluationError as error:
            error.path.append(step)
            raise

    async def _function(self, name: str, argument: Any) -> Any:
        function = FUNCTIONS.get(name)
        if function is None:
            raise EvaluationError("FunctionError", f'there is no function "{shortened(name, 80)}"')
        if self._pace:
            await self._pace.breathe()
        self._inside += 1
        try:
            result = await call_function(function, argument, self)
        except FunctionError as error:
            raise EvaluationError("FunctionError", f"{name}: {error}") from None
        except EvaluationError as error:
            error.path.append(name)
            raise
        finally:
            self._inside -= 1
        self._spend(result)
        return result

    def _string(self, text: str) -> Any:
        if "{{" not in text:
            return text
        reference = whole(text)
        if reference:
            found = self._lookup(reference)
            self._spend(found)
            return found
        return splice(text, self._text)

    def _text(self, reference: Reference) -> str:
        value = self._lookup(reference)
        if value is None:
            return ""
        text = value if isinstance(value, str) else compact_json(value)
        self._spend(text)
        return text

    def _spend(self, value: Any) -> None:
        """What a function works on isn't part of the result, but is bounded too."""
        parts, fault = shape_of(value) if isinstance(value, (dict, list)) else (1, "")
        if fault:
            raise EvaluationError("ValueTooLarge", f"the value is {fault}")
        size = json_size(value)
        if self._pace:
            self._pace.worked(size if self._inside else size // _LIGHTER)
        if not self._inside:
            self._room.spend(size)
            return
        self._work.spend(size)
        self._parts += parts
        if self._parts > MAX_WORK_PARTS:
            message = f"functions would work on more than {MAX_WORK_PARTS} parts; pass less data on"
            raise EvaluationError("ValueTooLarge", message)
