"""Retries: one execution has the retry of a failed one, whoever else asks for it and however often."""

from concurrent.futures import ThreadPoolExecutor

from caboose.store import Retry, Store


def test_the_first_one_has_it(store: Store) -> None:
    first, second = Retry("exec-2", "run-2"), Retry("exec-3", "run-3")
    assert store.find_retry("run-1") is None
    assert store.claim_retry("run-1", first) == first
    assert store.claim_retry("run-1", first) == first
    assert store.claim_retry("run-1", second) == first
    assert store.find_retry("run-1") == first


def test_the_same_id_used_again_is_another_execution(store: Store) -> None:
    assert store.claim_retry("run-1", Retry("exec-2", "run-2")) == Retry("exec-2", "run-2")
    assert store.claim_retry("run-1", Retry("exec-2", "run-3")) == Retry("exec-2", "run-2")


def test_of_many_at_once_one_has_it(store: Store) -> None:
    wanted = [Retry(f"exec-{number}", f"run-{number}") for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda each: store.claim_retry("run-1", each), wanted))
    assert len(dict.fromkeys(given)) == 1
