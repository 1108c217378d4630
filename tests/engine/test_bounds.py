"""Templates that would go on without end: nested in themselves, in circles within circles, in loops within loops."""

import json
from typing import Any

from caboose.engine.frame import MAX_TASK_EXECUTIONS
from caboose.oos.compiling.compile import compile_template
from caboose.oos.library import Library
from caboose.oos.plan import Plan
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.oos.templates import template

NOWHERE = {"Name": "nowhere", "Action": "ACS::Choice", "Properties": {"DefaultTask": "ACS::END", "Choices": []}}


class Named(Recording):
    """Knows templates by name."""

    def __init__(self, **templates: str) -> None:
        super().__init__()
        self._templates = templates

    async def compile(self, name: str, version: str, content: str | None) -> Plan:
        """The template of this name, compiled anew each time."""
        compiled = compile_template(self._templates[name], Library())
        assert compiled.plan, compiled.problems
        return compiled.plan


def uses(name: str, **task: Any) -> dict[str, Any]:
    """A task that uses a template by a name that is known only when it is reached."""
    return {
        "Name": "use",
        "Action": "ACS::Template",
        "Properties": {"TemplateName": {"Fn::Join": ["", [name]]}},
        **task,
    }


async def test_a_template_that_names_itself_is_refused_as_when_it_is_written_out() -> None:
    loop = {"Items": [1, 2], "RateControl": {"MaxErrors": "100%"}}
    effects = Named(one=template([uses("two", Loop=loop)]), two=template([uses("one", Loop=loop)]))
    done = await Execution(template([uses("one")]), effects).start().end()
    assert done.state.status == "Success", "each of its failures is tolerated"
    innermost = [run for run in done.state.runs.values() if "TemplateCycle" in run.message]
    assert len(innermost) == 2 * 2
    assert all(run.message == "TemplateCycle: the template is nested in itself" for run in innermost)


async def test_one_template_twice_side_by_side_is_no_circle() -> None:
    effects = Named(one=template([NOWHERE]))
    tasks = [uses("one"), {**uses("one"), "Name": "again"}]
    done = await Execution(template(tasks), effects).start().end()
    assert done.statuses() == [("use", "Success"), ("again", "Success")]


async def test_circles_within_circles_end() -> None:
    """Each of them alone would be within the limit of one circle."""
    inner: dict[str, Any] = json.loads(template([NOWHERE]))
    back = {"DefaultTask": "inner", "Choices": []}
    for _ in range(2):
        nested = {"Name": "inner", "Action": "ACS::Template", "Properties": {"TemplateContent": inner}}
        handled = {**nested, "OnError": "again", "IsCritical": False}
        inner = json.loads(template([handled, {"Name": "again", "Action": "ACS::Choice", "Properties": back}]))
    done = await Execution(json.dumps(inner), Recording()).start().end()
    assert (done.state.status, done.state.reason) == ("Failed", "TaskRunLimit")
    assert len(done.state.runs) <= MAX_TASK_EXECUTIONS
