"""What Caboose is held against: a workflow written by hand for one job, making the same calls.

Select the machines, post the message, wait for the approval, restart each and wait until it runs, so many at a time,
and go on as new when the server suggests it. It uses the same activities with the same options; what differs is the
interpreter. As ``python -m benchmarks.handwritten`` it is a worker process like ``worker.py`` with this workflow alone.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities import contracts
from caboose.oos.expectations import Rule
from caboose.oos.plan import OutputSpec, Retry

TASK_QUEUE = "handwritten"
APPROVED = "approved"
_ONE_ATTEMPT = RetryPolicy(maximum_attempts=1)


@dataclass(frozen=True)
class Job:
    """The machines of a region, how many are restarted at once, and where the message goes; after the first run also
    which machines they are and how many are done."""

    region_id: str
    concurrency: int
    webhook: str
    ids: list[str] = field(default_factory=list)
    done: int = 0


@workflow.defn(name="RestartWithApproval")
class RestartWithApproval:
    """The same job as the example's template."""

    def __init__(self) -> None:
        self._approved = False

    @workflow.run
    async def run(self, job: Job) -> int:
        """Gives the number of machines that were restarted."""
        context = contracts.CloudContext(workflow.info().workflow_id, job.region_id)
        ids = job.ids or await self._select(context, job)
        left = iter(range(job.done, len(ids)))
        done = [job.done]

        async def runner() -> None:
            for index in left:
                await _restart(context, ids[index])
                done[0] += 1
                if workflow.info().is_continue_as_new_suggested():
                    return

        await asyncio.gather(*(runner() for _ in range(job.concurrency)))
        if done[0] < len(ids):
            workflow.continue_as_new(Job(job.region_id, job.concurrency, job.webhook, ids, done[0]))
        return len(ids)

    async def _select(self, context: contracts.CloudContext, job: Job) -> list[str]:
        selected = await workflow.execute_activity(
            contracts.SELECT_TARGETS,
            contracts.SelectTargetsInput(
                context,
                "ALIYUN::ECS::Instance",
                [{"Type": "All"}],
                {"ids": OutputSpec("List", "Instances.Instance[].InstanceId")},
            ),
            result_type=contracts.SelectTargetsResult,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(seconds=30),
        )
        message = {"msgtype": "text", "text": {"content": f"Restart {len(selected.outputs['ids'])} machines?"}}
        info = workflow.info()
        await workflow.execute_activity(
            contracts.NOTIFY,
            contracts.NotifyInput(info.workflow_id, info.run_id, "approve", "t", 1, 1, job.webhook, message),
            start_to_close_timeout=timedelta(minutes=1),
        )
        await workflow.wait_condition(lambda: self._approved)
        ids: list[str] = selected.outputs["ids"]
        return ids

    @workflow.signal(name=APPROVED)
    def approved(self) -> None:
        """Somebody has approved."""
        self._approved = True


async def _restart(context: contracts.CloudContext, instance_id: str) -> None:
    parameters: dict[str, Any] = {"RegionId": context.region_id, "InstanceId": instance_id, "ForceStop": False}
    await workflow.execute_activity(
        contracts.CALL_API,
        contracts.CallApiInput(context, "ECS", "RebootInstance", parameters),
        start_to_close_timeout=timedelta(minutes=2),
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=_ONE_ATTEMPT,
    )
    await workflow.execute_activity(
        contracts.WAIT_FOR,
        contracts.WaitForInput(
            context,
            "ECS",
            "DescribeInstances",
            {"RegionId": context.region_id, "InstanceIds": [instance_id]},
            Rule("Instances.Instance[].Status", desired=["Running"]),
            Retry(retries=60, max_interval=15),
        ),
        start_to_close_timeout=timedelta(minutes=2),
    )


if __name__ == "__main__":
    import worker

    worker.leave(asyncio.run(worker.main([RestartWithApproval])))
