"""Where a failed execution can be taken up again, and that another execution goes on from there with its results."""

import json
from dataclasses import asdict
from typing import Any

from temporalio.converter import value_to_type

from caboose.engine.apart import LoopInput, LoopOutcome
from caboose.engine.errors import TaskFailed
from caboose.engine.flow import run_execution
from caboose.engine.progress import Checkpoint, Progress
from caboose.engine.run import Run, context_of
from caboose.engine.state import ExecutionState, TaskRun
from caboose.oos.library import Library
from caboose.oos.start import bound_parameters, check_start
from tests.engine.recording import Recording
from tests.engine.running import DEFAULTS, Execution, run
from tests.oos.templates import READ, NoTemplates, task, template
from tests.support.programs import PROGRAMS

INSTANCES = {"Instances": {"Instance": [{"InstanceId": f"i-{number}"} for number in range(1, 6)]}}
NO = TaskFailed("IncorrectInstanceStatus", "not now")


def _delete(**fields: Any) -> dict[str, Any]:
    properties = {"Service": "ECS", "API": "DeleteInstance", "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}"}}
    loop = {"Items": "{{ look.ids }}", "RateControl": {"Mode": "Concurrency", "Concurrency": 1, "MaxErrors": 0}}
    return task(Name="remove", Properties=properties, Outputs=None, Loop=loop, **fields)


def _tag(name: str, **fields: Any) -> dict[str, Any]:
    return task(Name=name, Properties={"Service": "ECS", "API": "AddTags"}, Outputs=None, **fields)


def _asked(effects: Recording) -> list[str]:
    return [call.parameters.get("InstanceId", call.api) for call in effects.calls]


async def _retried(text: str, failed: Execution, script: dict[str, Any], *, only_failed: bool = False) -> Execution:
    """Another execution of the template, from the checkpoint of the first as it arrives after a journey as JSON."""
    checkpoint = failed.state.checkpoint
    assert checkpoint
    travelled = value_to_type(Checkpoint, json.loads(json.dumps(asdict(checkpoint))))
    request = {"TemplateContent": text, "Parameters": {}}
    checked = await check_start(request, NoTemplates(), Library(), DEFAULTS, PROGRAMS)
    assert checked.plan
    assert checked.start
    again = Execution(text, Recording(script))
    again.state = ExecutionState("exec-again", created="")
    engine = Run(checked.plan, again.state, again.effects, context_of(checked.start))
    parameters = bound_parameters(request, checked.plan, checked.start)
    await run_execution(engine, parameters, travelled.to_retry(failed_items_only=only_failed))
    return again


def _fails_for(*names: str) -> Any:
    def answer(call: Any) -> Any:
        return NO if call.parameters["InstanceId"] in names else {}

    return answer


async def test_what_went_well_is_not_done_again() -> None:
    text = template([READ, _delete(), _tag("after")], Outputs={"ids": {"Value": "{{ look.ids }}"}})
    failed = await run(text, {"DescribeInstances": INSTANCES, "DeleteInstance": _fails_for("i-3")})
    assert failed.state.status == "Failed"
    again = await _retried(text, failed, {})
    assert _asked(again.effects) == ["i-3", "i-4", "i-5", "AddTags"]
    assert (again.state.status, again.state.outputs) == ("Success", {"ids": ["i-1", "i-2", "i-3", "i-4", "i-5"]})
    loop = again.run_of("remove").loop
    assert loop
    assert (loop.total, loop.success, loop.failed, loop.skipped) == (5, 5, 0, 0)


async def test_items_that_never_started_can_be_left_out() -> None:
    text = template([READ, _delete(), _tag("after")])
    failed = await run(text, {"DescribeInstances": INSTANCES, "DeleteInstance": _fails_for("i-3")})
    again = await _retried(text, failed, {}, only_failed=True)
    assert _asked(again.effects) == ["i-3", "AddTags"]
    loop = again.run_of("remove").loop
    assert loop
    assert (loop.success, loop.skipped) == (3, 2)


