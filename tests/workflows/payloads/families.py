"""Workflows that give large values to other workflows, and one that may not do what it does."""

import time
from datetime import timedelta

from temporalio import activity, workflow

_MINUTE = timedelta(minutes=1)


@activity.defn
async def echo(text: str) -> int:
    """How long the text is that came."""
    return len(text)


@workflow.defn
class Child:
    """Takes two texts, and gives a third."""

    def __init__(self) -> None:
        self._told = ""

    @workflow.run
    async def run(self, given: str) -> str:
        """A text as long as both together."""
        await workflow.wait_condition(lambda: bool(self._told))
        return "result" * len(given + self._told)

    @workflow.signal
    def tell(self, text: str) -> None:
        """The second text."""
        self._told = text


@workflow.defn
class Parent:
    """Gives an activity and a child a text each, tells the child another one, and gives itself a last one."""

    @workflow.run
    async def run(self, given: str, length: int) -> int:
        """How long everything was that came."""
        if not given:
            workflow.continue_as_new(args=["again" * await _told(length), length])
        return len(given)


async def _told(length: int) -> int:
    heard = await workflow.execute_activity(echo, "activity" * length, start_to_close_timeout=_MINUTE)
    child = await workflow.start_child_workflow(Child.run, "child" * length, id=f"{workflow.info().workflow_id}.child")
    await child.signal(Child.tell, "signal" * length)
    return heard + len(await child)


@workflow.defn
class ReadsTheClock:
    """Does what no workflow may."""

    @workflow.run
    async def run(self) -> float:
        """The time, another one in each replay."""
        return time.time()
