"""Real templates: each loads, compiles and could be started, except where the template itself is at fault.

The folder holds templates that others wrote; it stands beside the checkout or not at all, and no template is copied
here. Those that use product actions find them in the same folder, which is a library for that.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.converter import DataConverter

from caboose.oos.checks import RULES
from caboose.oos.compiling.compile import Compiled, compile_template
from caboose.oos.loading import load
from caboose.oos.plan import Parameter, Plan
from caboose.oos.problems import errors
from caboose.oos.start import StartDefaults, check_start
from caboose.sandbox import Sandbox
from tests.corpus.sensible import value_for
from tests.corpus.templates import CORPUS, files, library
from tests.oos.templates import NoTemplates

KNOWN_FAULTS: dict[str, tuple[str, ...]] = {
    # "{{ downloadLinuxFile.commandOutputs }}": no task has this name (reference section 3, outputs of earlier tasks)
    "compute-nest-best-practice__opensource__stablediffusion__oos__ECS-BulkyShowDockerLogs.yml": ("UnknownReference",),
}
"""Templates that are at fault themselves: the ids of their errors, and what the reference says against them."""

NOT_HERE = ("NotSupportedYet", "UnknownTemplate")
"""What may keep a template in order from running here: a later version's work, and templates of somebody's store."""

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEFAULTS = StartDefaults(
    "exec-corpus", NOW, "cn-hangzhou", "Skip", "tester", "1234567890123456", "1.0.0", trust_names=True
)

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder of real templates isn't beside the checkout")


def id_of(path: Path) -> str:
    return str(path.relative_to(CORPUS))


EACH = pytest.mark.parametrize("path", files(), ids=id_of)
SOUND = pytest.mark.parametrize("path", [path for path in files() if path.name not in KNOWN_FAULTS], ids=id_of)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def compiled(text: str) -> Compiled:
    return compile_template(text, library())


@EACH
def test_it_loads_and_compiles(path: Path) -> None:
    found = compiled(text_of(path))
    assert tuple(problem.id for problem in errors(found.problems)) == KNOWN_FAULTS.get(path.name, ())
    assert (found.plan is None) == (path.name in KNOWN_FAULTS)
    assert {problem.id for problem in found.problems} <= set(RULES)
    assert all(problem.path and problem.message for problem in found.problems)


@SOUND
async def test_its_plan_is_plain_data(path: Path) -> None:
    plan = compiled(text_of(path)).plan
    payloads = await DataConverter.default.encode([plan])
    assert await DataConverter.default.decode(payloads, [Plan]) == [plan]


@SOUND
def test_its_json_twin_becomes_the_same(path: Path) -> None:
    text = text_of(path)
    document, _ = load(text)
    assert document
    twin, found = compiled(json.dumps(document.value, ensure_ascii=False)), compiled(text)
    assert twin.plan == found.plan
    assert [replace(each, line=0, column=0) for each in twin.problems] == [
        replace(each, line=0, column=0) for each in found.problems
    ]


@SOUND
async def test_it_could_be_started(path: Path, sandbox: Sandbox) -> None:
    """With a sensible value for each parameter, and with the defaults for those that have one."""
    text = text_of(path)
    plan = compiled(text).plan
    assert plan
    declared = plan.body.parameters
    for parameters in (sensible(declared), sensible({k: each for k, each in declared.items() if not each.has_default})):
        request = {"TemplateContent": text, "Parameters": parameters}
        checked = await check_start(request, NoTemplates(), library(), DEFAULTS, sandbox)
        assert [str(problem) for problem in errors(checked.problems) if problem.id not in NOT_HERE] == []


def sensible(declared: dict[str, Parameter]) -> dict[str, Any]:
    return {name: value_for(parameter) for name, parameter in declared.items()}


def test_the_folder_is_a_library() -> None:
    """Each product action of the folder can be used by its name, in whatever letter case."""
    actions = [path.stem.replace("--", "::") for path in files() if path.stem.startswith("ACS--")]
    assert actions
    for action in actions:
        found = library().find(action.lower())
        assert found
        assert found.name == action
