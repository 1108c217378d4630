"""Real templates, run from start to end: each whose calls the simulator can answer ends as Success.

A fifth of them runs with every ``make test``, all with ``make soak``. What keeps the others from running is found from
their plans (``answerable.py``): other products than ECS, product actions that the folder doesn't hold, triggers.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from caboose.oos.actions import is_read
from caboose.oos.compiling.compile import compile_template
from tests.corpus.answerable import apis, real_library, why_not
from tests.corpus.needs import NEEDS
from tests.corpus.runs import Needs, run_all
from tests.corpus.templates import CORPUS, files
from tests.support.stack import Stack, running_stack

FIFTH = 5
FEWEST = 90
"""Of 267 templates about a hundred can run here; far fewer would mean that they are left out by mistake."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder of real templates isn't beside the checkout")


@pytest.fixture(scope="module")
def corpus_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that has the folder as a library, with machines that change their states at once."""
    folder = Path(tmp_path_factory.mktemp("corpus"))
    with running_stack(folder, CABOOSE_LIBRARY_PATH=str(CORPUS), CABOOSE_OOSUTIL_VERSION="1.0.0") as stack:
        yield stack


def can_run() -> list[Path]:
    return [path for path in files() if not why_not(path)]


def run(stack: Stack, paths: list[Path]) -> list[str]:
    """What didn't end as Success, and why."""
    stack.simulator.reset(transition_seconds=0)
    ran = run_all(stack, {path: NEEDS.get(path.name, Needs()) for path in paths})
    assert len(ran) == len(paths)
    return [f"{each.path.name}: {each.status}: {each.why}" for each in ran if each.status != "Success"]


def test_a_fifth_of_them(corpus_stack: Stack) -> None:
    assert len(can_run()) >= FEWEST
    assert run(corpus_stack, can_run()[::FIFTH]) == []


@pytest.mark.soak
def test_all_of_them(corpus_stack: Stack) -> None:
    """They end well, and by what they do: each call that one of them names and that changes something was made."""
    assert run(corpus_stack, can_run()) == []
    carried_out = {call["action"].lower() for call in corpus_stack.simulator.calls() if call["carried_out"]}
    named: set[str] = set()
    for path in can_run():
        plan = compile_template(path.read_text("utf-8"), real_library()).plan
        assert plan
        named |= {api.lower() for api in apis(plan) if not is_read(api)}
    assert named - carried_out == NEVER_MADE


NEVER_MADE = {"cancelcopyimage", "installcloudassistant"}
"""What templates do only when something is amiss."""


def test_what_is_known_about_templates_is_about_some() -> None:
    assert set(NEEDS) <= {path.name for path in can_run()}
