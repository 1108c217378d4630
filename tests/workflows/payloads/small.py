"""Workflows and activities that pass large values on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from workflows.answers import inline
from workflows.failures import translated

IDS = [f"i-{number:020}" for number in range(60_000)]
"""Of 1.5 MB."""
CALLED: list[str] = []
"""The activities that were called."""
_MINUTE = timedelta(minutes=1)


@activity.defn
async def select_ids(count: int) -> list[str]:
    """Ids, as a selection of machines gives them."""
    CALLED.append("select_ids")
    return IDS[:count]


@activity.defn
async def number_of(ids: list[str]) -> int:
    """How many ids came."""
    CALLED.append("number_of")
    return len(ids)


@workflow.defn
class PassesOn:
    """Gives what one activity selected to another, and back."""

    @workflow.run
    async def run(self, count: int) -> dict[str, Any]:
        """The ids, and how many the other activity got."""
        ids = await workflow.execute_activity(select_ids, count, start_to_close_timeout=_MINUTE)
        number = await workflow.execute_activity(number_of, ids, start_to_close_timeout=_MINUTE)
        return {"ids": ids, "number": number}


@workflow.defn
class Waits:
    """Keeps its input until it is told to give it back."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._told = False

    @workflow.run
    async def run(self, ids: list[str]) -> int:
        """How many ids came."""
        self._ids = ids
        await workflow.wait_condition(lambda: self._told)
        return len(ids)

    @workflow.signal
    def go_on(self) -> None:
        """Says that it may end."""
        self._told = True

    @workflow.query
    def plain(self) -> list[str]:
        """The input, as any value goes."""
        return self._ids

    @workflow.query
    def marked(self) -> Any:
        """The input, as our queries give theirs."""
        return inline(self._ids)


@workflow.defn
class CallsOnce:
    """Calls an activity that has one attempt, as a call that changes something has."""

    @workflow.run
    async def run(self, name: str, argument: Any) -> str:
        """What is proven of it when it fails."""
        try:
            await workflow.execute_activity(
                name, argument, start_to_close_timeout=_MINUTE, retry_policy=RetryPolicy(maximum_attempts=1)
            )
        except ActivityError as error:
            failure = translated(error, changes=True)
            return f"{type(failure).__name__} {failure}"
        return "answered"


@workflow.defn
class Shows:
    """Has more to show in Temporal's UI than an inline payload has."""

    @workflow.run
    async def run(self) -> None:
        """Shows it."""
        workflow.set_current_details("x" * 19_000)


WORKFLOWS = [PassesOn, Waits, CallsOnce, Shows]
ACTIVITIES: list[Callable[..., Any]] = [select_ids, number_of]
