"""The hub: many watchers and one look, rarer looks when nothing changes, and no work when nobody watches."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from api.hub import Hub, Told
from api.summary import summary, summary_id
from api.temporal import NoAnswer, NotFound
from tests.api.fakes import record_of, until

SOON = 0.01


class Execution:
    """Something to look at; what it says is what a test wrote last."""

    def __init__(self) -> None:
        self.record: Any = record_of("exec-1")
        self.looks: list[str] = []

    async def look(self, execution_id: str) -> dict[str, Any]:
        """The summary, or what there is in its place."""
        self.looks.append(execution_id)
        await asyncio.sleep(0)
        if isinstance(self.record, Exception):
            raise self.record
        return summary(self.record)

    def says(self, **fields: Any) -> None:
        """From now on."""
        self.record = {**self.record, **fields}


@pytest.fixture
async def execution() -> Execution:
    return Execution()


@pytest.fixture
async def hub(execution: Execution) -> AsyncIterator[Hub]:
    hub = Hub(execution.look, SOON, 4 * SOON)
    yield hub
    hub.close()


async def watched(hub: Hub, told: list[Told]) -> None:
    """Watches to the end and keeps what was told."""
    told.append(await hub.first("exec-1"))
    async for each in hub.watch("exec-1", told[0], 60):
        assert each
        told.append(each)


def statuses(told: list[Told]) -> list[str]:
    return [each.summary["Status"] for each in told]


def all_told(several: list[list[Told]], status: str) -> bool:
    """Whether every watcher has heard of a status last."""
    return all(statuses(told)[-1:] == [status] for told in several)


async def test_every_watcher_is_told_of_each_change_up_to_the_end(hub: Hub, execution: Execution) -> None:
    several: list[list[Told]] = [[] for _ in range(20)]
    tasks = [asyncio.create_task(watched(hub, told)) for told in several]
    for status in ("Waiting", "Running", "Success"):
        await until(lambda: all(several) and len({len(told) for told in several}) == 1)
        execution.says(Status=status)
        await until(partial(all_told, several, status))
    await asyncio.gather(*tasks)
    assert {tuple(statuses(told)) for told in several} == {("Running", "Waiting", "Running", "Success")}
    assert hub.watched == 0


async def test_many_watchers_share_one_look(hub: Hub, execution: Execution) -> None:
    several: list[list[Told]] = [[] for _ in range(50)]
    tasks = [asyncio.create_task(watched(hub, told)) for told in several]
    await until(lambda: all(several))
    assert len(execution.looks) == hub.looks < 5, "those who come at the same time share the first look, too"
    execution.says(Status="Failed")
    await asyncio.gather(*tasks)


async def test_when_the_last_watcher_goes_nobody_looks_any_more(hub: Hub, execution: Execution) -> None:
    told: list[Told] = []
    tasks = [asyncio.create_task(watched(hub, told)) for _ in range(2)]
    await until(lambda: len(told) == 2 and hub.watched == 1)
    tasks[0].cancel()
    await asyncio.wait([tasks[0]])
    assert hub.watched == 1
    tasks[1].cancel()
    await asyncio.wait([tasks[1]])
    assert hub.watched == 0
    looks = hub.looks
    await asyncio.sleep(20 * SOON)
    assert hub.looks == looks


async def test_silence_is_told_as_none(hub: Hub) -> None:
    first = await hub.first("exec-1")
    changes = hub.watch("exec-1", first, SOON)
    assert await anext(changes) is None
    await changes.aclose()
    assert hub.watched == 0


async def test_who_comes_later_is_told_what_the_others_know(hub: Hub, execution: Execution) -> None:
    told: list[Told] = []
    task = asyncio.create_task(watched(hub, told))
    execution.says(Status="Waiting")
    await until(lambda: statuses(told)[-1:] == ["Waiting"])
    assert (await hub.first("exec-1")).summary["Status"] == "Waiting"
    execution.says(Status="Cancelled")
    await task


async def test_a_server_that_is_away_for_a_moment_is_waited_for(hub: Hub, execution: Execution) -> None:
    told: list[Told] = []
    task = asyncio.create_task(watched(hub, told))
    await until(lambda: told)
    before, execution.record = execution.record, NoAnswer()
    looks = hub.looks
    await until(lambda: hub.looks > looks + 1)
    execution.record = {**before, "Status": "Success"}
    await task
    assert statuses(told) == ["Running", "Success"]


@pytest.mark.parametrize("fault", [NotFound("exec-1"), KeyError("a bug")])
async def test_what_is_gone_for_good_ends_the_watching(hub: Hub, execution: Execution, fault: Exception) -> None:
    told: list[Told] = []
    task = asyncio.create_task(watched(hub, told))
    await until(lambda: told)
    execution.record = fault
    await task
    assert (statuses(told), hub.watched) == (["Running"], 0)


async def test_a_hub_that_closes_ends_all_watching(hub: Hub) -> None:
    told: list[Told] = []
    tasks = [asyncio.create_task(watched(hub, told)) for _ in range(3)]
    await until(lambda: len(told) == 3)
    hub.close()
    await asyncio.gather(*tasks)
    late = [each async for each in hub.watch("exec-1", told[0], 60)]
    assert late == []


async def test_what_cannot_be_found_is_said_at_once(hub: Hub, execution: Execution) -> None:
    execution.record = NotFound("exec-1")
    with pytest.raises(NotFound):
        await hub.first("exec-1")


def test_a_summary_has_no_large_parts() -> None:
    task = {"TaskExecutionId": "exec-1.t0001", "TaskName": "a", "StatusMessage": "x" * 9_000, "Outputs": {"o": 1}}
    many = [{**task, "TaskExecutionId": f"exec-1.t{number:04d}"} for number in range(300)]
    record = record_of("exec-1", Tasks=many, Outputs={"o": 1}, Waiting=[{"Message": "y" * 9_000}] * 300)
    told = summary(record)
    assert len(told["Tasks"]) == len(told["Waiting"]) == 50
    assert told["Tasks"][-1]["TaskExecutionId"] == "exec-1.t0299"
    assert (told["WaitingCount"], len(told["Waiting"][0]["Message"])) == (300, 1_000)
    assert not {"Outputs", "Parameters"} & {*told, *told["Tasks"][0]}


def test_a_summary_s_id_is_made_of_what_it_says() -> None:
    one = summary(record_of("exec-1"))
    assert summary_id(one) == summary_id(summary(record_of("exec-1", Revision=7, UpdateDate="later")))
    assert summary_id(one) != summary_id(summary(record_of("exec-1", Status="Waiting")))
