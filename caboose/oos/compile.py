"""Compiling: a template's text and a library become a Plan, or the list of everything that is wrong.

The same for every execution, and cached: what depends on one start (parameters, region, mode) is checked by ``start``.
Product actions are compiled with it, each body once, named by hash.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from caboose.oos.actions import ACTIONS
from caboose.oos.library import Library
from caboose.oos.loader import Document, Path, load
from caboose.oos.plan import Body, Plan
from caboose.oos.problems import MAX_PROBLEMS, Problem, TooManyProblems, did_you_mean, errors
from caboose.oos.reader import Reader, description_of
from caboose.oos.scope_check import AT_START, Scope, check_references
from caboose.oos.sections import read_outputs, read_parameters
from caboose.oos.tasks import read_tasks

FORMAT_VERSION = "OOS-2019-06-01"
MAX_PLAN_BYTES = 1_000_000
MAX_BODIES = 200
MAX_ACTION_DEPTH = 16

_KEYS = (
    "FormatVersion",
    "Description",
    "Parameters",
    "Conditions",
    "RamRole",
    "Tasks",
    "Outputs",
    "Metadata",
)


@dataclass(frozen=True)
class Compiled:
    """A plan, or None beside the errors; warnings may stand beside a plan."""

    plan: Plan | None
    problems: list[Problem] = field(default_factory=list)


@lru_cache(maxsize=256)
def compile_template(text: str, library: Library, name: str = "") -> Compiled:
    """Compiles a template.

    Args:
        text: the template, YAML or JSON.
        library: where product actions are looked up.
        name: the template's name for the plan; '' for a template that was given as content.
    """
    compiler = _Compiler(library)
    root = compiler.body(text, name, "")
    problems = compiler.problems
    if root is None or errors(problems):
        return Compiled(None, problems)
    plan = Plan(root, compiler.bodies)
    size = len(json.dumps(asdict(plan)))
    if size > MAX_PLAN_BYTES:
        message = f"with its product actions the template has {size} bytes, at most {MAX_PLAN_BYTES}"
        return Compiled(None, [*problems, Problem("PlanTooLarge", message)])
    return Compiled(plan, problems)


class _Compiler:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._compiled: dict[str, tuple[str, str, Body] | None] = {}
        self._stack: list[str] = []
        self.bodies: dict[str, Body] = {}
        self.problems: list[Problem] = []

    def body(self, text: str, name: str, prefix: str) -> str | None:
        """The hash of the compiled body, after adding it to ``bodies``."""
        document, problems = load(text)
        if document is None:
            self.problems.extend(problems)
            return None
        reader = Reader(document, prefix)
        try:
            body = self._read(reader, document, name)
        except TooManyProblems:
            hint = "Mend these first."
            reader.problems.append(Problem("TooManyProblems", f"more than {MAX_PROBLEMS} problems", prefix, hint=hint))
            return None
        finally:
            self.problems.extend(reader.problems)
        body_hash = sha256(json.dumps(asdict(body), sort_keys=True).encode()).hexdigest()
        self.bodies[body_hash] = body
        return body_hash

    def _read(self, reader: Reader, document: Document, name: str) -> Body:
        template = document.value
        if not isinstance(template, dict):
            reader.error("InvalidType", "a template is a map with FormatVersion and Tasks", ())
            template = {"FormatVersion": FORMAT_VERSION, "Tasks": []}
        reader.unknown_keys(template, _KEYS, ())
        if template.get("FormatVersion") != FORMAT_VERSION:
            hint = f"Write FormatVersion: {FORMAT_VERSION}."
            reader.error("FormatVersion", f"FormatVersion is not {FORMAT_VERSION}", ("FormatVersion",), hint)
        if template.get("Conditions"):
            reader.not_supported("Conditions", ("Conditions",))
        parameters = read_parameters(reader, template.get("Parameters"))
        if self._stack:
            self._refuse_patterns(reader, parameters)
        tasks, scope = read_tasks(reader, template.get("Tasks"), list(parameters), self._find)
        return Body(
            name=name,
            tasks=tasks,
            parameters=parameters,
            outputs=read_outputs(reader, template.get("Outputs"), scope),
            ram_role=self._ram_role(reader, template.get("RamRole"), list(parameters)),
            description=description_of(template.get("Description")),
        )

    def _refuse_patterns(self, reader: Reader, parameters: dict[str, Any]) -> None:
        """A pattern's time-out can't be decided in workflow code, where a product action's parameters are bound."""
        for name, parameter in parameters.items():
            if parameter.allowed_pattern:
                place: Path = ("Parameters", name, "AllowedPattern")
                reader.not_supported("AllowedPattern in a product action", place)

    def _ram_role(self, reader: Reader, value: Any, parameters: list[str]) -> str:
        path: Path = ("RamRole",)
        role = reader.text(value, path)
        if role and self._stack:
            reader.not_supported("a RamRole of a product action", path)
        return str(check_references(reader, role, path, Scope(parameters, pseudo=AT_START)))

    def _find(self, name: str, reader: Reader, path: Path) -> tuple[str, str, Body] | None:
        source = self._library.find(name)
        if source is None:
            hint = did_you_mean(name, [*ACTIONS, *self._library.names()])
            reader.error("UnknownAction", f'there is no action "{name}"', path, hint)
            return None
        if source.name in self._stack:
            circle = " -> ".join([*self._stack, source.name])
            reader.error("ActionCycle", f"product actions use each other in a circle: {circle}", path)
            return None
        if len(self._stack) >= MAX_ACTION_DEPTH or len(self.bodies) >= MAX_BODIES:
            message = f"more than {MAX_ACTION_DEPTH} product actions deep, or more than {MAX_BODIES} in all"
            reader.error("TooManyActions", message, path)
            return None
        if source.name not in self._compiled:
            self._stack.append(source.name)
            body_hash = self.body(source.text, source.name, source.name)
            self._stack.pop()
            self._compiled[source.name] = (source.name, body_hash, self.bodies[body_hash]) if body_hash else None
        return self._compiled[source.name]
