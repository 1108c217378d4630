"""Each test of the store runs on both databases; without PostgreSQL's programs half of them is skipped."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from caboose.store import Store
from tests.store import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL."""
    folder = postgres.programs()
    if folder is None:
        pytest.skip("PostgreSQL isn't installed (Debian: apt-get install postgresql)")
    with postgres.running(folder) as url:
        yield url


def _made(server: str, template: str, more: str = "") -> str:
    """The URL of a new database."""
    name = f"test_{uuid.uuid4().hex}"
    address = make_url(server)
    with psycopg.connect(host=address.host, port=address.port, user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {more} STRATEGY FILE_COPY")
    return address.set(database=name).render_as_string(hide_password=False)


def _migrated(url: str) -> None:
    store = Store.open(url)
    store.migrate()
    store.close()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database. Its language isn't C, so that sorting by the database's language would show."""
    return _made(postgres_server, "template0", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")


@pytest.fixture(scope="session")
def sqlite_at_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, to be copied: that takes less than migrating."""
    file = tmp_path_factory.mktemp("head") / "caboose.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_at_head(postgres_server: str) -> str:
    """A database at head, to be copied."""
    url = _made(postgres_server, "template0", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    _migrated(url)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind: empty, or at head when the test takes a ``store``."""
    at_head = "store" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "caboose.db"
        if at_head:
            shutil.copy(request.getfixturevalue("sqlite_at_head"), file)
        return f"sqlite:///{file}"
    if at_head:
        template = make_url(request.getfixturevalue("postgres_at_head")).database
        return _made(request.getfixturevalue("postgres_server"), str(template))
    postgres_url: str = request.getfixturevalue("postgres_url")
    return postgres_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store at head, with nothing in it."""
    opened = Store.open(url)
    yield opened
    opened.close()
