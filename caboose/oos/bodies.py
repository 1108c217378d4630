"""Bodies: the template and every template that it uses, each compiled once and named by the hash of what it became.

A product action's body is the same for every template that uses it, so those of a library are kept (as long as the
library lives) once they have compiled without errors. What a nested template does wrong is an error of the template
that uses it; its warnings are its author's business, except for what this version doesn't run.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from caboose.oos.actions import ACTIONS
from caboose.oos.body import read_body
from caboose.oos.library import Library, Source
from caboose.oos.loader import Document, Path, load
from caboose.oos.plan import Body
from caboose.oos.problems import ERROR, MAX_PROBLEMS, Problem, TooManyProblems, did_you_mean, errors
from caboose.oos.reader import Reader
from caboose.oos.selectors import ProgramUse
from caboose.oos.tasks import Found

MAX_BODIES = 200
MAX_DEPTH = 16
_PUBLIC_PREFIX = "acs"
_SHOWN_PROBLEMS = 5
_UNUSABLE = " can't be used: "


@dataclass(frozen=True)
class Nested:
    """A stored template that another one uses; ``text`` is None when there is none of this name and version."""

    name: str
    version: str
    text: str | None


@dataclass(frozen=True)
class _Unit:
    """A compiled body with every body below it: what can be kept and used again."""

    found: Found
    bodies: dict[str, Body]
    depth: int
    unsupported: list[Problem]


@dataclass
class _Level:
    """One body under compilation: what it uses, how deep that goes, and what this version doesn't run of it."""

    name: str
    bodies: dict[str, Body] = field(default_factory=dict)
    depth: int = 1


_KEPT: WeakKeyDictionary[Library, dict[str, _Unit]] = WeakKeyDictionary()


def plan_bytes(bodies: Iterable[Body]) -> int:
    """The bytes that bodies take as JSON."""
    return sum(len(_json(body)) + 70 for body in bodies)  # 70: the hash as a key


