"""What pure code must not do: found in a syntax tree, as (node, what is wrong)."""

import ast
from collections.abc import Iterator

from tests.architecture.source import dotted, imported

CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now")
NOT_IN_WORKFLOWS = ("asyncio.sleep", "asyncio.wait", "asyncio.as_completed", "asyncio.wait_for", "asyncio.timeout")
"""asyncio's timers aren't Temporal's; ``wait`` and ``as_completed`` give sets, whose order a replay changes."""
BUILTINS = ("open", "input", "print", "eval", "exec", "__import__", "id", "hash")
"""``id`` and ``hash`` differ from process to process, and so would what depends on them."""

Fault = tuple[ast.AST, str]


def foreign_imports(module: ast.Module, allowed: tuple[str, ...]) -> Iterator[Fault]:
    """Imports of anything but the allowed modules and what is below them."""
    for node, name in imported(module):
        if not any(name == each or name.startswith(each + ".") for each in allowed):
            yield node, f"imports {name}"


def impure_calls(module: ast.Module) -> Iterator[Fault]:
    """Clocks, files, and asyncio's own timers."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in BUILTINS or name.endswith(CLOCKS) or name in NOT_IN_WORKFLOWS:
                yield node, f"calls {name}"


def walked_sets(module: ast.Module) -> Iterator[Fault]:
    """Sets that are walked: their order is another one in another process."""
    named = _names_of_sets(module)
    for node in ast.walk(module):
        for walked in _walked(node):
            if _is_set(walked, named):
                yield walked, "walks a set"


def _walked(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield node.iter
    elif isinstance(node, ast.Starred):
        yield node.value
    elif isinstance(node, ast.Call):
        walks = dotted(node.func) in ("list", "tuple", "enumerate", "iter", "zip", "map", "next", "dict.fromkeys")
        if walks or (isinstance(node.func, ast.Attribute) and node.func.attr in ("join", "extend")):
            yield from node.args


def _names_of_sets(module: ast.Module) -> list[str]:
    named: list[str] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and _is_set(node.value, named):
            named += [dotted(target) for target in node.targets]
        elif isinstance(node, ast.AnnAssign) and (
            dotted(node.annotation) in ("set", "frozenset")
            or (isinstance(node.annotation, ast.Subscript) and dotted(node.annotation.value) in ("set", "frozenset"))
        ):
            named.append(dotted(node.target))
    return [name for name in named if name]


def _is_set(node: ast.expr, named: list[str]) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.Call) and dotted(node.func) in ("set", "frozenset"):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
        return _is_set(node.left, named) or _is_set(node.right, named)
    return dotted(node) in named
