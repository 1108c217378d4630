"""The worker that answers for a failed execution is another one than it ran on, with another library in its folders."""

import json
from pathlib import Path

import pytest

from tests.support.processes import until
from tests.support.stack import running_stack
from tests.workflows.retry.failing import ended_in_temporal, failed, restarted, restarting, retried


def action(api: str) -> str:
    """A product action of one call."""
    call = {"Service": "ECS", "API": api, "Parameters": {"InstanceId": "{{ instanceId }}"}}
    return json.dumps(
        {
            "FormatVersion": "OOS-2019-06-01",
            "Parameters": {"instanceId": {"Type": "String"}},
            "Tasks": [{"Name": "call", "Action": "ACS::ExecuteAPI", "Properties": call}],
        }
    )


def test_what_runs_is_what_the_failed_execution_was_started_with(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path(tmp_path_factory.mktemp("other-worker"))
    library = folder / "library" / "ECS"
    library.mkdir(parents=True)
    (library / "TouchInstance.json").write_text(action("RebootInstance"))
    tasks = json.loads(restarting())["Tasks"]
    tasks[1]["Action"] = "ACS::ECS::TouchInstance"
    tasks[1]["Properties"] = {"instanceId": "{{ ACS::TaskLoopItem }}"}
    del tasks[1]["Outputs"], tasks[1]["Loop"]["Outputs"]
    template = restarting(Tasks=tasks, Outputs={})
    with running_stack(folder, CABOOSE_LIBRARY_PATH=str(library.parent)) as stack:
        ids = ["i-1", "i-2", "i-3"]
        old = failed(stack, ids, refused="i-2", TemplateContent=template)
        until(lambda: ended_in_temporal(stack, old["ExecutionId"]), "its last record is written")
        stack.worker.kill()
        (library / "TouchInstance.json").write_text(action("StopInstance"))
        stack.worker.start()
        assert retried(stack, old["ExecutionId"])["Status"] == "Success"
        assert restarted(stack) == ids
        assert not stack.simulator.calls("StopInstance")