class Compiler:
    """Compiles one template with everything it uses. ``Bodies`` for the tasks that it reads."""

    def __init__(self, library: Library, nested: Iterable[Nested]) -> None:
        self._library = library
        self._nested = {(each.name, each.version): each.text for each in nested}
        self._levels: list[_Level] = []
        self._failed: dict[str, str] = {}
        self.bodies: dict[str, Body] = {}
        self.problems: list[Problem] = []
        self.programs: list[ProgramUse] = []
        self.missing: list[tuple[str, str]] = []

    def root(self, text: str, name: str) -> str | None:
        """The hash of the template's own body; ``bodies`` holds it and all that it uses."""
        document, problems = load(text, self._library.max_bytes)
        self.problems.extend(problems)
        if document is None:
            return None
        reader = Reader(document)
        found = self._read(reader, name)
        self.problems.extend(reader.problems)
        self.programs.extend(reader.programs)
        return found.hash if found else None

    def product(self, name: str, reader: Reader, path: Path) -> Found | None:
        """A product action of the library."""
        source = self._library.find(name)
        if source is None:
            hint = did_you_mean(name, [*ACTIONS, *self._library.names()])
            hint = hint or "Put the template of a product action into a folder that CABOOSE_LIBRARY_PATH names."
            reader.error("UnknownAction", f'there is no action "{name}"', path, hint)
            return None
        return self._use(source.name, source.text, source, reader, path)

    def template(self, name: str, version: str, reader: Reader, path: Path) -> Found | None:
        """A stored template, or one of the library; names that begin with ACS are the library's only."""
        public = name.lower().startswith(_PUBLIC_PREFIX)
        text = None if public else self._nested.get((name, version))
        if text is not None:
            return self._use(name, text, None, reader, path)
        source = self._library.find(name)
        if source is not None:
            return self._use(source.name, source.text, source, reader, path)
        if not public:
            self.missing.append((name, version))
        which = f'"{name}"' if not version else f'"{name}" of version {version}'
        hint = (
            did_you_mean(name, [*self._library.templates(), *self._library.names()])
            or "It must be stored, or in a library folder, to be started."
        )
        reader.warning("UnknownTemplate", f"there is no template {which} here", path, hint)
        return None

    def inline(self, content: Any, reader: Reader, path: Path) -> Found | None:
        """A template that is written into a task."""
        mark = reader.document.mark(path)
        if isinstance(content, str):
            document, problems = load(content, self._library.max_bytes)
            if document is None:
                reader.error(problems[0].id, f"the inline template can't be read: {problems[0]}", path)
                return None
            document = Document(document.value, {(): mark}, content)  # places inside of it aren't places of the file
        else:
            size = len(path)
            below = {place[size:]: each for place, each in reader.document.marks.items() if place[:size] == path}
            document = Document(content, {(): mark, **below}, reader.document.text)
        inner = Reader(document, reader.place(path))
        unit = self._nest("", inner)
        if unit is None:
            reader.adopt(errors(inner.problems))
            return None
        return self._add(unit, reader, path)

    def used(self) -> dict[str, Body]:
        """The bodies that the template under compilation uses so far, by hash."""
        return self._levels[-1].bodies

    def _use(self, name: str, text: str, source: Source | None, reader: Reader, path: Path) -> Found | None:
        kept = _KEPT.setdefault(self._library, {}) if source else {}
        key = name.casefold()
        if key in kept:
            return self._add(kept[key], reader, path)
        if key in self._failed:
            reader.error("BrokenTemplate", f"{name}{_UNUSABLE}{self._failed[key]}", path)
            return None
        names = [level.name.casefold() for level in self._levels]
        if key in names:
            circle = " -> ".join([level.name for level in self._levels[names.index(key) :]] + [name])
            reader.error("TemplateCycle", f"templates use each other in a circle: {circle}", path)
            return None
        limit = self._library.max_bytes
        document, problems = source.load(limit) if source else load(text, limit)
        if document is None:
            self._failed[key] = _faults(problems)
            reader.error("BrokenTemplate", f"{name}{_UNUSABLE}{self._failed[key]}", path)
            return None
        missing = len(self.missing)
        inner = Reader(document, name)
        unit = self._nest(name, inner)
        if unit is None:
            self._failed[key] = _faults(errors(inner.problems))
            reader.error("BrokenTemplate", f"{name}{_UNUSABLE}{self._failed[key]}", path)
            return None
        if source and len(self.missing) == missing:
            kept[key] = unit
        return self._add(unit, reader, path)

    def _nest(self, name: str, inner: Reader) -> _Unit | None:
        """Compiles a body within another one; None when it has errors, which are ``inner``'s."""
        if len(self._levels) >= MAX_DEPTH:
            inner.error("TooDeepNesting", f"templates use each other more than {MAX_DEPTH} deep", ())
            return None
        found = self._read(inner, name)
        if found is None or errors(inner.problems):
            return None
        unsupported = [problem for problem in inner.problems if problem.id == "NotSupportedYet"]
        if name:
            unsupported = [replace(problem, line=0, column=0) for problem in unsupported]  # places in another file
        return _Unit(found, self._done.bodies, self._done.depth, unsupported)

    def _add(self, unit: _Unit, reader: Reader, path: Path) -> Found | None:
        """Takes a compiled body, and all below it, into the one that is being compiled."""
        level = self._levels[-1]
        if len(self._levels) + unit.depth > MAX_DEPTH:
            reader.error("TooDeepNesting", f"templates use each other more than {MAX_DEPTH} deep", path)
            return None
        level.depth = max(level.depth, unit.depth + 1)
        level.bodies.update(unit.bodies)
        if len(level.bodies) >= MAX_BODIES:
            reader.error("TooManyBodies", f"the template uses more than {MAX_BODIES} templates", path)
            return None
        known = [(problem.path, problem.message) for problem in reader.problems]
        reader.adopt([each for each in unit.unsupported if (each.path, each.message) not in known])
        return unit.found

    def _read(self, reader: Reader, name: str) -> Found | None:
        """The body of a document; what is wrong with it stays with its reader."""
        self._levels.append(_Level(name))
        try:
            body = read_body(reader, name, self, nested=len(self._levels) > 1)
        except TooManyProblems:
            message, hint = f"more than {MAX_PROBLEMS} problems", "Mend these first."
            reader.problems.append(Problem("TooManyProblems", message, name, hint=hint, severity=ERROR))
            return None
        finally:
            self._done = self._levels.pop()
        body_hash = sha256(_json(body).encode()).hexdigest()
        self._done.bodies[body_hash] = body
        self.bodies = self._done.bodies
        return Found(name, body_hash, body)


def _faults(problems: list[Problem]) -> str:
    """What is wrong with a nested template, in the words of whoever reads of it from outside."""
    shown = "; ".join(_root(problem) for problem in problems[:_SHOWN_PROBLEMS])
    more = len(problems) - _SHOWN_PROBLEMS
    return shown + (f"; and {more} more" if more > 0 else "")


def _root(problem: Problem) -> str:
    """The problem itself; of a template that can't be used because of another one, what is wrong with that."""
    return problem.message.partition(_UNUSABLE)[2] if problem.id == "BrokenTemplate" else str(problem)


def _json(body: Body) -> str:
    return json.dumps(body, default=vars, sort_keys=True)
