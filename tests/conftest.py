"""For all tests: the stack of real processes, one for the session, and the mark of tests that cover the language."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.stack import Stack, running_stack

settings.register_profile("caboose", deadline=None)
settings.load_profile("caboose")
"""No test asserts how long something takes."""

LANGUAGE = ("oos", "compliance", "engine")
"""Folders whose tests reach every line and branch of ``caboose.oos``. Tests by chance don't count: ``make test`` would
pass one day and fail the next."""

BUSY = ("e2e", "cli", "durability", "generator", "api", "workflows", "sandbox", "store")
"""Folders whose tests start processes and wait for them. They come first, so that no process of ``pytest -n`` is left
alone at the end with a file that takes a minute."""

TESTS = Path(__file__).parent


def _folder(path: Path) -> str:
    return path.relative_to(TESTS).parts[0]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m language...`` no other folder is read: to collect everything takes longer than to run these tests."""
    only_language = config.option.markexpr.startswith("language") and collection_path.parent == TESTS
    return True if only_language and _folder(collection_path) not in LANGUAGE else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that ``make test`` runs with coverage, and puts the busy folders first."""
    for item in items:
        if _folder(item.path) in LANGUAGE and not hasattr(getattr(item, "obj", None), "hypothesis"):
            item.add_marker("language")
    order = {folder: number for number, folder in enumerate(BUSY)}
    items.sort(key=lambda item: order.get(_folder(item.path), len(BUSY)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says what tests have recorded as their ``summary``, those of other processes too."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            said = dict(getattr(report, "user_properties", ())).get("summary")
            if said and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}\n  {said}")


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack that tests share; they tell their executions apart by id."""
    with running_stack(Path(tmp_path_factory.mktemp("stack")), CABOOSE_TRUST_NAMES="true") as stack:
        yield stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The shared stack with an empty simulator."""
    shared_stack.simulator.reset()
    return shared_stack
