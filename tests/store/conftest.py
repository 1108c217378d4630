"""Each test of the store runs on both databases; without PostgreSQL's programs half of them is skipped."""

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


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database. Its language isn't C, so that sorting by the database's language would show."""
    name = f"test_{uuid.uuid4().hex}"
    address = make_url(postgres_server)
    with psycopg.connect(host=address.host, port=address.port, user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    return address.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'caboose.db'}"
    postgres_url: str = request.getfixturevalue("postgres_url")
    return postgres_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store at head, with nothing in it."""
    opened = Store.open(url)
    opened.migrate()
    yield opened
    opened.close()
