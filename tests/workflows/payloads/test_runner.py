"""Our sandbox keeps each large payload for the same workflow as the SDK's own, and still is a sandbox."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from caboose.store import Store
from caboose.store.schema import payload_uses
from tests.workflows.payloads.families import Child, Parent, ReadsTheClock, echo
from workflows.runner import runner

LENGTH = 4_000


@pytest.mark.parametrize("sandbox", [runner(), SandboxedWorkflowRunner()], ids=["ours", "the SDK's"])
async def test_for_whom_large_payloads_are_kept(
    client: Client, task_queue: str, store: Store, sandbox: SandboxedWorkflowRunner
) -> None:
    name = str(uuid4())
    async with Worker(
        client, task_queue=task_queue, workflows=[Parent, Child], activities=[echo], workflow_runner=sandbox
    ):
        await client.execute_workflow(Parent.run, args=["", LENGTH], id=name, task_queue=task_queue)
    kept = {beginning(store, key): owner.removeprefix(name) for owner, key in uses(store)}
    assert kept == {
        "activity": "",
        "child": ".child",
        "signal": ".child",
        "result": "",  # the child's, for the workflow that waits for it
        "again": "",
    }


def uses(store: Store) -> list[tuple[str, str]]:
    """Each workflow with the key of a payload that is kept for it."""
    with store._database.reading() as connection:
        found = connection.execute(select(payload_uses.c.workflow_id, payload_uses.c.key)).all()
    return [(owner, key) for owner, key in found]


def beginning(store: Store, key: str) -> str:
    """The word that a stored text repeats."""
    text = store.get_payloads([key])[0].decode(errors="replace")
    return next(word for word in ("activity", "child", "signal", "result", "again") if word * 2 in text)


async def test_forbidden_things_fail(client: Client, task_queue: str) -> None:
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[ReadsTheClock],
        workflow_runner=runner(),
        workflow_failure_exception_types=[Exception],
    ):
        with pytest.raises(WorkflowFailureError) as failed:
            await client.execute_workflow(ReadsTheClock.run, id=str(uuid4()), task_queue=task_queue)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "RestrictedWorkflowAccessError"
