"""Bodies: the template and every template that it uses, each compiled once and named by the hash of what it became.

What a template uses twice is compiled once. A product action's body is the same for every template that uses it, so
those of a library are kept (as long as the library lives) once they have compiled without errors, unless a stored
template came into it: that may be another one next time. What a nested template does wrong is an error of the template
that uses it; its warnings are its author's business, except for what stops a start.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from caboose.oos.actions import ACTIONS
from caboose.oos.compiling.reader import Reader
from caboose.oos.compiling.tasks import Found
from caboose.oos.compiling.template import read_body
from caboose.oos.library import Library, Source
from caboose.oos.loading import Document, Path, load
from caboose.oos.plan import Body
from caboose.oos.problems import ERROR, MAX_PROBLEMS, Problem, TooManyProblems, did_you_mean, errors
from caboose.oos.selectors import ProgramUse

MAX_BODIES = 200
MAX_DEPTH = 16
_PUBLIC_PREFIX = "acs"
_SHOWN_PROBLEMS = 5
_UNUSABLE = " can't be used: "
STOPS_A_START = ("NotSupportedYet", "UnknownTemplate")
"""Warnings of compiling: the template is right, but it can't run here."""
_Key = tuple[str, str]
"""A template in whatever place: its name without regard to case, and its text, as several versions have one name."""


@dataclass(frozen=True)
class Nested:
    """A stored template that another one uses; ``text`` is None when there is none of this name and version."""

    name: str
    version: str
    text: str | None


@dataclass(frozen=True)
class _Unit:
    """A compiled body with every body below it: what can be used again. ``stored`` says that the store was asked for
    something in it, and may give something else next time."""

    found: Found
    bodies: dict[str, Body]
    depth: int
    stopping: list[Problem]
    programs: list[ProgramUse]
    stored: bool


@dataclass
class _Level:
    """One body under compilation: what it uses, how deep that goes, and the programs that are in it."""

    name: str
    key: _Key
    bodies: dict[str, Body] = field(default_factory=dict)
    programs: dict[ProgramUse, None] = field(default_factory=dict)
    depth: int = 1
    stored: bool = False


_KEPT: WeakKeyDictionary[Library, dict[_Key, _Unit]] = WeakKeyDictionary()


def plan_bytes(bodies: Iterable[Body]) -> int:
    """The bytes that bodies take as JSON."""
    return sum(len(_json(body)) + 70 for body in bodies)  # 70: the hash as a key


