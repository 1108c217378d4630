"""Reading a loaded document: problems with their places, and the few checks that every section needs.

A reader reports what it can't use and puts something harmless in its place, so that one pass finds every problem of a
template (up to a bound, at which it raises ``TooManyProblems``); whether there is a plan at the end depends on the
problems, not on how far the reading got.
"""

from collections import Counter
from typing import Any

from caboose.oos.loading import Document, Path
from caboose.oos.names import case_twins
from caboose.oos.problems import ERROR, MAX_PROBLEMS, WARNING, Problem, TooManyProblems, did_you_mean
from caboose.oos.selectors import ProgramUse


class Reader:
    """A document, and what there is to say against it. ``prefix`` names the product action whose template it is."""

    def __init__(self, document: Document, prefix: str = "") -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.programs: list[ProgramUse] = []
        self._prefix = prefix
        self._counts: Counter[str] = Counter()
        self._labels: dict[Path, str] = {}

    def label(self, path: Path, name: str) -> None:
        """From now on the place ``path`` is shown by a name: ``Tasks.rebootInstance``, not ``Tasks[2]``."""
        self._labels[path] = name

    def error(self, id: str, message: str, path: Path, hint: str = "") -> None:
        """Reports what stops a start."""
        self._report(id, message, path, hint, ERROR)

    def warning(self, id: str, message: str, path: Path, hint: str = "") -> None:
        """Reports what doesn't stop a start."""
        self._report(id, message, path, hint, WARNING)

    def warn_of_case(self, written: str, declared: str, path: Path) -> None:
        """Another letter case works, and is worth a warning."""
        if written != declared:
            message = f'"{written}" is declared as "{declared}"'
            self.warning("LetterCase", message, path, "It works; write it as it is declared.")

    def not_supported(self, what: str, path: Path) -> None:
        """Tells of what OOS has and this version doesn't run: a start is refused, it is never ignored (design
        section 4); the template itself is right."""
        self.warning("NotSupportedYet", f"{what} isn't supported yet", path, "Take it out to run this template here.")

    def program(self, program: str, path: Path) -> None:
        """Keeps a program, for whoever can compile it."""
        mark = self.document.mark(path)
        self.programs.append(ProgramUse(program, self._text(path), mark.line, mark.column))

    def _report(self, id: str, message: str, path: Path, hint: str, severity: str) -> None:
        mark = self.document.mark(path)
        self.adopt([Problem(id, message, self._text(path), mark.line, mark.column, hint, severity)])

    def _text(self, path: Path) -> str:
        text = self._prefix
        for end in range(1, len(path) + 1):
            step = self._labels.get(path[:end], path[end - 1])
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
        return text

    def adopt(self, problems: list[Problem]) -> None:
        """Takes over what was reported, also about a template that this one uses.

        Of one warning there are so many and no more; too many errors end the reading.
        """
        for problem in problems:
            kind = ERROR if problem.severity == ERROR else problem.id
            self._counts[kind] += 1
            if self._counts[kind] <= MAX_PROBLEMS:
                self.problems.append(problem)
        if self._counts[ERROR] >= MAX_PROBLEMS:
            raise TooManyProblems

    def place(self, path: Path) -> str:
        """The place as people read it: ``Tasks.rebootInstance.Properties``."""
        return self._text(path)

    def mapping(self, value: Any, path: Path) -> dict[str, Any]:
        """The value if it is a map; a section left empty is an empty map."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.error("InvalidType", f"expected a map, got {value!r:.80}", path)
        return {}

    def text(self, value: Any, path: Path) -> str:
        """The value if it is a string."""
        if isinstance(value, str):
            return value
        if value is not None:
            self.error("InvalidType", f"expected a string, got {value!r:.80}", path)
        return ""

    def unknown_keys(self, value: dict[str, Any], known: tuple[str, ...], path: Path) -> None:
        """A warning for each key that the language doesn't have (design section 4)."""
        for key in value:
            if key not in known:
                hint = did_you_mean(key, known)
                self.warning("UnknownKey", f'"{key}" means nothing here and has no effect', (*path, key), hint)

    def no_case_twins(self, names: dict[str, Any], path: Path, what: str) -> None:
        """Names are matched without regard to case in the end, so two that differ by it only can't both be meant."""
        for first, second in case_twins(names):
            self.error(
                "AmbiguousName",
                f'the {what} "{first}" and "{second}" differ by letter case only',
                (*path, second),
            )


def description_of(value: Any) -> str:
    """The English text of a Description, which is a string or a map by language."""
    if isinstance(value, dict):
        value = value.get("en") or next((text for text in value.values() if isinstance(text, str)), "")
    return value.strip() if isinstance(value, str) else ""
