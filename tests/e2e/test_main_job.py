"""The main job: select, ask, restart, answer with the outputs."""

from tests.support.stack import Stack


def test_approval_restarts_every_instance(stack: Stack) -> None:
    stack.simulator.put_instances(3)
    ids = [each["InstanceId"] for each in stack.simulator.instances()]
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    assert not stack.reboots()
    answer = stack.notify(execution_id, "Approve", NotifyNote="go")
    assert answer.status_code == 200, answer.text
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record
    assert record["Outputs"] == {"instanceIds": ids}
    assert sorted(call["instance_id"] for call in stack.reboots()) == sorted(ids)
