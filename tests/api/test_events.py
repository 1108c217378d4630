"""Server-sent events of an execution over HTTP."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from temporalio.testing import WorkflowEnvironment

from tests.api import fakes
from tests.api.conftest import Api, free_port, served, settings_of
from tests.api.fakes import at, new_id, record_of, until
from tests.api.test_errors import assert_shape

Event = dict[str, Any]


async def events(response: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream: their id, their kind, and what they say."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            fields[name] = value
        elif not line and "data" in fields:
            yield {**fields, "data": json.loads(fields["data"])}
            fields = {}


async def running(api: Api, **fields: Any) -> tuple[str, fakes.Handle]:
    """A running fake execution."""
    execution_id = new_id()
    return execution_id, await fakes.start(api.temporal, record_of(execution_id, **fields), [])


async def change(handle: fakes.Handle, execution_id: str, **fields: Any) -> None:
    """From now on it says something else."""
    await handle.signal("change", {"record": record_of(execution_id, **fields)})


async def test_the_summary_at_once_and_after_each_change(faked_api: Api) -> None:
    execution_id, handle = await running(faked_api)
    wait = {
        "Kind": "Approve",
        "TaskExecutionId": f"{execution_id}.t0001",
        "TaskName": "ask",
        "Accepts": ["Approve", "Reject"],
        "Attempt": 1,
        "Since": at(1),
    }
    steps: Iterator[Event] = iter([{"Status": "Waiting", "Waiting": [wait]}, {"Status": "Success", "EndDate": at(9)}])
    seen: list[Event] = []
    async with faked_api.client.stream("GET", f"/executions/{execution_id}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for event in events(response):
            seen.append(event)
            if step := next(steps, None):
                await change(handle, execution_id, **step)
    assert [event["data"]["Status"] for event in seen] == ["Running", "Waiting", "Success"]
    assert {event["event"] for event in seen} == {"execution"}
    assert len({event["id"] for event in seen}) == 3
    assert seen[1]["data"]["Waiting"][0]["ApprovalLink"].startswith(f"{faked_api.url}/approvals/")
    assert faked_api.hub.watched == 0


async def test_who_comes_back_is_told_only_what_has_changed(faked_api: Api) -> None:
    execution_id, handle = await running(faked_api)
    path = f"/executions/{execution_id}/events"
    async with faked_api.client.stream("GET", path) as response:
        first = await anext(events(response))
    async with faked_api.client.stream("GET", path, headers={"Last-Event-ID": first["id"]}) as response:
        await change(handle, execution_id, Status="Failed", StatusMessage="broken")
        (last,) = [event async for event in events(response)]
    assert (last["data"]["Status"], last["data"]["StatusMessage"]) == ("Failed", "broken")
    again = await faked_api.client.get(path, headers={"Last-Event-ID": last["id"]})
    assert (again.status_code, again.content) == (204, b"")
    whole = await faked_api.client.get(path)
    assert whole.text.count("event: execution") == 1


async def test_a_client_that_goes_away_ends_the_work(faked_api: Api) -> None:
    execution_id, _ = await running(faked_api)
    for _attempt in range(2):
        async with faked_api.client.stream("GET", f"/executions/{execution_id}/events") as response:
            await anext(events(response))
            assert faked_api.hub.watched == 1
        await until(lambda: not faked_api.hub.watched)


async def test_one_that_has_ended_is_told_in_one_event(lonely_api: Api) -> None:
    lonely_api.store.save_execution(record_of("exec-ended", Status="Cancelled", Revision=1), [])
    response = await lonely_api.client.get("/executions/exec-ended/events")
    lines = response.text.splitlines()
    assert [line.partition(":")[0] for line in lines if line] == ["retry", "id", "event", "data"]
    assert json.loads(lines[-2].removeprefix("data: "))["Status"] == "Cancelled"


async def test_an_unknown_one_and_a_stranger(api: Api, anonymous: httpx.AsyncClient) -> None:
    for name in ("events", "logs"):
        assert_shape(await api.client.get(f"/executions/exec-of-nobody/{name}"), 404, "EntityNotExists.Execution")
        assert_shape(await anonymous.get(f"/executions/exec-of-nobody/{name}"), 401, "Unauthorized")
    assert_shape(await api.client.get("/executions/exec-1/events?Follow=1"), 400, "InvalidParameter")


async def test_a_server_that_stops_ends_its_streams(temporal_server: WorkflowEnvironment, tmp_path: Any) -> None:
    settings = settings_of(tmp_path, free_port()).model_copy(update={"task_queue": "stopping"})
    async with served(settings, temporal_server.client) as api:
        execution_id = new_id()
        await api.temporal.start_workflow("Execution", {}, id=execution_id, task_queue="stopping")
        client = httpx.AsyncClient(headers=dict(api.client.headers), base_url=api.url, timeout=30)
        stream = client.stream("GET", f"/executions/{execution_id}/events")
        response = await stream.__aenter__()
        found = events(response)
        assert (await anext(found))["data"]["Status"] == "Started"
    assert [event async for event in found] == []
    await client.aclose()
