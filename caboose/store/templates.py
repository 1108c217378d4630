"""Stored templates, whose versions never change.

An execution is recorded with the name, version and hash of its template, so a version number must never come
to mean another text. A deleted template leaves its name and its last number behind, without the text: when
the name comes back, it goes on counting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from caboose.oos.names import template_name_fault
from caboose.oos.start import StoredTemplate
from caboose.store.engine import Database
from caboose.store.errors import InvalidNextToken, TemplateContentInvalid, TemplateNameInvalid
from caboose.store.paging import Page, page_of, page_size, read_token
from caboose.store.schema import template_versions as versions
from caboose.store.schema import templates
from caboose.store.types import keepable


@dataclass(frozen=True)
class TemplateVersion(StoredTemplate):
    """One version of a template with who stored it and when ("YYYY-MM-DDThh:mm:ssZ")."""

    description: str
    created: str
    created_by: str


@dataclass(frozen=True)
class TemplateInfo:
    """What listings say of a version: all but its text."""

    name: str
    version: str
    hash: str
    description: str
    created: str
    created_by: str


class Templates:
    """The templates' part of the store. All methods raise ``StoreUnavailable`` without a working database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_template(self, name: str, content: str, *, created_by: str = "", description: str = "") -> TemplateVersion:
        """Store the next version; text equal to the latest version's gives that version and makes none.

        Raises:
            TemplateNameInvalid: when the name breaks OOS's rules (CreateTemplate, oos-20190601).
            TemplateContentInvalid: when a database can't keep the text.
        """
        _check(name, content)
        with self._database.writing() as connection:
            _register(connection, name)
            # The row's lock makes two writers of one name take turns; SQLite has one writer anyway.
            row = connection.execute(select(templates).where(templates.c.name == name).with_for_update()).one()
            latest = None if row.deleted else connection.execute(_texts(name, row.last_version)).one_or_none()
            if latest is not None and latest.content == content:
                return _version(latest)
            return _add_version(
                connection,
                name,
                row.last_version + 1,
                content,
                created_by=created_by,
                description=description,
            )

    def seed(self, contents: Mapping[str, str]) -> list[str]:
        """Store templates whose names were never there; returns those names. A deleted one doesn't come back.

        Raises:
            TemplateNameInvalid, TemplateContentInvalid: as ``put_template``.
        """
        new = []
        for name, content in sorted(contents.items()):
            _check(name, content)
            with self._database.writing() as connection:
                if _register(connection, name):
                    _add_version(connection, name, 1, content, created_by="", description="")
                    new.append(name)
        return new

    def find(self, name: str, version: str | None = None) -> TemplateVersion | None:
        """A version such as ``v2``, by default the latest; None when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_texts(name, _number(version))).one_or_none()
        return None if row is None else _version(row)

    def names(self) -> list[str]:
        """The names of all templates."""
        query = select(templates.c.name).where(templates.c.deleted.is_(False)).order_by(templates.c.name)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def list_templates(self, *, contains: str = "", max_results: int = 50, next_token: str = "") -> Page[TemplateInfo]:
        """The latest versions by name; ``contains`` is a part of the name, in any case.

        Raises:
            InvalidNextToken: when the token isn't one of this listing.
        """
        query = _live().where(versions.c.number == templates.c.last_version).order_by(templates.c.name)
        if contains:
            query = query.where(templates.c.name.icontains(contains, autoescape=True))
        if next_token:
            query = query.where(templates.c.name > read_token("templates", next_token, 1)[0])
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(page_size(max_results))).all()
        return page_of("templates", rows, max_results, _info, lambda row: (row.name,))

    def list_template_versions(self, name: str, *, max_results: int = 50, next_token: str = "") -> Page[TemplateInfo]:
        """The versions of a template, newest first; none when there is no such template.

        Raises:
            InvalidNextToken: when the token isn't one of this listing.
        """
        query = _live().where(templates.c.name == name).order_by(versions.c.number.desc())
        if next_token:
            (key,) = read_token("versions", next_token, 1)
            number = _number(key)
            if not number:
                raise InvalidNextToken("NextToken is not one that this listing has given")
            query = query.where(versions.c.number < number)
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(page_size(max_results))).all()
        return page_of("versions", rows, max_results, _info, lambda row: (f"v{row.number}",))

    def delete_template(self, name: str) -> bool:
        """Delete all versions; False when there is no such template. Running executions keep their plan."""
        gone = update(templates).where(templates.c.name == name, templates.c.deleted.is_(False))
        with self._database.writing() as connection:
            if not connection.execute(gone.values(deleted=True)).rowcount:
                return False
            connection.execute(delete(versions).where(versions.c.name == name))
            return True


def _check(name: str, content: str) -> None:
    fault = template_name_fault(name)
    if fault:
        raise TemplateNameInvalid(fault)
    if not keepable(content):
        raise TemplateContentInvalid("the template holds a NUL character or half of a surrogate pair")


def _register(connection: Connection, name: str) -> bool:
    """Make the row of a name that was never there; whether it was made."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(templates).values(name=name, last_version=0, deleted=True).on_conflict_do_nothing()
    return connection.execute(row.returning(templates.c.name)).first() is not None


def _add_version(
    connection: Connection, name: str, number: int, content: str, *, created_by: str, description: str
) -> TemplateVersion:
    values: dict[str, Any] = {
        "name": name,
        "content": content,
        "hash": sha256(content.encode()).hexdigest(),
        "description": description,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_by": created_by,
    }
    connection.execute(insert(versions).values(number=number, **values))
    row = update(templates).where(templates.c.name == name)
    connection.execute(row.values(last_version=number, deleted=False))
    return TemplateVersion(version=f"v{number}", **values)


def _texts(name: str, number: int | None) -> Select[Any]:
    """One version with its text; None is the latest."""
    joined = templates.join(versions, versions.c.name == templates.c.name)
    wanted = templates.c.last_version if number is None else number
    live = templates.c.deleted.is_(False)
    return select(versions).select_from(joined).where(templates.c.name == name, live, versions.c.number == wanted)


def _live() -> Select[Any]:
    """All versions of templates that aren't deleted, without their text."""
    columns = [column for column in versions.c if column is not versions.c.content]
    joined = templates.join(versions, versions.c.name == templates.c.name)
    return select(*columns).select_from(joined).where(templates.c.deleted.is_(False))


def _number(version: str | None) -> int | None:
    """The number in ``v2``; 0, which no version has, for what isn't a version; None for None."""
    if version is None:
        return None
    digits = version.removeprefix("v")
    canonical = digits.isascii() and digits.isdigit() and len(digits) < 10 and version == f"v{int(digits)}"
    return int(digits) if canonical else 0


def _version(row: Row[Any]) -> TemplateVersion:
    return TemplateVersion(
        row.name, f"v{row.number}", row.content, row.hash, row.description, row.created, row.created_by
    )


def _info(row: Row[Any]) -> TemplateInfo:
    return TemplateInfo(row.name, f"v{row.number}", row.hash, row.description, row.created, row.created_by)