class Compiler:
    """Compiles one template with everything it uses. ``Bodies`` for the tasks that it reads."""

    def __init__(self, library: Library, nested: Iterable[Nested]) -> None:
        self._library = library
        self._nested = {(each.name, each.version): each.text for each in nested}
        self._levels: list[_Level] = []
        self._units: dict[_Key, _Unit] = {}
        self._failed: dict[_Key, str] = {}
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
        found = self._read(reader, name, _key(name, text))
        self.problems.extend(reader.problems)
        self.programs.extend(self._done.programs)
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
        if not name.lower().startswith(_PUBLIC_PREFIX):
            self._levels[-1].stored = True
            text = self._nested.get((name, version))
            if text is not None:
                return self._use(name, text, None, reader, path)
            if (name, version) not in self.missing:
                self.missing.append((name, version))
        source = self._library.find(name)
        if source is not None and not version:
            return self._use(source.name, source.text, source, reader, path)
        which, hint = f'"{name}"', "It must be stored, or in a library folder, to be started."
        if source is not None:
            hint = "It is a file of the library, which has no versions: leave TemplateVersion out."
        else:
            hint = did_you_mean(name, [*self._library.templates(), *self._library.names()]) or hint
        if version:
            which += f" of version {version}"
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
        unit = self._nest("", inner, ("", ""))
        if unit is None:
            reader.adopt(errors(inner.problems))
            return None
        return self._add(unit, reader, path)

    def used(self) -> dict[str, Body]:
        """The bodies that the template under compilation uses so far, by hash."""
        return self._levels[-1].bodies

    def _use(self, name: str, text: str, source: Source | None, reader: Reader, path: Path) -> Found | None:
        key = _key(name, text)
        kept = _KEPT.setdefault(self._library, {})
        unit = self._units.get(key) or (kept.get(key) if source else None)
        if unit is None and key not in self._failed:
            keys = [level.key for level in self._levels]
            if key in keys:
                circle = " -> ".join([level.name for level in self._levels[keys.index(key) :]] + [name])
                reader.error("TemplateCycle", f"templates use each other in a circle: {circle}", path)
                return None
            unit = self._unit(key, name, text, source)
            if unit and source and not unit.stored:
                kept[key] = unit
        if unit is None:
            reader.error("BrokenTemplate", f"{name}{_UNUSABLE}{self._failed[key]}", path)
            return None
        self._units[key] = unit
        return self._add(unit, reader, path)

    def _unit(self, key: _Key, name: str, text: str, source: Source | None) -> _Unit | None:
        """Compiles a template that has a name; None when it can't be used, and ``_failed`` says why."""
        limit = self._library.max_bytes
        document, problems = source.load(limit) if source else load(text, limit)
        if document is None:
            self._failed[key] = _faults(problems)
            return None
        inner = Reader(document, name)
        unit = self._nest(name, inner, key)
        if unit is None:
            self._failed[key] = _faults(errors(inner.problems))
        return unit

    def _nest(self, name: str, inner: Reader, key: _Key) -> _Unit | None:
        """Compiles a body within another one; None when it has errors, which are ``inner``'s."""
        if len(self._levels) >= MAX_DEPTH:
            inner.error("TooDeepNesting", f"templates use each other more than {MAX_DEPTH} deep", ())
            return None
        found = self._read(inner, name, key)
        if found is None or errors(inner.problems):
            return None
        stopping = [problem for problem in inner.problems if problem.id in STOPS_A_START]
        programs = list(self._done.programs)
        if name:  # places in another file
            stopping = [replace(problem, line=0, column=0) for problem in stopping]
            programs = [replace(program, line=0, column=0) for program in programs]
        return _Unit(found, self._done.bodies, self._done.depth, stopping, programs, self._done.stored)

    def _add(self, unit: _Unit, reader: Reader, path: Path) -> Found | None:
        """Takes a compiled body, and all below it, into the one that is being compiled."""
        level = self._levels[-1]
        if len(self._levels) + unit.depth > MAX_DEPTH:
            reader.error("TooDeepNesting", f"templates use each other more than {MAX_DEPTH} deep", path)
            return None
        level.depth = max(level.depth, unit.depth + 1)
        level.stored = level.stored or unit.stored
        level.bodies.update(unit.bodies)
        level.programs.update(dict.fromkeys(unit.programs))
        if len(level.bodies) >= MAX_BODIES:
            reader.error("TooManyBodies", f"the template uses more than {MAX_BODIES} templates", path)
            return None
        known = [(problem.path, problem.message) for problem in reader.problems]
        reader.adopt([each for each in unit.stopping if (each.path, each.message) not in known])
        return unit.found

    def _read(self, reader: Reader, name: str, key: _Key) -> Found | None:
        """The body of a document; what is wrong with it stays with its reader."""
        self._levels.append(_Level(name, key))
        try:
            body = read_body(reader, name, self, nested=len(self._levels) > 1)
        except TooManyProblems:
            message, hint = f"more than {MAX_PROBLEMS} problems", "Mend these first."
            reader.problems.append(Problem("TooManyProblems", message, name, hint=hint, severity=ERROR))
            return None
        finally:
            self._done = self._levels.pop()
            self._done.programs.update(dict.fromkeys(reader.programs))
        body_hash = sha256(_json(body).encode()).hexdigest()
        self._done.bodies[body_hash] = body
        self.bodies = self._done.bodies
        return Found(name, body_hash, body)


def _key(name: str, text: str) -> _Key:
    return name.casefold(), text


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