async def test_a_retry_that_fails_can_be_retried() -> None:
    text = template([READ, _delete()])
    first = await run(text, {"DescribeInstances": INSTANCES, "DeleteInstance": _fails_for("i-2")})
    second = await _retried(text, first, {"DeleteInstance": _fails_for("i-4")})
    assert _asked(second.effects) == ["i-2", "i-3", "i-4"]
    third = await _retried(text, second, {})
    assert _asked(third.effects) == ["i-4", "i-5"]
    assert third.state.status == "Success"


async def test_items_that_a_retry_did_not_come_to_are_not_forgotten() -> None:
    loop = {"Items": "{{ look.ids }}", "RateControl": {"Mode": "Concurrency", "Concurrency": 5, "MaxErrors": 0}}
    text = template([READ, {**_delete(), "Loop": loop}])
    first = await run(text, {"DescribeInstances": INSTANCES, "DeleteInstance": NO})
    assert len(first.effects.calls) == 1 + 5, "all five at once"
    assert first.state.checkpoint
    assert first.state.checkpoint.begun
    first.state.checkpoint.begun.control["Concurrency"] = 1
    second = await _retried(text, first, {"DeleteInstance": NO})
    assert _asked(second.effects) == ["i-1"]
    third = await _retried(text, second, {}, only_failed=True)
    assert _asked(third.effects) == ["i-1", "i-2", "i-3", "i-4", "i-5"]
    assert third.state.status == "Success"


async def test_it_goes_on_from_the_first_failure_and_not_from_its_handlers() -> None:
    broken = _tag("broken", OnError="clean")
    clean = task(Name="clean", Properties={"Service": "ECS", "API": "RemoveTags"}, Outputs=None)
    text = template([broken, _tag("never"), clean])
    failed = await run(text, {"AddTags": NO, "RemoveTags": NO})
    assert failed.state.checkpoint
    assert failed.state.checkpoint.task == "broken"
    again = await _retried(text, failed, {})
    assert [call.api for call in again.effects.calls] == ["AddTags", "AddTags", "RemoveTags"]
    assert again.state.status == "Success"


async def test_a_task_that_went_well_in_the_end_is_no_place_to_go_on_from() -> None:
    mend = task(Name="mend", Properties={"Service": "ECS", "API": "RemoveTags"}, Outputs=None, OnSuccess="broken")
    text = template([_tag("broken", OnError="mend", OnSuccess="ACS::END"), mend])
    failed = await run(text, {"AddTags": [NO, {}]})
    assert [call.api for call in failed.effects.calls] == ["AddTags", "RemoveTags", "AddTags"]
    assert failed.state.status == "Failed"
    assert failed.state.checkpoint is None


async def test_a_failure_that_is_not_critical_leaves_no_checkpoint() -> None:
    done = await run(template([_tag("broken", IsCritical=False)]), {"AddTags": NO})
    assert done.state.checkpoint is None


async def test_a_task_without_a_loop_runs_again() -> None:
    text = template([READ, _tag("broken")])
    failed = await run(text, {"DescribeInstances": INSTANCES, "AddTags": NO})
    for only_failed in (False, True):
        again = await _retried(text, failed, {}, only_failed=only_failed)
        assert [call.api for call in again.effects.calls] == ["AddTags"]
        assert again.run_of("broken").status == "Success"


class _LosesLoops(Recording):
    """Every loop goes to a workflow of its own, which somebody ends from outside."""

    def runs_apart(self, calls: int) -> bool:
        return True

    async def run_apart(self, loop: tuple[LoopInput, Progress], run: TaskRun) -> LoopOutcome:
        raise TaskFailed("LoopLost", "the loop's workflow was ended from outside")


async def test_of_a_lost_loop_nobody_knows_how_far_it_came() -> None:
    lost = await Execution(template([READ, _delete()]), _LosesLoops({"DescribeInstances": INSTANCES})).start().end()
    assert lost.state.reason == "LoopLost"
    assert lost.run_of("remove").unknown
