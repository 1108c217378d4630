"""Validation: everything that can be said of a template before it is started.

``caboose validate`` and ``POST /templates/validate`` show what this gives, and nothing is stored that has an error in
it, so all of them say the same. Compiling may take a while and the port is asynchronous; therefore it comes in two
halves, like the check of a start.
"""

from dataclasses import replace

from caboose.oos.compiling.compile import Compiled
from caboose.oos.problems import bounded, errors
from caboose.oos.selectors import Checker, check_programs


async def validated(compiled: Compiled, engine: Checker) -> Compiled:
    """A compiled template with the programs in it checked too, and with its problems in the order of the text.

    Args:
        compiled: what ``compile_template`` made; it has no plan when there is an error.
        engine: says whether a program is jq or JMESPath.
    """
    problems = [*compiled.problems, *await check_programs(compiled.programs, engine)]
    ordered = bounded(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return replace(compiled, plan=None if errors(problems) else compiled.plan, problems=ordered)
