"""The language and the engine are pure: in workflow code nothing else checks that, the sandbox lets them through."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.purity import Fault, foreign_imports, impure_calls, walked_sets
from tests.architecture.source import modules, place, tree

STANDARD = (
    "base64",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "fractions",
    "functools",
    "hashlib",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "sys",
    "textwrap",
    "typing",
    "unicodedata",
    "weakref",
)
LANGUAGE = (*STANDARD, "caboose.oos", "jmespath", "regex", "yaml")
ENGINE = (*STANDARD, "asyncio", "caboose.engine", "caboose.oos")


@pytest.mark.parametrize(("folder", "allowed"), [("caboose/oos", LANGUAGE), ("caboose/engine", ENGINE)])
def test_pure_code_imports_pure_code_only(folder: str, allowed: tuple[str, ...]) -> None:
    faults = [
        f"{place(path, node)} {what}" for path in modules(folder) for node, what in foreign_imports(tree(path), allowed)
    ]
    assert not faults


@pytest.mark.parametrize("check", [impure_calls, walked_sets])
def test_pure_code_has_no_clock_no_file_and_no_order_of_its_own(check: Callable[[ast.Module], Iterator[Fault]]) -> None:
    faults = [
        f"{place(path, node)} {what}"
        for path in modules("caboose/oos", "caboose/engine", "workflows")
        for node, what in check(tree(path))
    ]
    assert not faults


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "def f():\n    from os import path",
        "import asyncio.subprocess",
        "from temporalio import workflow",
        "from caboose.settings import Settings",
    ],
)
def test_foreign_imports_are_found(code: str) -> None:
    assert list(foreign_imports(ast.parse(code), LANGUAGE))


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now()",
        "datetime.datetime.now(UTC)",
        "date.today()",
        "open('x')",
        "print('x')",
        "await asyncio.sleep(1)",
        "asyncio.wait([])",
        "hash(x)",
    ],
)
def test_impure_calls_are_found(code: str) -> None:
    assert list(impure_calls(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "for x in {1, 2}: pass",
        "[x for x in set(y)]",
        "{x: 1 for x in frozenset(y)}",
        "[x for x in {z for z in y}]",
        "names = {1}\nfor x in names: pass",
        "class A:\n    names: set[str]\n    def f(self):\n        return [x for x in names]",
        "for x in set(a) | b: pass",
        "list({1})",
        "[*{1}]",
        "', '.join({'a'})",
        "f(*set(x))",
    ],
)
def test_walked_sets_are_found(code: str) -> None:
    assert list(walked_sets(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["x in {1, 2}", "sorted({1, 2})", "len(set(x))", "for x in [1]: pass", "a = {1}\nassert 1 in a", "any(x in {1})"],
)
def test_sets_that_are_only_asked_are_fine(code: str) -> None:
    assert not list(walked_sets(ast.parse(code)))
