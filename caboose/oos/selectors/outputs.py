"""Outputs: selectors applied to an action's result. Asynchronous, because a program runs behind the port."""

from typing import Any

from caboose.oos.plan import OutputSpec
from caboose.oos.selectors.paths import is_plain, parse, walk
from caboose.oos.selectors.port import Engine, SelectorError
from caboose.oos.selectors.programs import MAX_PROGRAM_LENGTH
from caboose.oos.values import shape_fault


async def results_of(selector: str, value: Any, engine: Engine) -> list[Any]:
    """All results of a selector, in order: a plain path is walked here, everything else runs behind the port.

    Raises:
        SelectorError: the text is no selector, doesn't fit the value, or was stopped.
    """
    if is_plain(selector):
        return walk(parse(selector), value)
    if len(selector) > MAX_PROGRAM_LENGTH:
        raise SelectorError(f"the program has {len(selector)} characters, at most {MAX_PROGRAM_LENGTH} are allowed")
    return await engine.run(selector, value)


async def select(spec: OutputSpec, value: Any, engine: Engine) -> Any:
    """One output: for ``List`` all results in order, nulls kept; else the first one unchanged, null when there is none.

    Source: design section 4 (selectors, ``Type: List``).

    Raises:
        SelectorError: as ``results_of``, or when what should be the selector's text is none.
    """
    if not isinstance(spec.selector, str):
        raise SelectorError("the selector is no text")
    results = await results_of(spec.selector, value, engine)
    if spec.type == "List":
        return results
    return results[0] if results else None


async def select_all(outputs: dict[str, OutputSpec], value: Any, engine: Engine) -> dict[str, Any]:
    """Every declared output of a task, cut out of its action's result.

    Raises:
        SelectorError: names the output whose selector doesn't fit the result.
    """
    selected: dict[str, Any] = {}
    for name, spec in outputs.items():
        try:
            selected[name] = await select(spec, value, engine)
            fault = shape_fault(selected[name])
            if fault:
                raise SelectorError(f"the value is {fault}")
        except SelectorError as error:
            raise SelectorError(f"Outputs.{name}: selector {spec.selector!r:.200}: {error}") from error
    return selected
