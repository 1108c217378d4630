"""What can go wrong in the store, as sentences: none of them shows a password, a statement or a stored
value."""

MIGRATE_COMMAND = "python -m caboose.store migrate"


class StoreError(Exception):
    """Anything the store refuses or can't do."""


class StoreUrlInvalid(StoreError, ValueError):
    """The URL names no database that the store can work with."""


class StoreUnavailable(StoreError):
    """The database can't be reached, is locked, full or read-only. Trying again later may help."""


class StoreNotAtHead(StoreError):
    """The database's schema isn't the one that this version of Caboose works with."""


class TemplateNameInvalid(StoreError, ValueError):
    """No stored template can have this name."""


class TemplateContentInvalid(StoreError, ValueError):
    """The text holds characters that a database can't keep (NUL, lone surrogates)."""


class InvalidNextToken(StoreError, ValueError):
    """The token wasn't made by the listing that it was given to."""


class RecordInvalid(StoreError, ValueError):
    """The record of an execution lacks what the store files it under."""


class PayloadMissing(StoreError):
    """A payload that isn't in the store: another database than the one it was stored in, or an older copy of it."""
