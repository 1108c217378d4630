"""Templates for tests: the few keys a test is about, and the rest of a template that is in order."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from caboose.oos.compiling.compile import Compiled, compile_template
from caboose.oos.library import Library
from caboose.oos.problems import Problem, errors
from caboose.oos.start import Checked, StartDefaults, StoredTemplate, check_start
from tests.support.programs import PROGRAMS

READ: dict[str, Any] = {
    "Name": "look",
    "Action": "ACS::ExecuteAPI",
    "Properties": {"Service": "ECS", "API": "DescribeInstances"},
    "Outputs": {"ids": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}},
}
"""A task in order, with one output."""

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
DEFAULTS = StartDefaults("exec-test", NOW, region_id="cn-hangzhou", executed_by="tester")


def task(**fields: Any) -> dict[str, Any]:
    """``READ`` with other fields; a field of None is left out."""
    merged = {**READ, **fields}
    return {key: value for key, value in merged.items() if value is not None}


def template(tasks: Sequence[Any] = (READ,), **sections: Any) -> str:
    """The text of a template."""
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": list(tasks), **sections})


def compiled(text: str, library: Library | None = None) -> Compiled:
    """The template compiled, by default without product actions."""
    return compile_template(text, library or Library())


def places(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """(id, path) of each problem: what tests compare."""
    return [(problem.id, problem.path) for problem in problems]


class NoTemplates:
    """A store in which there is nothing."""

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """Nothing, whatever is asked for."""
        return None

    def names(self) -> list[str]:
        """No names."""
        return []


async def started(text: str, parameters: Any = None, **fields: Any) -> Checked:
    """A start of the template's text, checked."""
    request = {"TemplateContent": text, "Parameters": parameters or {}, **fields}
    return await check_start(request, NoTemplates(), Library(), DEFAULTS, PROGRAMS)


async def refused(text: str, parameters: Any = None, **fields: Any) -> list[tuple[str, str]]:
    """(id, path) of each error of a start; lint has its own tests."""
    return places(errors((await started(text, parameters, **fields)).problems))
