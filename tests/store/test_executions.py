"""The record of executions: which write wins, what listings show, and that no listing reads the whole table."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from caboose.store import ExecutionFilter, InvalidNextToken, RecordInvalid, Store, TaskFilter
from caboose.store.executions import NOT_LISTED, executions_query
from tests.store.records import all_pages, plan, record, task

Document = dict[str, Any]


def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    written = record("exec-1", Outputs={"b": [1, 2.5, None, True], "a": {"深": "重启 🚂", "nul": "a\x00b"}})
    assert store.save_execution(written, [])
    assert store.get_execution("exec-1") == written
    assert store.get_execution("exec-2") is None
    assert store.get_execution("exec-\x00") is None


def test_numbers_that_json_does_not_have_are_kept_as_text(store: Store) -> None:
    store.save_execution(record("exec-1", Outputs={"rates": [float("nan"), float("inf"), 1.5]}), [])
    saved = store.get_execution("exec-1")
    assert saved is not None
    assert saved["Outputs"] == {"rates": ["nan", "inf", 1.5]}


def test_half_of_a_surrogate_pair_stops_nothing(store: Store) -> None:
    odd = "exec-\ud83d"
    store.save_execution(record(odd, TemplateName="a\x00b", ExecutedBy="\udfff"), [task(f"{odd}.t0001")])
    saved = store.get_execution(odd)
    assert saved is not None
    assert saved["TemplateName"] == "a\x00b"
    assert len(store.list_task_executions(odd).items) == 1
    assert len(store.list_executions(ExecutionFilter(executed_by="\udfff", template_name="\x00")).items) == 1


@pytest.mark.parametrize(
    ("first", "second", "second_wins"),
    [
        ({"revision": 1}, {"revision": 2}, True),
        ({"revision": 2}, {"revision": 1}, False),
        ({"revision": 2}, {"revision": 2}, False),
        ({"revision": 3, "Status": "Success"}, {"revision": 4, "Status": "Running"}, False),
        ({"revision": 3, "Status": "Failed"}, {"revision": 4, "Status": "Cancelled"}, True),
        ({"revision": 3, "Status": "Waiting"}, {"revision": 4, "Status": "Success"}, True),
        ({"revision": 3, "Status": "Waiting"}, {"revision": 2, "Status": "Success"}, False),
    ],
)
def test_only_a_newer_write_counts(store: Store, first: Document, second: Document, second_wins: bool) -> None:
    assert store.save_execution(record("exec-1", **first, Mark="first"), [task("exec-1.t0001", Mark="first")])
    assert (
        store.save_execution(record("exec-1", **second, Mark="second"), [task("exec-1.t0001", Mark="second")])
        is second_wins
    )
    saved = store.get_execution("exec-1")
    tasks = store.list_task_executions("exec-1").items
    assert saved is not None
    assert [saved["Mark"], tasks[0]["Mark"]] == (["second"] * 2 if second_wins else ["first"] * 2)


def test_an_id_used_again_is_another_execution(store: Store) -> None:
    """A Temporal client may start a second workflow under the id of one that is over."""
    store.save_execution(record("exec-1", 9, Status="Success"), [task("exec-1.t0001"), task("exec-1.t0002")])
    again = record("exec-1", 1, FirstRunId="run-2", CreateDate="2026-03-02T08:00:00Z", StartDate="")
    assert store.save_execution(again, [task("exec-1.t0001")])
    assert store.get_execution("exec-1") == again
    assert len(store.list_task_executions("exec-1").items) == 1
    assert not store.save_execution(record("exec-1", 10, Status="Success"), [])


def test_tasks_that_a_write_does_not_name_stay(store: Store) -> None:
    store.save_execution(record("exec-1", 1), [task("exec-1.t0001"), task("exec-1.t0002")])
    store.save_execution(record("exec-1", 2), [task("exec-1.t0002", Status="Success")])
    statuses = [item["Status"] for item in store.list_task_executions("exec-1").items]
    assert statuses == ["Running", "Success"]


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RecordInvalid, match="TaskExecutionId"):
        store.save_execution(record("exec-1"), [task("exec-1.t0001"), {"TaskName": "no id"}])
    assert store.get_execution("exec-1") is None


@pytest.mark.parametrize("missing", ["ExecutionId", "Status", "Revision"])
def test_a_record_that_cannot_be_filed(store: Store, missing: str) -> None:
    broken = record("exec-1")
    del broken[missing]
    with pytest.raises(RecordInvalid, match=missing):
        store.save_execution(broken, [])


def test_writers_of_one_execution_from_many_threads(store: Store) -> None:
    def save(revision: int) -> bool:
        tasks = [task(f"exec-1.t{number:04}", Mark=revision) for number in range(20)]
        return store.save_execution(record("exec-1", revision), tasks)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, [*range(1, 40, 2), *range(2, 40, 2)]))
    saved = store.get_execution("exec-1")
    assert saved is not None
    assert saved["Revision"] == 39
    assert {item["Mark"] for item in store.list_task_executions("exec-1").items} == {39}


def test_a_big_record(store: Store) -> None:
    big = record("exec-1", Outputs={"log": "重" * 1_000_000}, Tasks=[task(f"exec-1.t{n:04}") for n in range(200)])
    items = [task(f"exec-1.t0003.i{number:04}", "exec-1.t0003", LoopItem=f"i-{number}") for number in range(1, 2001)]
    assert store.save_execution(big, items)
    assert store.get_execution("exec-1") == big
    found = all_pages(
        lambda token: store.list_task_executions(
            "exec-1", TaskFilter(parent="exec-1.t0003"), max_results=300, next_token=token
        ),
        "LoopItem",
    )
    assert found == [f"i-{number}" for number in range(1, 2001)]


def test_a_listing_leaves_out_what_can_be_large(store: Store) -> None:
    store.save_execution(record("exec-1", Outputs={"x": 1}, Approvals=[{}], Decisions=[{}]), [])
    (listed,) = store.list_executions().items
    assert not set(NOT_LISTED) & set(listed)
    assert listed["Counters"] == {"Failed": 0, "Success": 0, "Total": 3}


def many(store: Store) -> None:
    """Forty executions, two in each second."""
    for number in range(40):
        started = datetime(2026, 3, 1, 8, 0, number // 2, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        name = "reboot_100%" if number % 4 == 0 else "Stop-Instances"
        store.save_execution(
            record(
                f"exec-{number:02}",
                StartDate=started,
                TemplateName=name,
                Status="Success" if number % 2 else "Waiting",
                ExecutedBy="alice" if number < 10 else "鲍勃",
            ),
            [],
        )


@pytest.mark.parametrize("size", [1, 7, 40, 100])
def test_pages_hold_each_execution_once_newest_first(store: Store, size: int) -> None:
    many(store)
    found = all_pages(lambda token: store.list_executions(max_results=size, next_token=token), "ExecutionId")
    assert found == [f"exec-{number:02}" for number in reversed(range(40))]


def test_executions_that_come_while_paging_move_nothing(store: Store) -> None:
    many(store)
    first = store.list_executions(max_results=20)
    store.save_execution(record("exec-new", StartDate="2026-03-02T00:00:00Z"), [])
    second = store.list_executions(max_results=20, next_token=first.next_token)
    assert [item["ExecutionId"] for item in second.items] == [f"exec-{number:02}" for number in reversed(range(20))]
    assert second.next_token == ""


def at(second: int) -> datetime:
    return datetime(2026, 3, 1, 8, 0, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (ExecutionFilter(status="Success", executed_by="alice"), [9, 7, 5, 3, 1]),
        (ExecutionFilter(status="Failed"), []),
        (ExecutionFilter(executed_by="鲍勃", started_before=at(6)), [13, 12, 11, 10]),
        (ExecutionFilter(started_after=at(18)), [39, 38, 37, 36]),
        (ExecutionFilter(started_after=at(1), started_before=at(1)), [3, 2]),
        (ExecutionFilter(started_before=at(0).astimezone(timezone(timedelta(hours=8)))), [1, 0]),
        (ExecutionFilter(template_name="REBOOT", executed_by="alice"), [8, 4, 0]),
        (ExecutionFilter(template_name="100%", started_before=at(3)), [4, 0]),
        (ExecutionFilter(template_name="%"), list(range(36, -1, -4))),
        (ExecutionFilter(template_name="t_1"), list(range(36, -1, -4))),
        (ExecutionFilter(template_name="p_I"), []),
    ],
)
def test_filters(store: Store, only: ExecutionFilter, expected: list[int]) -> None:
    many(store)
    found = all_pages(lambda token: store.list_executions(only, max_results=3, next_token=token), "ExecutionId")
    assert found == [f"exec-{number:02}" for number in expected]


def test_an_execution_that_has_not_started_is_listed_by_its_making(store: Store) -> None:
    store.save_execution(record("exec-a", StartDate="", CreateDate="2026-03-01T09:00:00Z"), [])
    store.save_execution(record("exec-b", StartDate="2026-03-01T08:30:00Z"), [])
    assert [item["ExecutionId"] for item in store.list_executions().items] == ["exec-a", "exec-b"]


def test_a_page_has_at_least_one_item(store: Store) -> None:
    with pytest.raises(ValueError, match="at least one"):
        store.list_executions(max_results=0)


@pytest.mark.parametrize("token", ["x", "!", "重", "bnVsbA==", "WyJleGVjdXRpb25zIl0=", "W1tbW1tb" * 10_000])
def test_a_token_that_nobody_gave(store: Store, token: str) -> None:
    with pytest.raises(InvalidNextToken):
        store.list_executions(next_token=token)


def test_a_token_of_another_listing(store: Store) -> None:
    many(store)
    token = store.list_executions(max_results=1).next_token
    with pytest.raises(InvalidNextToken):
        store.list_task_executions("exec-01", next_token=token)
    with pytest.raises(InvalidNextToken):
        store.list_templates(next_token=token)


@pytest.mark.parametrize(
    "only",
    [
        ExecutionFilter(),
        ExecutionFilter(status="Waiting"),
        ExecutionFilter(executed_by="alice"),
        ExecutionFilter(template_name="reboot"),
        ExecutionFilter(started_after=at(1), started_before=at(2)),
        ExecutionFilter(status="Waiting", executed_by="alice", template_name="reboot", started_after=at(1)),
    ],
)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_listings_of_executions_follow_an_index(store: Store, only: ExecutionFilter) -> None:
    many(store)
    token = store.list_executions(max_results=1).next_token
    for next_token in ("", token):
        steps = plan(store, executions_query(only, next_token))
        assert "USING INDEX ix_executions_" in steps
        assert "TEMP B-TREE" not in steps, "the rows are sorted"
        if next_token or only.status or only.executed_by:
            assert "SEARCH" in steps, "the page doesn't begin where it should"
