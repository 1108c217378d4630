"""``ACS::Sleep`` on a server whose clock skips ahead: a year is one timer."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from tests.oos.templates import task, template
from tests.workflows.skipping import Skipping


async def started(skipping: Skipping, name: str, **properties: Any) -> WorkflowHandle[Any, Any]:
    rest = {"Name": "rest", "Action": "ACS::Sleep", "Properties": properties}
    return await skipping.start_request(name, {"TemplateContent": template([rest, task()])})


async def record_of(handle: WorkflowHandle[Any, Any]) -> dict[str, Any]:
    record: dict[str, Any] = await handle.query("GetExecution")
    return record


async def events_of(handle: WorkflowHandle[Any, Any]) -> list[str]:
    history = json.loads((await handle.fetch_history()).to_json())
    return [event["eventType"] for event in history["events"]]


async def test_a_year_is_one_timer(skipping: Skipping) -> None:
    skipping.simulator.reset()
    handle = await started(skipping, "a-year", Duration="P365D")
    await handle.result()
    record = await record_of(handle)
    slept = datetime.fromisoformat(record["EndDate"]) - datetime.fromisoformat(record["CreateDate"])
    assert timedelta(days=365) <= slept < timedelta(days=366)
    assert len(skipping.simulator.calls("DescribeInstances")) == 1
    events = await events_of(handle)
    assert len(events) < 60, "a year costs no more than a second"
    rest = record["Tasks"][0]
    assert (rest["Status"], rest["StatusMessage"]) == ("Success", "")


async def test_a_cancelled_sleep_ends_at_once(skipping: Skipping) -> None:
    skipping.simulator.reset()
    with skipping.environment.with_time_skipping_disabled():
        handle = await started(skipping, "cancelled-sleep", EndDate="2099-01-01T00:00:00Z")
        for _ in range(600):
            if "EVENT_TYPE_TIMER_STARTED" in await events_of(handle):
                break
            await asyncio.sleep(0.05)
        record = await record_of(handle)
        assert record["Status"] == "Running"
        assert record["Tasks"][0]["StatusMessage"] == "sleeps until 2099-01-01T00:00:00Z"
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    assert (await record_of(handle))["Status"] == "Cancelled"
    assert skipping.simulator.calls() == []
