"""The ids that the source reports, found in its syntax trees, with the severity where that is written out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from caboose.oos.problems import ERROR, WARNING
from tests.architecture.source import modules, place, tree

_ID = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_SEVERITIES = {"error": ERROR, "warning": WARNING, "problem": ERROR, "_problem": ERROR, "Problem": ERROR}
_OTHERS = ("report", "_report", "refused")
_CODES = ("EvaluationError", "RateControlError")
_CALLS = (*_SEVERITIES, *_OTHERS, *_CODES)

Reported = tuple[str, str, str]
"""(id, severity or '', where in the source)."""


def reported() -> Iterator[Reported]:
    """Everything that reports a problem, but for the lint rules, whose findings carry no id."""
    for path in modules("caboose/oos", "api", "workflows"):
        if "checks" not in path.parts:
            yield from _reported(path)


def _reported(path: Path) -> Iterator[Reported]:
    module = tree(path)
    constants = dict(_constants(module))
    for node in ast.walk(module):
        name = _name(node.func) if isinstance(node, ast.Call) else ""
        if name not in _CALLS or not isinstance(node, ast.Call):
            continue
        severity = next((_text(each.value, constants) for each in node.keywords if each.arg == "severity"), None)
        for id in _first_id(node.args[:2], constants):
            yield id, _SEVERITIES.get(name, "") if severity is None else severity, place(path, node)


def _first_id(arguments: list[ast.expr], constants: dict[str, str]) -> list[str]:
    """The id among the arguments; two for one that depends on something."""
    for argument in arguments:
        branches = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
        texts = [_text(branch, constants) for branch in branches]
        if all(_ID.fullmatch(text) for text in texts):
            return texts
    return []


def _text(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return constants.get(node.id, "")
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _constants(module: ast.Module) -> Iterator[tuple[str, str]]:
    yield from {"ERROR": ERROR, "WARNING": WARNING}.items()
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from ((_name(target), node.value.value) for target in node.targets)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
