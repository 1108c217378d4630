"""Task executions: two orders, by themselves before their execution's record is there, and the newest of each."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from caboose.store import InvalidNextToken, RecordInvalid, Store, TaskFilter
from caboose.store.tasks import tasks_query
from tests.store.records import all_pages, plan, record, task

IDS = ["t0001", "t0002", "t0002.i0001", "t0002.i0001.t0001", "t0002.i0002", "t9999", "t10000"]


def found(store: Store, execution_id: str = "exec-1", **only: Any) -> list[str]:
    """The ids that a listing shows, a page of two at a time."""
    whole = all_pages(
        lambda token: store.list_task_executions(execution_id, TaskFilter(**only), max_results=2, next_token=token),
        "TaskExecutionId",
    )
    return [identifier.removeprefix(f"{execution_id}.") for identifier in whole]


def test_task_executions_by_parent_and_with_what_is_below(store: Store) -> None:
    rows = [task(f"exec-1.{i}", f"exec-1.{i.rpartition('.')[0]}" if "." in i else "") for i in reversed(IDS)]
    store.save_execution(record("exec-1"), rows)
    store.save_execution(record("exec-10"), [task("exec-10.t0001")])
    assert found(store) == ["t0001", "t0002", "t9999", "t10000"]
    assert found(store, include_children=True) == IDS
    assert found(store, parent="exec-1.t0002") == ["t0002.i0001", "t0002.i0002"]
    below = ["t0002.i0001", "t0002.i0001.t0001", "t0002.i0002"]
    assert found(store, parent="exec-1.t0002", include_children=True) == below
    assert found(store, parent="exec-1.t0001", include_children=True) == []
    assert found(store, within="exec-1.t0002") == ["t0002", *below]
    assert store.list_task_executions("exec-2").items == []


def at(second: int) -> str:
    """A time in the minute after eight, '' for none."""
    return f"2026-03-01T08:00:{second:02}Z" if second else ""


def timed(name: str, begin: int, end: int, **fields: Any) -> dict[str, Any]:
    """A task execution with times."""
    parent = f"exec-1.{name.rpartition('.')[0]}" if "." in name else ""
    return task(f"exec-1.{name}", parent, CreateDate=at(begin), EndDate=at(end), **fields)


def test_task_executions_in_the_order_of_time(store: Store) -> None:
    rows = [timed("t0001", 1, 2), timed("t0002", 2, 0), timed("t0002.i0002", 3, 6), timed("t0002.i0001", 4, 5)]
    store.save_execution(record("exec-1"), rows)
    by_time: dict[str, Any] = {"include_children": True, "by_time": True}
    assert found(store, **by_time) == ["t0001", "t0002", "t0002.i0002", "t0002.i0001"]
    assert found(store, **by_time, not_ended_before=at(6)) == ["t0002", "t0002.i0002"]
    assert found(store, **by_time, within="exec-1.t0002.i0001") == ["t0002.i0001"]


def test_a_token_is_good_for_the_order_that_it_was_made_for(store: Store) -> None:
    store.save_execution(record("exec-1"), [timed("t0001", 1, 2), timed("t0002", 2, 0)])
    token = store.list_task_executions("exec-1", max_results=1).next_token
    with pytest.raises(InvalidNextToken):
        store.list_task_executions("exec-1", TaskFilter(by_time=True), next_token=token)


def test_they_may_come_before_the_record_of_their_execution(store: Store) -> None:
    assert store.save_task_executions("exec-1", "run-1", [timed("t0002.i0001", 1, 2)])
    assert store.get_execution("exec-1") is None
    assert store.list_executions().items == []
    assert store.save_execution(record("exec-1", 1), [timed("t0002", 1, 0)])
    assert store.get_execution("exec-1") == record("exec-1", 1)
    assert store.save_task_executions("exec-1", "run-1", [timed("t0002.i0002", 2, 3)])
    assert found(store, include_children=True) == ["t0002", "t0002.i0001", "t0002.i0002"]
    assert store.save_task_executions("exec-1", "run-1", [])


def test_those_of_an_earlier_execution_of_the_same_id_are_left_alone(store: Store) -> None:
    store.save_execution(record("exec-1", 9, Status="Success", CreateDate=at(1)), [timed("t0001", 1, 2)])
    assert store.save_task_executions("exec-1", "run-2", [timed("t0002.i0001", 10, 11)]), "the next execution's"
    assert found(store, include_children=True) == ["t0002.i0001"]
    assert not store.save_task_executions("exec-1", "run-1", [timed("t0002.i0002", 2, 3)])
    assert not store.save_execution(record("exec-1", 10, Status="Success", CreateDate=at(1)), [])
    again = record("exec-1", 1, FirstRunId="run-2", CreateDate=at(9))
    assert store.save_execution(again, [])
    assert store.get_execution("exec-1") == again
    assert found(store, include_children=True) == ["t0002.i0001"]


@pytest.mark.parametrize(
    ("first", "second", "second_wins"),
    [
        ({"EndDate": ""}, {"EndDate": at(5)}, True),
        ({"EndDate": at(5)}, {"EndDate": ""}, False),
        ({"EndDate": at(5)}, {"EndDate": at(5)}, True),
        ({"EndDate": at(6)}, {"EndDate": at(5)}, False),
        ({"EndDate": at(6), "Attempt": 1}, {"EndDate": "", "Attempt": 2}, True),
        ({"EndDate": at(6), "Attempt": 2}, {"EndDate": at(7), "Attempt": 1}, False),
    ],
)
def test_only_a_newer_one_counts(
    store: Store, first: dict[str, Any], second: dict[str, Any], second_wins: bool
) -> None:
    for mark, fields in (("first", first), ("second", second)):
        store.save_task_executions("exec-1", "run-1", [{**timed("t0001", 1, 0), **fields, "Mark": mark}])
    (saved,) = store.list_task_executions("exec-1").items
    assert saved["Mark"] == ("second" if second_wins else "first")


def test_one_without_an_id_is_refused(store: Store) -> None:
    with pytest.raises(RecordInvalid, match="TaskExecutionId"):
        store.save_task_executions("exec-1", "run-1", [{"TaskName": "a"}])


def test_a_loop_of_many_items_written_by_several_threads(store: Store) -> None:
    def save(begin: int) -> bool:
        items = [timed(f"t0001.i{number:05}", 1, 2) for number in range(begin, begin + 700)]
        return store.save_task_executions("exec-1", "run-1", items)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(save, [1, 701, 1401, 701, 1]))
    assert len(all_pages(lambda token: page_of_items(store, token), "TaskExecutionId")) == 2100


def page_of_items(store: Store, token: str) -> Any:
    """A page of the loop's items."""
    return store.list_task_executions("exec-1", TaskFilter(parent="exec-1.t0001"), max_results=500, next_token=token)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("parent", ["", "exec-1.t0003"])
