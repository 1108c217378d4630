"""docs/reference/functions.md, from ``caboose.oos.functions.FUNCTIONS``."""

import inspect
import json

from caboose.oos.functions import AGGREGATES, FUNCTIONS, Function
from tests.docs.markdown import block, code, link, one_of, page, prose, table

_INTRODUCTION = """\
A function is a map with one key: `{Fn::Join: [', ', '{{ names }}']}`. It may stand in Conditions, in the Properties,
When, Loop and Outputs of a task, and in the Outputs of the template; its arguments may hold references and other
functions. What is written out is checked before anything starts; what references bring is checked when it runs, with a
message that names the function, the place and what was expected."""


def functions_page() -> str:
    """The page."""
    rows = [(link(name), f"`{each.syntax}`", each.result) for name, each in FUNCTIONS.items()]
    return page(
        "Functions",
        prose(_INTRODUCTION),
        f"A loop's Outputs have {one_of(list(AGGREGATES))} as AggregateType.",
        table(("function", "written", "gives"), rows),
        *(_section(each) for each in FUNCTIONS.values()),
    )


def _section(function: Function) -> str:
    argument, result = function.example
    parts = [f"## {function.name}", f"`{function.syntax}` gives {function.result}."]
    if function.undocumented:
        parts.append("Used in published templates and described on no page of Alibaba Cloud's documentation.")
    rows = [
        (f"`{each.name}`", one_of(each.choices) if each.choices else each.kind, "yes" if each.optional else "")
        for each in function.arguments
    ]
    parts += [prose(inspect.getdoc(function.call) or ""), table(("argument", "what it is", "may be left out"), rows)]
    written = json.dumps({function.name: argument}, ensure_ascii=False)
    parts += ["For example", block(written, "json"), f"gives {code(result)}."]
    return "\n\n".join(parts)
