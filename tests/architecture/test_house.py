"""The rules of the house that no linter knows: files and functions that one can read, docstrings, who starts whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, dotted, imported, modules, place, tree

MAX_LINES = 400
MAX_FUNCTION_LINES = 60
"""Few functions are above 40 lines; none is twice that."""

WORKER_IMPORTS = (
    "activities",
    "caboose.library_folders",
    "caboose.payloads",
    "caboose.sandbox",
    "caboose.settings",
    "caboose.store",
    "workflows",
)


@pytest.mark.parametrize("path", modules(*PACKAGES, "worker.py", "tests"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert not text.strip() or ast.get_docstring(tree(path)), "a docstring at the top"


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{place(path, node)} {node.name}"
        for path in modules(*PACKAGES, "worker.py")
        for node in functions(tree(path))
        if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert not long


def public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public functions and classes, and the public methods of public classes."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node
            yield from public(node.body)


def test_what_is_public_says_what_it_does() -> None:
    silent = [
        f"{place(path, node)} {node.name}"
        for path in modules(*PACKAGES, "worker.py")
        for node in public(tree(path).body)
        if not ast.get_docstring(node)
    ]
    assert not silent


def test_a_worker_is_settings_store_workflows_and_activities() -> None:
    ours = [name for _, name in imported(tree(ROOT / "worker.py")) if name.split(".")[0] in PACKAGES]
    assert ours
    assert not [
        name for name in ours if not any(name == each or name.startswith(each + ".") for each in WORKER_IMPORTS)
    ]


def patches(module: ast.Module) -> Iterator[ast.AST]:
    """Mocks, and attributes that are set from outside: the outside world is the simulator, the engine has Effects."""
    for node in ast.walk(module):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [name.name for name in node.names] + [getattr(node, "module", None) or ""]
            if any(name.split(".")[-1] == "mock" or "pytest_mock" in name for name in names):
                yield node
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            if name.endswith(("monkeypatch.setattr", "monkeypatch.setitem", "mock.patch", "mocker.patch")):
                yield node


def test_no_test_patches_our_own_code() -> None:
    assert not [place(path, node) for path in modules("tests") for node in patches(tree(path))]


@pytest.mark.parametrize(
    "code",
    ["from unittest import mock", "import unittest.mock", "monkeypatch.setattr(a, 'b', 1)", "from mock import patch"],
)
def test_patches_are_found(code: str) -> None:
    assert list(patches(ast.parse(code)))
