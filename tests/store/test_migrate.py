"""The schema: reaching head from several processes at once, saying so when it isn't there, errors without secrets."""

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from caboose.store import Store, StoreNotAtHead, StoreUnavailable, StoreUrlInvalid
from caboose.store.schema import metadata
from tests.store.records import record
from tests.support import warm

COMMAND = "python -m caboose.store migrate"


def run(*arguments: str, **environment: str) -> warm.Done:
    """``python -m caboose.store``, as a person or a unit file runs it."""
    return warm.run("caboose.store", *arguments, env={**os.environ, **environment})


def test_migrate_brings_an_empty_database_to_head(url: str) -> None:
    store = Store.open(url)
    with pytest.raises(StoreNotAtHead, match=COMMAND):
        store.check_at_head()
    store.migrate()
    store.check_at_head()
    store.migrate()
    store.check_at_head()
    store.close()


def test_several_processes_migrate_at_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(lambda _: run("migrate", "--url", url), range(6)))
    assert [each.code for each in ended] == [0] * 6, ended
    store = Store.open(url)
    store.check_at_head()
    assert store.put_template("reboot", "one").version == "v1"
    store.close()


def test_many_connections_switch_to_wal_at_once(tmp_path: Path) -> None:
    """SQLite then refuses one of them now and then, without the wait that it grants to others."""
    for number in range(30):
        stores = [Store.open(f"sqlite:///{tmp_path / str(number)}.db") for _ in range(6)]
        ready = threading.Barrier(len(stores))

        def migrate(store: Store, ready: threading.Barrier = ready) -> None:
            ready.wait()
            store.migrate()

        with ThreadPoolExecutor(len(stores)) as pool:
            list(pool.map(migrate, stores))
        for store in stores:
            store.check_at_head()
            store.close()


def test_the_migrations_make_the_schema_that_the_code_uses(store: Store) -> None:
    with store._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_migration_keeps_what_is_there(url: str) -> None:
    store = Store.open(url)
    store.migrate()
    store.save_execution(record("exec-1"), [])
    store.migrate()
    assert store.get_execution("exec-1") == record("exec-1")
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (store.check_at_head, store.migrate):
        with pytest.raises(StoreNotAtHead, match=r"9999.*doesn't know"):
            use()


def test_using_a_database_that_was_never_migrated_names_the_command(url: str) -> None:
    store = Store.open(url)
    with pytest.raises(StoreNotAtHead, match=COMMAND):
        store.names()
    with pytest.raises(StoreNotAtHead, match=COMMAND):
        store.save_execution(record("exec-1"), [])
    store.close()


def test_the_command_on_a_given_url(url: str) -> None:
    before = run("check", "--url", url)
    assert (before.code, before.out) == (1, "")
    assert COMMAND in before.err
    assert run("migrate", "--url", url).code == 0
    assert run("check", "--url", url).code == 0


def test_the_command_takes_the_url_from_the_settings(tmp_path: Path) -> None:
    assert run("migrate", CABOOSE_DATA_DIR=str(tmp_path / "data"), CABOOSE_DATABASE_URL="").code == 0
    assert (tmp_path / "data" / "caboose.db").exists()
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert run("check", CABOOSE_DATABASE_URL=other).code == 1


def test_sqlite_lets_readers_go_on_and_holds_to_foreign_keys(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'caboose.db'}")
    store.migrate()
    with store._database.writing() as writing, store._database.reading() as reading:
        assert writing.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert writing.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert reading.execute(text("SELECT count(*) FROM executions")).scalar_one() == 0
    store.close()


@pytest.mark.parametrize(
    "wrong",
    ["", "caboose.db", "sqlite://", "sqlite:///:memory:", "mysql://u:hush@h/d", "postgresql://u:hush@h:port/d"],
)
def test_urls_that_name_no_store(wrong: str) -> None:
    with pytest.raises(StoreUrlInvalid) as caught:
        Store.open(wrong)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_unreachable_database_is_named_without_its_password(scheme: str) -> None:
    store = Store.open(f"{scheme}://carol:hush-hush@127.0.0.1:1/caboose?application_name=shh")
    for use in (store.migrate, store.check_at_head, store.names):
        with pytest.raises(StoreUnavailable) as caught:
            use()
        shown = str(caught.value)
        assert "127.0.0.1:1" in shown
        assert not re.search("hush|shh", shown)
        assert caught.value.__suppress_context__, "the chain shows the driver's own words"
    store.close()


def test_a_sqlite_file_that_cannot_be_used(tmp_path: Path) -> None:
    missing = Store.open(f"sqlite:///{tmp_path / 'no' / 'folder.db'}")
    for use in (missing.migrate, missing.check_at_head, missing.names):
        with pytest.raises(StoreUnavailable, match=r"folder\.db"):
            use()
    (tmp_path / "text.db").write_text("this is no database, " * 100)
    other = Store.open(f"sqlite:///{tmp_path / 'text.db'}")
    for use in (other.migrate, other.check_at_head, other.names):
        with pytest.raises(StoreUnavailable, match="not a database"):
            use()


def test_a_server_that_went_away_and_came_back(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    store.migrate()
    other = Store.open(postgres_url)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> :own"
    with other._database.reading() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        assert connection.execute(text(others), {"own": own}).all()
    other.close()
    assert store.names() == []
    store.close()
