"""Payloads: kept once whoever uses them, and no longer than somebody does."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from caboose.store import PayloadMissing, Store, StoreUnavailable
from caboose.store.payloads import FRESH
from caboose.store.schema import payload_users
from tests.support.payloads import DAY, counted, grow_old

NAMESPACE = "default"


def ago(span: timedelta) -> datetime:
    return datetime.now(UTC) - span


def test_what_was_put_comes_back_in_the_order_that_is_asked_for(store: Store) -> None:
    large = os.urandom(3_000_000)
    store.put_payloads(NAMESPACE, "exec-1", {"k1": large, "k2": b""})
    assert store.get_payloads(["k2", "k1", "k2"]) == [b"", large, b""]
    assert store.get_payloads([]) == []


def test_one_that_is_not_there_is_named_with_the_place_where_it_is_not(store: Store) -> None:
    store.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"})
    with pytest.raises(
        PayloadMissing, match=r"(SQLite file|PostgreSQL database) .* has no payload k2: it was stored in"
    ):
        store.get_payloads(["k1", "k2"])


def test_a_payload_is_there_once_for_all_who_use_it(store: Store) -> None:
    for workflow_id in ("exec-1", "exec-2", "exec-1"):
        store.put_payloads(NAMESPACE, workflow_id, {"k1": b"1", "k2": b"2"})
    store.put_payloads("other", "exec-1", {"k1": b"1"})
    assert counted(store) == (2, 5, 3)


def test_many_at_once_store_the_same(store: Store) -> None:
    data = {f"k{number}": os.urandom(20_000) for number in range(20)}
    backwards = dict(reversed(data.items()))

    def put(number: int) -> None:
        store.put_payloads(NAMESPACE, f"exec-{number % 3}", data if number % 2 else backwards)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(24)))
    assert counted(store) == (20, 60, 3)


def test_who_has_been_silent_is_asked_for_longest_first(store: Store) -> None:
    for number in (3, 1, 2):
        store.put_payloads(NAMESPACE, f"exec-{number}", {"k1": b"1"})
        grow_old(store, (9 - number) * DAY, workflow_id=f"exec-{number}")
    store.put_payloads("other", "exec-4", {"k1": b"1"})
    grow_old(store, 9 * DAY, namespace="other")
    store.put_payloads(NAMESPACE, "exec-5", {"k1": b"1"})
    store.keep_payloads(NAMESPACE, "exec-1")
    assert store.silent_payload_users(NAMESPACE, ago(DAY)) == ["exec-2", "exec-3"]
    assert store.silent_payload_users(NAMESPACE, ago(DAY), limit=1) == ["exec-2"]
    assert store.silent_payload_users(NAMESPACE, ago(99 * DAY)) == []


def test_only_what_nobody_else_uses_is_removed(store: Store) -> None:
    mine = {f"k{number}": b"x" for number in range(120)}
    store.put_payloads(NAMESPACE, "exec-1", {**mine, "shared": b"s"})
    store.put_payloads("other", "exec-1", {"shared": b"s"})
    grow_old(store)
    assert store.remove_payloads(NAMESPACE, "exec-1", ago(DAY)) == 120
    assert store.get_payloads(["shared"]) == [b"s"]
    assert counted(store) == (1, 1, 1)
    assert store.remove_payloads("other", "exec-1", ago(DAY)) == 1
    assert counted(store) == (0, 0, 0)
    assert store.remove_payloads(NAMESPACE, "exec-1", ago(DAY)) == 0


def test_who_stores_again_loses_nothing(store: Store) -> None:
    """An id that is used again once its first workflow is forgotten stores before the server knows it."""
    store.put_payloads(NAMESPACE, "exec-1", {"k1": b"1", "k2": b"2"})
    grow_old(store)
    store.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"})
    assert store.remove_payloads(NAMESPACE, "exec-1", ago(DAY)) == 0
    assert store.get_payloads(["k1", "k2"]) == [b"1", b"2"]


def test_a_use_that_is_fresh_is_not_written_again(store: Store, url: str) -> None:
    store.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"})
    with store._database.writing() as held:
        held.execute(update(payload_users).values(used=payload_users.c.used))
        other = Store.open(url)
        other.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"})
        other.close()
    grow_old(store, 2 * FRESH)
    store.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"})
    assert store.silent_payload_users(NAMESPACE, ago(FRESH)) == []


def test_storing_and_removing_at_once_leave_no_use_without_its_payload(store: Store) -> None:
    stop = threading.Event()
    keys = {f"k{number}": b"x" * 1_000 for number in range(5)}

    def removals() -> Iterator[int]:
        while not stop.is_set():
            yield store.remove_payloads(NAMESPACE, "exec-old", datetime.now(UTC) + DAY)

    with ThreadPoolExecutor(3) as pool:
        removing = pool.submit(lambda: sum(removals()))
        for number in range(60):
            store.put_payloads(NAMESPACE, "exec-old", keys)
            store.put_payloads(NAMESPACE, f"exec-{number % 2}", keys)
            assert store.get_payloads(list(keys)) == list(keys.values())
            if number % 2:
                store.remove_payloads(NAMESPACE, "exec-0", datetime.now(UTC) + DAY)
                store.remove_payloads(NAMESPACE, "exec-1", datetime.now(UTC) + DAY)
        stop.set()
        assert removing.result(30) >= 0


def test_a_write_waits_no_longer_than_it_is_told(store: Store, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL's writers don't wait for each other")
    impatient = Store.open(url)
    with store._database.writing(), pytest.raises(StoreUnavailable, match="locked"):
        impatient.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"}, busy_seconds=0.05)
    impatient.put_payloads(NAMESPACE, "exec-1", {"k1": b"1"}, busy_seconds=0.05)
    impatient.close()
