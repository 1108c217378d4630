"""A case: a template, its start, what the cloud answers and what people do. Plain JSON, so that one can be kept.

What is too large or too deep to be written down stands as how it is made: ``{"$text": 3000000}``, ``{"$list": 1000}``,
``{"$deep": 150}``.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One execution and its world.

    ``template`` is a value, or a text as it is. ``start`` are StartExecution's other fields. ``stored`` are templates
    by name that others may use. ``cloud`` has for each API the answers in turn (see there), the last one for good;
    ``people`` what they do, in order (see there). What still waits then gets an answer that it accepts, by the numbers
    of ``decisions`` in turn. ``apart``: loops of more calls run apart (None: by the worker's own rule); ``rounds``:
    after how many items one that runs apart goes on as new.
    """

    template: Any
    start: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)
    cloud: dict[str, list[Any]] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)
    apart: int | None = None
    rounds: int = 3

    @property
    def text(self) -> str:
        """The template as it is started."""
        return text_of(self.template)

    @property
    def request(self) -> dict[str, Any]:
        """StartExecution's fields."""
        fields: dict[str, Any] = made(self.start)
        return {"TemplateContent": self.text, **fields}

    def as_json(self) -> str:
        """The case as it is kept in a file."""
        return json.dumps(asdict(self), ensure_ascii=True, indent=1)


def text_of(template: Any) -> str:
    """A template as text; one that is a text already stays as it is."""
    return template if isinstance(template, str) else json.dumps(made(template))


def read(path: Path) -> Case:
    """A case from its file."""
    return Case(**json.loads(path.read_text("utf-8")))


def kept(where: str = "") -> list[Path]:
    """The files of the cases that failed once; those in ``served`` failed with the real server."""
    return sorted((CASES / where).glob("*.json"))


def made(value: Any) -> Any:
    """The value with everything in it that is large or deep."""
    if isinstance(value, list):
        return [made(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, size) = next(iter(value.items()))
        if name == "$text":
            return "x" * size
        if name == "$list":
            return [f"i-{number}" for number in range(size)]
        if name == "$deep":
            return _nested(size)
    return {name: made(each) for name, each in value.items()}


def _nested(depth: int) -> Any:
    found: Any = "bottom"
    for _ in range(depth):
        found = [found]
    return found
