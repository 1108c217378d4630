"""Makes a case smaller that fails: takes out whatever can go without the failure going with it.

Hypothesis would do that too, but for the choices of the author and not for the case that they made.
"""

import asyncio
import copy
import json
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.generator.case import Case
from tests.generator.recorded import run

_SECONDS = 60


async def failure(case: Case) -> str:
    """Where and how a case fails; nothing when it doesn't."""
    try:
        async with asyncio.timeout(_SECONDS):
            await run(case)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(last.filename).name}, {last.name}"
    return ""


async def smaller(case: Case) -> Case:
    """The smallest case found that fails in the same place."""
    wanted = await failure(case)
    assert wanted, "it doesn't fail"
    found = asdict(case)
    found["template"] = _value(found["template"])
    if await failure(Case(**found)) != wanted:
        found["template"] = case.template
    shrunk = True
    while shrunk:
        shrunk = False
        for path in list(_paths(found)):
            less = _without(found, path)
            if less is not None and await failure(Case(**less)) == wanted:
                found, shrunk = less, True
    return Case(**found)


def _value(template: Any) -> Any:
    try:
        return json.loads(template) if isinstance(template, str) else template
    except ValueError:
        return template


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every part, large ones first, and the last of a list before the others."""
    keys = list(value) if isinstance(value, dict) else range(len(value))[::-1] if isinstance(value, list) else ()
    for key in keys:
        if key != "NoEcho":  # without it a secret is none
            yield (*path, key)
    for key in keys:
        yield from _paths(value[key], (*path, key))


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    """A copy without the part there; None when there is none. A field of the case itself becomes empty."""
    copied = copy.deepcopy(value)
    holder = copied
    for step in path[:-1]:
        if not _has(holder, step):
            return None
        holder = holder[step]
    if not _has(holder, path[-1]):
        return None
    if len(path) == 1:
        if not isinstance(holder[path[0]], (dict, list)) or not holder[path[0]] or path[0] == "template":
            return None
        holder[path[0]] = type(holder[path[0]])()
    else:
        del holder[path[-1]]
    return copied


def _has(holder: Any, step: Any) -> bool:
    if isinstance(holder, list):
        return isinstance(step, int) and step < len(holder)
    return isinstance(holder, dict) and step in holder
