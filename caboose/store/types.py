"""Column types that behave alike in SQLite and PostgreSQL.

``Key`` is text that is compared byte by byte in both: PostgreSQL would else sort by the database's language,
and a page of a listing would differ from one database to the other. It also replaces what PostgreSQL can't
keep in text (NUL and lone surrogates, which JSON can bring along), in what is written and in what is searched
for, so that odd input is "not found" and never an error of the driver. Records keep their exact text: JSON
escapes it.
"""

import json
import math
import re
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def keepable(text: str) -> bool:
    """Whether a text column can hold the text as it is."""
    return _UNKEEPABLE.search(text) is None


class Key(TypeDecorator[str]):
    """Text for names, ids and dates."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text, in PostgreSQL with the collation that compares bytes."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text with U+FFFD for each character that can't be kept."""
        return None if value is None else _UNKEEPABLE.sub("\ufffd", value)


def dump_json(value: Any) -> str:
    """JSON that every reader accepts: numbers that it doesn't have (``.nan``, ``.inf`` of YAML) become strings."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(child) for child in value]
    return value