@pytest.mark.parametrize("include_children", [False, True])
def test_listings_of_task_executions_follow_an_index(store: Store, parent: str, include_children: bool) -> None:
    steps = plan(store, tasks_query("exec-1", TaskFilter(parent, include_children), ""))
    assert "SEARCH task_executions USING INDEX ix_task_executions_" in steps
    assert "TEMP B-TREE" not in steps


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_listing_by_time_reads_only_its_index_of_what_it_skips(store: Store) -> None:
    store.save_execution(record("exec-1"), [timed("t0001", 1, 2), timed("t0002", 2, 3)])
    only = TaskFilter(include_children=True, by_time=True, not_ended_before=at(3))
    token = store.list_task_executions("exec-1", TaskFilter(by_time=True), max_results=1).next_token
    for next_token in ("", token):
        steps = plan(store, tasks_query("exec-1", only, next_token))
        assert "USING INDEX ix_task_executions_created" in steps
        assert "TEMP B-TREE" not in steps


def test_the_times_of_rows_that_are_there_are_taken_from_their_records(url: str) -> None:
    store = Store.open(url)
    store.migrate()
    store.save_execution(record("exec-1"), [timed("t0001", 1, 2), task("exec-1.t0002")])
    with store._database.writing() as connection:
        for statement in (
            "DROP TABLE retries",  # which came later
            "DROP INDEX ix_task_executions_created",
            "ALTER TABLE task_executions DROP COLUMN created",
            "ALTER TABLE task_executions DROP COLUMN ended",
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            connection.execute(text(statement))
    store.migrate()
    with store._database.reading() as connection:
        rows = connection.execute(text("SELECT created, ended FROM task_executions ORDER BY position")).all()
    assert [tuple(row) for row in rows] == [(at(1), at(2)), ("", "")]
    store.close()
