"""Large payloads outside of Temporal's histories: the SDK's external storage, over the store.

Above the threshold a payload goes into the store, and into the history only its key: a list of 100,000 ids is beyond
what the server takes in one payload (2 MB). Worker, API and replay tests connect with ``data_converter``; Temporal's
own CLI and UI show the reference in place of the payload.

The threshold is 16 KB: all commands of a workflow task travel in one message of at most 4 MB, and a workflow that sends
a larger one is terminated without a word. Measured with 100 activities at a time: inputs of 50 KB each end it, with
this threshold none does. (The design's 32 KB is the bound at which a hundred of them just fit, with nothing beside.)

What fails here fails whatever needs the payload, so the driver tries for a few seconds by itself. A workflow task is
tried again by the server for as long as it takes. An activity whose result can't be stored counts as failed although
it was carried out, which a call that changes something must not be tried again after: it has one attempt. An activity
whose input can't be read was never begun; ``PayloadUnavailable`` says so.

``ExternalStorage`` is marked experimental: temporalio is pinned, and nothing else knows of it.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    ExternalStorage,
    JSONPlainPayloadConverter,
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverSelectContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
)
from temporalio.service import RPCError, RPCStatusCode

from caboose.inline import INLINE, THRESHOLD
from caboose.store import FINAL_STATUSES, Store, StoreError, StoreNotAtHead, StoreUnavailable

DRIVER = "caboose-sql"
"""Written into histories: it never changes."""
PATIENCE = 5.0
"""Seconds for which the store is tried: less than a heartbeat time-out, which runs while a result is stored."""
GRACE = timedelta(days=1)
"""How long a workflow must have stored nothing before the server is asked whether it still knows it."""
UNFINISHED = timedelta(days=90)
"""How long the payloads of one stay that hasn't ended by its own record and isn't known: a worker may be connected to
another server than the one that wrote into the store. Afterwards it was terminated, and nobody told the record."""

_PAUSE = 0.2
_SPARE = 2.0
"""Seconds for a connection that hangs instead of failing, and for work that is done in the last moment."""
_THREADS = 8
_METADATA = WorkflowMetadata.DESCRIPTOR.full_name.encode()
_SWEEP_SECONDS = 3600.0
_RPC = timedelta(seconds=10)
_log = logging.getLogger("caboose.payloads")

Result = TypeVar("Result")


class PayloadUnavailable(Exception):
    """A payload that can't be read from the store, now or, when it isn't there, at all."""


def data_converter(store: Store, patience: float = PATIENCE) -> DataConverter:
    """The data converter of every Temporal client of ours; ``patience`` is for how many seconds the store is tried."""
    driver = SqlStorage(store, patience)

    def choose(_: StorageDriverSelectContext, payload: Payload) -> StorageDriver | None:
        return None if _stays_inline(payload) else driver  # asked for payloads above the threshold only

    storage = ExternalStorage(drivers=[driver], driver_selector=choose, payload_size_threshold=THRESHOLD)
    return DataConverter(payload_converter_class=Json, external_storage=storage)


def _stays_inline(payload: Payload) -> bool:
    """What is in no history: ours is marked, and the SDK's own answer is what the UI shows as current details. The mark
    is taken off: of a payload with metadata that it doesn't know Temporal's CLI shows the bytes."""
    if INLINE in payload.metadata:
        del payload.metadata[INLINE]
        return True
    return payload.metadata.get("messageType") == _METADATA


class _Encoder(AdvancedJSONEncoder):
    def default(self, o: Any) -> Any:
        if is_dataclass(o) and not isinstance(o, type):
            return {field.name: getattr(o, field.name) for field in fields(o)}
        return super().default(o)


class Json(CompositePayloadConverter):
    """The default converter but for dataclasses, which are written as they are. The default one copies them first, in
    depth and element by element, which takes a second for 100,000 ids in workflow code."""

    def __init__(self) -> None:
        json = JSONPlainPayloadConverter(encoder=_Encoder)
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(json if each.encoding == json.encoding else each for each in usual))


class SqlStorage(StorageDriver):
    """Keeps payloads in the store, for the workflow that they are stored for. The store blocks, hence threads."""

    def __init__(self, store: Store, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="payloads")

    def name(self) -> str:
        """What references in histories name."""
        return DRIVER

    async def store(self, context: StorageDriverStoreContext, payloads: Sequence[Payload]) -> list[StorageDriverClaim]:
        """Keep payloads; the same one is kept once.

        Raises:
            StoreError: the store can't be used.
            ValueError: they belong to no workflow, so nobody would know when to remove them.
        """
        target = context.target
        if not isinstance(target, StorageDriverWorkflowInfo) or not target.id:
            raise ValueError("a large payload that belongs to no workflow can't be kept")
        return await self._in_thread(partial(self._put, target.namespace, target.id, payloads))

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        """Give payloads back.

        Raises:
            PayloadUnavailable: the store can't be used, or one of them isn't there.
        """
        try:
            return await self._in_thread(partial(self._get, [claim.claim_data["key"] for claim in claims]))
        except StoreError as error:
            raise PayloadUnavailable(str(error)) from None

    def _put(
        self, namespace: str, workflow_id: str, payloads: Sequence[Payload], seconds: float
    ) -> list[StorageDriverClaim]:
        written = [payload.SerializeToString(deterministic=True) for payload in payloads]
        keys = [sha256(each).hexdigest() for each in written]
        self._store.put_payloads(namespace, workflow_id, dict(zip(keys, written, strict=True)), seconds)
        return [StorageDriverClaim({"key": key}) for key in keys]

    def _get(self, keys: list[str], _seconds: float) -> list[Payload]:
        return [Payload.FromString(each) for each in self._store.get_payloads(keys)]

    async def _in_thread(self, work: Callable[[float], Result]) -> Result:
        """Does the work, which is told for how many seconds it may wait, and again while the store can't be used."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience + _SPARE):
                return await loop.run_in_executor(self._threads, self._patiently, work)
        except TimeoutError:
            raise StoreUnavailable(f"the store doesn't answer within {self._patience + _SPARE:g} s") from None

    def _patiently(self, work: Callable[[float], Result]) -> Result:
        end = time.monotonic() + self._patience
        while True:
            left = end - time.monotonic()
            try:
                return work(max(left, _PAUSE))
            except (StoreUnavailable, StoreNotAtHead):
                if left <= _PAUSE:
                    raise
            time.sleep(_PAUSE)


