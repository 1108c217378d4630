"""Compiling: a template's text and a library become a Plan, or the list of everything that is wrong.

The same for every execution, and cached: what depends on one start (parameters, region, mode) is checked by ``start``.
Product actions and nested templates are compiled with it, each body once, named by hash.

Whatever the language can say compiles. What this version can't run yet stands among the problems as the warning
``NotSupportedYet``, and a nested template that isn't found as ``UnknownTemplate``; a start makes errors of both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from caboose.oos.compiling.compiler import Compiler, Nested, plan_bytes
from caboose.oos.library import Library
from caboose.oos.plan import Plan
from caboose.oos.problems import Problem, errors
from caboose.oos.selectors import ProgramUse

MAX_PLAN_BYTES = 1_000_000

FindNested = Callable[[str, str], str | None]
"""The text of a stored template by name and version ('' = the latest)."""


@dataclass(frozen=True)
class Compiled:
    """A plan, or None beside the errors; warnings may stand beside a plan.

    ``programs`` are the jq programs that are written out in the template: whoever can run programs can check them.
    ``missing`` are stored templates that were looked for and not at hand, ``size`` is the plan's as JSON in bytes.
    """

    plan: Plan | None
    problems: list[Problem] = field(default_factory=list)
    programs: list[ProgramUse] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0


def compile_template(
    text: str,
    library: Library,
    name: str = "",
    find_nested: FindNested | None = None,
) -> Compiled:
    """Compiles a template.

    Args:
        text: the template, YAML or JSON.
        library: where product actions and public templates are looked up.
        name: the template's name for the plan; '' for a template that was given as content.
        find_nested: gives stored templates that ``ACS::Template`` names; None where there is no store.
    """
    nested: tuple[Nested, ...] = ()
    while True:
        compiled = _compile(text, library, name, nested)
        found = [Nested(*wanted, find_nested(*wanted)) for wanted in compiled.missing] if find_nested else []
        if not any(each.text is not None for each in found):
            return compiled
        nested += tuple(each for each in found if each.text is not None)


@lru_cache(maxsize=256)
def _compile(text: str, library: Library, name: str, nested: tuple[Nested, ...]) -> Compiled:
    """Pure, and so worth keeping: stored templates come in as texts, by what an earlier round missed."""
    compiler = Compiler(library, nested)
    root = compiler.root(text, name)
    compiled = Compiled(None, compiler.problems, compiler.programs, compiler.missing)
    if root is None or errors(compiler.problems):
        return compiled
    size = plan_bytes(compiler.bodies.values())
    if size > MAX_PLAN_BYTES:
        message = f"with the templates that it uses the template has {size} bytes, at most {MAX_PLAN_BYTES}"
        hint = "Use fewer product actions, or start parts of it as templates of their own."
        return replace(compiled, problems=[*compiled.problems, Problem("PlanTooLarge", message, hint=hint)])
    return replace(compiled, plan=Plan(root, compiler.bodies), size=size)
