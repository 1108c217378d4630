"""``Fn::Jq``."""

from typing import Any

from caboose.oos.functions.calling import spread
from caboose.oos.functions.declaration import FIXED, Argument, Evaluating, Function
from caboose.oos.functions.reading import json_of, one_of, unexpected
from caboose.oos.kinds import ANY, TEXT

FIRST, ALL = "First", "All"


async def call(evaluator: Evaluating, argument: Any) -> Any:
    """What a jq program makes of a value.

    ``First`` gives the first result, null when there is none; ``All`` gives the list of all results. The input is any
    value; a string that is JSON is read as JSON first (templates write ``'{"type": "{{ type }}"}'``), another string
    is a string. The program may be spliced together with references or made by a function.

    Source: built-in functions (120677); strings as input as in public templates.
    """
    mode, program, value = spread(JQ, argument, await evaluator.evaluate(argument))
    wanted = mode.lower() if isinstance(mode, str) else ""
    if wanted not in (FIRST.lower(), ALL.lower()):
        raise unexpected("mode", one_of((FIRST, ALL)), mode)
    results = await evaluator.results(program, json_of(value))
    if wanted == ALL.lower():
        return results
    return results[0] if results else None


JQ = Function(
    "Fn::Jq",
    call,
    (Argument("mode", TEXT, choices=(FIRST, ALL)), Argument("program", TEXT), Argument("input", ANY)),
    FIXED,
    result=ANY,
    example=(["All", ".[].id", [{"id": "i-1"}, {"id": "i-2"}]], ["i-1", "i-2"]),
    lazy=True,
)
