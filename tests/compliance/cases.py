"""A case of the YAML files, with what it leaves out filled in."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.oos.templates import READ

LINT = "checks"
"""The file whose cases say what lint rules find; in the others they would only be in the way."""


@dataclass(frozen=True)
class Case:
    """One case; see ``test_compliance``."""

    name: str
    template: dict[str, Any] = field(default_factory=dict)
    task: dict[str, Any] | None = None
    text: str = ""
    parameters: Any = None
    start: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    decide: list[dict[str, Any]] = field(default_factory=list)
    trust_names: bool = False
    problems: list[str] = field(default_factory=list)
    compiles: list[str] | None = None
    plan: dict[str, Any] | None = None
    library: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, Any] = field(default_factory=dict)
    feature: str = ""
    lint: bool = False

    def request(self) -> dict[str, Any]:
        """The start of this case."""
        return {
            "TemplateContent": self.text,
            "Parameters": self.parameters or {},
            "SafetyCheck": "Skip",
            **self.start,
        }


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, in order."""
    cases = []
    for entry in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader):
        expect = {name: entry.pop(name) for name in ("outputs", "calls", "status") if name in entry}
        name = f"{path.stem}: {entry.pop('case')}"
        case = Case(name=name, expect=expect, lint=path.stem == LINT, **entry)
        cases.append(case if case.text else Case(**{**vars(case), "text": _text(case)}))
    return cases


def _text(case: Case) -> str:
    """The template: what the case says of it, and the rest in order."""
    task = {key: value for key, value in {**READ, **(case.task or {})}.items() if value is not None}
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": [task], **case.template})
