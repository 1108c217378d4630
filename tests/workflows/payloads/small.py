"""Workflows and activities that pass large values on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

from workflows.answers import inline

IDS = [f"i-{number:020}" for number in range(60_000)]
"""Of 1.5 MB."""
_MINUTE = timedelta(minutes=1)


@activity.defn
async def select_ids(count: int) -> list[str]:
    """Ids, as a selection of machines gives them."""
    return IDS[:count]


@activity.defn
async def number_of(ids: list[str]) -> int:
    """How many ids came."""
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
class Shows:
    """Has more to show in Temporal's UI than an inline payload has."""

    @workflow.run
    async def run(self) -> None:
        """Shows it."""
        workflow.set_current_details("x" * 19_000)


WORKFLOWS = [PassesOn, Waits, Shows]
ACTIVITIES: list[Callable[..., Any]] = [select_ids, number_of]