async def sweep(client: Client, store: Store, grace: timedelta = GRACE) -> int:
    """Remove the payloads of workflows that the client's server no longer knows; the number of those removed.

    A workflow is asked about when it has stored nothing for ``grace``, and again only after as long: one that is just
    being started has stored its input before the server knows it. By its id alone, because the runs of an id come one
    after another: the server forgets the last one last.

    Raises:
        RPCError: the server can't be asked, or doesn't know the namespace.
        StoreError: the store can't be used.
    """
    # a namespace that isn't there would look as if no workflow was
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace), timeout=_RPC)
    since = datetime.now(UTC) - grace
    removed = 0
    while silent := await asyncio.to_thread(store.silent_payload_users, client.namespace, since):
        for workflow_id in silent:
            if await _known(client, workflow_id) or await asyncio.to_thread(_unfinished, store, workflow_id):
                await asyncio.to_thread(store.keep_payloads, client.namespace, workflow_id)
            else:
                removed += await asyncio.to_thread(store.remove_payloads, client.namespace, workflow_id, since)
    return removed


def _unfinished(store: Store, workflow_id: str) -> bool:
    """Whether the execution hasn't ended by its own record, and that isn't very old."""
    record = store.get_execution(workflow_id.partition(".")[0])
    if record is None or record.get("Status") in FINAL_STATUSES:
        return False
    oldest = (datetime.now(UTC) - UNFINISHED).strftime("%Y-%m-%dT%H:%M:%SZ")
    if str(record.get("UpdateDate") or record.get("CreateDate")) < oldest:
        return False
    _log.warning("Temporal doesn't know %s, which hasn't ended by its record: its payloads stay", workflow_id)
    return True


async def _known(client: Client, workflow_id: str) -> bool:
    try:
        await client.get_workflow_handle(workflow_id).describe(rpc_timeout=_RPC)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def sweep_hourly(client: Client, store: Store) -> NoReturn:
    """Sweep for as long as the process works, at random moments, so that several workers don't at the same ones."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 # no secret
        try:
            removed = await sweep(client, store)
        except Exception as error:  # whatever it is, the worker works on, and the next sweep comes
            _log.warning("payloads that nobody needs any more were not looked for: %r", error)
        else:
            if removed:
                _log.info("%d payloads that nobody needs any more were removed", removed)
