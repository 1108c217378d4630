"""The driver by itself: what it stores for whom, how long it tries, and what it says when it can't."""

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import ExternalStorageReference
from temporalio.converter import (
    DefaultPayloadConverter,
    StorageDriverActivityInfo,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
)

from activities import contracts
from caboose.payloads import Json, PayloadUnavailable, SqlStorage
from caboose.store import Store, StoreUnavailable
from tests.support.payloads import counted

OURS = StorageDriverStoreContext(StorageDriverWorkflowInfo(namespace="default", id="exec-1", run_id="run-1"))
RETRIEVE = StorageDriverRetrieveContext()
ONE = Payload(metadata={"encoding": b"json/plain"}, data=b'"one"')
OTHER = Payload(metadata={"encoding": b"json/plain"}, data=b'"other"')


@pytest.mark.parametrize(
    "value",
    [
        contracts.SelectTargetsResult(
            {"b": [1], "a": None}, contracts.Targets([contracts.Target("i", "n", "s")], 1, [])
        ),
        [{"b": (1, 2), "a": datetime(2026, 1, 31, tzinfo=UTC)}, contracts.CallFailure("c", "m", "p")],
        None,
        b"bytes",
        ExternalStorageReference(driver_name="d"),
    ],
)
def test_values_are_written_as_by_the_default_converter(value: object) -> None:
    (written,) = Json().to_payloads([value])
    assert written == DefaultPayloadConverter().to_payloads([value])[0]
    assert Json().from_payloads([written], [type(value)]) == DefaultPayloadConverter().from_payloads(
        [written], [type(value)]
    )


async def test_the_same_payload_is_stored_once(store: Store) -> None:
    driver = SqlStorage(store)
    claims = await driver.store(OURS, [ONE, OTHER, ONE])
    assert claims[0] == claims[2] != claims[1]
    assert await driver.retrieve(RETRIEVE, claims) == [ONE, OTHER, ONE]
    assert counted(store) == (2, 2, 1)


@pytest.mark.parametrize(
    "target", [None, StorageDriverActivityInfo(namespace="default"), StorageDriverWorkflowInfo(namespace="default")]
)
async def test_what_belongs_to_no_workflow_is_refused(
    store: Store, target: StorageDriverActivityInfo | StorageDriverWorkflowInfo | None
) -> None:
    with pytest.raises(ValueError, match="belongs to no workflow"):
        await SqlStorage(store).store(StorageDriverStoreContext(target), [ONE])


async def test_one_that_is_not_there_is_unavailable(store: Store) -> None:
    with pytest.raises(PayloadUnavailable, match="has no payload gone"):
        await SqlStorage(store).retrieve(RETRIEVE, [StorageDriverClaim({"key": "gone"})])


async def test_a_store_that_comes_back_soon_is_waited_for(store: Store, tmp_path: Path) -> None:
    other = Store.open(f"sqlite:///{tmp_path / 'caboose.db'}")
    with other._database.writing():
        storing = asyncio.ensure_future(SqlStorage(store, patience=30).store(OURS, [ONE]))
        await asyncio.wait([storing], timeout=0.5)
        assert not storing.done()
    assert len(await storing) == 1
    other.close()


async def test_a_store_that_stays_away_is_not(store: Store, tmp_path: Path) -> None:
    other = Store.open(f"sqlite:///{tmp_path / 'caboose.db'}")
    with other._database.writing(), pytest.raises(StoreUnavailable, match="locked"):
        await SqlStorage(store, patience=0.3).store(OURS, [ONE])
    other.close()


async def test_a_server_that_does_not_answer_is_not_waited_for_either() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nowhere = Store.open(f"postgresql://caboose:hush@127.0.0.1:{silent.getsockname()[1]}/caboose")
        driver = SqlStorage(nowhere, patience=0.3)
        with pytest.raises(StoreUnavailable, match=r"the store doesn't answer within 2\.3 s"):
            await driver.store(OURS, [ONE])
        with pytest.raises(PayloadUnavailable, match="doesn't answer"):
            await driver.retrieve(RETRIEVE, [StorageDriverClaim({"key": "k"})])
    nowhere.close()
