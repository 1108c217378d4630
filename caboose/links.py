"""Approval links: signed, expiring, and without a decision in them.

A link names what it is for (execution, its first run, task, attempt) and opens a page; deciding is the page's form. It
is signed with the first of the keys and verified with all of them, so that keys can be changed while links are out.
Road not taken: random tokens with a row each. They can be revoked one by one, but the worker that posts a message would
need the store, and the workflow refuses what no longer waits anyway.
"""

from dataclasses import asdict, dataclass
from hashlib import sha256

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

_SALT = "caboose-approval-link-v1"
_DAY = 86_400


class LinkInvalid(ValueError):
    """The link was not made by us, or was cut or changed on its way."""


class LinkExpired(LinkInvalid):
    """The link was made by us, longer ago than links live."""


@dataclass(frozen=True)
class LinkClaims:
    """What a link is good for: one attempt of one approval task of one run."""

    execution_id: str
    first_run_id: str
    task_execution_id: str
    attempt: int


def make_token(claims: LinkClaims, keys: list[str]) -> str:
    """The link's last path segment: the claims, the time of issue and the key's id, signed with ``keys[0]``."""
    return _serializer(keys).dumps({**asdict(claims), "key_id": sha256(keys[0].encode()).hexdigest()[:8]})


def make_link(base_url: str, claims: LinkClaims, keys: list[str]) -> str:
    """The address of the approval page."""
    return f"{base_url}/approvals/{make_token(claims, keys)}"


def read_token(token: str, keys: list[str], *, max_age_days: float) -> LinkClaims:
    """The claims of a link.

    Raises:
        LinkExpired: when it is older than ``max_age_days``.
        LinkInvalid: when no key verifies it.
    """
    try:
        data = _serializer(keys).loads(token, max_age=round(max_age_days * _DAY))
        return LinkClaims(data["execution_id"], data["first_run_id"], data["task_execution_id"], int(data["attempt"]))
    except SignatureExpired:
        raise LinkExpired("this link has expired") from None
    except (BadData, KeyError, TypeError, ValueError):
        raise LinkInvalid("this link is not valid") from None


def _serializer(keys: list[str]) -> URLSafeTimedSerializer:
    # itsdangerous signs with the last key of its list and verifies with all of them
    return URLSafeTimedSerializer(list(reversed(keys)), salt=_SALT)
