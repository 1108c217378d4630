"""Reading the checkout's own code."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("activities", "api", "caboose", "workflows")


def modules(*folders: str) -> list[Path]:
    """The Python files below these folders, and the files themselves."""
    found: list[Path] = []
    for folder in folders:
        path = ROOT / folder
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


def tree(path: Path) -> ast.Module:
    """A file, parsed."""
    return ast.parse(path.read_text("utf-8"))


def place(path: Path, node: ast.AST) -> str:
    """Where a node stands, for a message."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def imported(module: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every module that is imported, anywhere in a file, with its node."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node, name.name
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or "."


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for such an expression, '' for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
