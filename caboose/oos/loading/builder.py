"""The builder: makes values of what a reader meets, and holds the bounds while it does.

It is told of maps, lists, scalars and aliases in the order of the text and keeps its own stack, so that reading never
recurses however deep a text is, and stops where a bound is passed. An alias becomes a copy of what its anchor names and
counts as often as it is used, so aliases can't blow up. Merge keys (``<<``) are resolved; a key of the map itself wins
over a merged one.

Road not taken: composing a tree of nodes and constructing from that, as PyYAML does. It takes two passes more, and both
recurse.
"""

from dataclasses import dataclass, field
from typing import Any

from caboose.oos.loading.document import Mark, Path
from caboose.oos.problems import MAX_PROBLEMS, Problem

MAX_DEPTH = 50
MAX_NODES = 20_000

_ALIAS_HINT = 'A text that begins with "*" needs quotes.'


class Refused(Exception):
    """Raised when reading must not go on: a bound is passed. Holds that problem and those before it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[-1].message)
        self.problems = problems


@dataclass(slots=True)
class _Open:
    """A map or list that isn't closed yet.

    ``path`` is None below what is refused: that is read on, for its problems, and thrown away. ``key`` is the key whose
    value comes next; None in a list, and in a map where a key comes next. ``lost`` says that its value is thrown away,
    ``merging`` that it is a merge key.
    """

    value: Any
    path: Path | None
    mark: Mark
    anchor: str
    key: str | None = None
    lost: bool = False
    merging: bool = False
    merged: list[tuple[Any, Path | None, Mark]] = field(default_factory=list)


@dataclass(slots=True)
class _Anchored:
    """What an anchor names: the value, its place, and its text if it is a scalar."""

    value: Any
    path: Path | None = None
    word: str | None = None
    complete: bool = True


class Builder:
    """Collects the value, the places of its nodes, and the problems."""

    def __init__(self) -> None:
        self.value: Any = None
        self.marks: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._nodes = 0

    @property
    def at_key(self) -> bool:
        """Whether the next thing stands in the place of a key."""
        return bool(self._open) and self._open[-1].key is None and isinstance(self._open[-1].value, dict)

    def problem(self, id: str, message: str, mark: Mark, hint: str = "") -> None:
        """Notes something wrong that doesn't end the reading.

        Raises:
            Refused: nobody wants to see more of them.
        """
        if len(self.problems) == MAX_PROBLEMS:
            raise self.refused("TooManyProblems", f"more than {MAX_PROBLEMS} problems", mark, "Mend these first.")
        self.problems.append(Problem(id, message, "", *mark, hint))

    def refused(self, id: str, message: str, mark: Mark, hint: str) -> Refused:
        """What to raise when reading must end at this place."""
        return Refused([*self.problems, Problem(id, message, "", *mark, hint)])

    def begin(self, container: dict[str, Any] | list[Any], mark: Mark, anchor: str = "") -> None:
        """A map or list begins.

        Raises:
            Refused: it is one level too deep or one value too many; so do the other methods.
        """
        self._count(mark, len(self._open) + 1)
        if self.at_key:
            self.problem("InvalidKey", "a key is a plain text, not a map or a list", mark)
        path = self._next_path()
        if path is not None:
            self.marks.setdefault(path, mark)  # a member stands where its key does
        if anchor:
            self._anchors[anchor] = _Anchored(None, complete=False)
        self._open.append(_Open(container, path, mark, anchor))

    def end(self) -> None:
        """The innermost map or list ends."""
        done = self._open.pop()
        for value, path, mark in done.merged:
            self._merge(done, value, path, mark)
        if done.anchor:
            self._anchors[done.anchor] = _Anchored(done.value, done.path)
        self._put(done.value, done.path, done.mark)

    def scalar(self, value: Any, mark: Mark, anchor: str = "", word: str = "") -> None:
        """A value that is no map and no list; ``word`` is its text, for an alias of it in the place of a key."""
        self._count(mark, len(self._open))
        path = self._next_path()
        if path is not None:
            self.marks.setdefault(path, mark)
        if anchor:
            self._anchors[anchor] = _Anchored(value, path, word)
        self._put(value, path, mark)

    def key(self, text: str, mark: Mark, anchor: str = "", *, merging: bool = False) -> None:
        """A key, or the merge key ``<<``."""
        self._count(mark, len(self._open))
        if anchor:
            self._anchors[anchor] = _Anchored(text, None, text)
        top = self._open[-1]
        top.key, top.merging = text, merging
        if text in top.value:
            top.lost = True
            hint = "Remove one of the two, or give it another name."
            self.problem("DuplicateKey", f'the key "{text}" stands here a second time', mark, hint)
        elif top.path is not None:
            self.marks[*top.path, text] = mark

    def alias(self, name: str, mark: Mark) -> None:
        """An alias: what its anchor names, once more."""
        anchored = self._anchors.get(name)
        if anchored is None or not anchored.complete:
            reason = "is inside of what it names" if anchored else "names nothing above it"
            self.problem("InvalidYaml", f"the alias *{name} {reason}", mark, _ALIAS_HINT)
            anchored = _Anchored(None, word=name)
        if self.at_key and anchored.word is not None:
            self.key(anchored.word, mark)
            return
        if self.at_key:
            self.problem("InvalidKey", "a key is a plain text, not a map or a list", mark)
        path = self._next_path()
        self._put(self._copy(anchored.value, anchored.path, path, len(self._open), mark), path, mark)

    def _count(self, mark: Mark, depth: int, what: str = "the template has") -> None:
        self._nodes += 1
        if depth > MAX_DEPTH:
            hint = "Move the inner part into a template of its own."
            raise self.refused("TooDeep", f"nested more than {MAX_DEPTH} levels", mark, hint)
        if self._nodes > MAX_NODES:
            hint = "Split it into templates that use each other."
            raise self.refused("TooManyNodes", f"{what} more than {MAX_NODES} values", mark, hint)

    def _next_path(self) -> Path | None:
        """Where the next value will stand."""
        if not self._open:
            return ()
        top = self._open[-1]
        if top.path is None or top.lost:
            return None
        if isinstance(top.value, list):
            return (*top.path, len(top.value))
        return None if top.key is None else (*top.path, top.key)

    def _put(self, value: Any, path: Path | None, mark: Mark) -> None:
        if not self._open:
            self.value = value
            return
        top = self._open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:  # a map or list where a key should be: its value goes with it
            top.key, top.lost = "", True
        else:
            if top.merging:
                top.merged.append((value, path, mark))
            elif not top.lost:
                top.value[top.key] = value
            top.key, top.lost, top.merging = None, False, False

    def _merge(self, into: _Open, value: Any, path: Path | None, mark: Mark) -> None:
        """The members of a merged map (or of several, the first first) that the map doesn't have itself."""
        if isinstance(value, list):
            for index, each in enumerate(value):
                self._merge(into, each, None if path is None else (*path, index), mark)
        elif isinstance(value, dict):
            for key, child in value.items():
                if key not in into.value:
                    source = None if path is None else (*path, key)
                    target = None if into.path is None else (*into.path, key)
                    into.value[key] = self._copy(child, source, target, len(self._open) + 1, mark)
        else:
            hint = "After << comes an alias of a map, or a list of such aliases."
            self.problem("InvalidKey", "only maps can be merged", mark, hint)

    def _copy(self, value: Any, source: Path | None, target: Path | None, depth: int, mark: Mark) -> Any:
        """The value again, at another place; its nodes keep the marks they have where they are written."""
        self._count(mark, depth + isinstance(value, (dict, list)), "with its aliases the template has")
        if target is not None:
            written = mark if source is None else self.marks.get(source, mark)
            self.marks.setdefault(target, written)
        if isinstance(value, dict):
            return {
                key: self._copy(child, _below(source, key), _below(target, key), depth + 1, mark)
                for key, child in value.items()
            }
        if isinstance(value, list):
            return [
                self._copy(child, _below(source, index), _below(target, index), depth + 1, mark)
                for index, child in enumerate(value)
            ]
        return value


def _below(path: Path | None, step: str | int) -> Path | None:
    return None if path is None else (*path, step)
