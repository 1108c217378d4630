"""Approval links: signed, expiring, and without a decision in them.

A link names what it is for (execution, its first run, task, attempt) and opens a page; deciding is the page's form. It
is signed with the first of the keys and verified with all of them, so that keys can be changed while links are out.
Road not taken: random tokens with a row each. They can be revoked one by one, but the worker that posts a message would
need the store, and the workflow refuses what no longer waits anyway.
"""

import json
from dataclasses import astuple, dataclass
from hashlib import sha256
from urllib.parse import quote

from itsdangerous import BadData, SignatureExpired, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

from caboose.oos.values import compact_json

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
    key_id = sha256(keys[0].encode()).hexdigest()[:8]
    return _signer(keys).sign(base64_encode(compact_json([*astuple(claims), key_id]))).decode()


def make_link(base_url: str, claims: LinkClaims, keys: list[str]) -> str:
    """The address of the approval page."""
    return f"{base_url}/approvals/{make_token(claims, keys)}"


def execution_link(base_url: str, execution_id: str) -> str:
    """The address of an execution. It opens to whoever may see executions, and holds no secret."""
    return f"{base_url}/executions/{quote(execution_id, safe='')}"


def read_token(token: str, keys: list[str], *, max_age_days: float) -> LinkClaims:
    """The claims of a link.

    Raises:
        LinkExpired: when it is older than ``max_age_days``.
        LinkInvalid: when no key verifies it.
    """
    try:
        signed = _signer(keys).unsign(token, max_age=round(max_age_days * _DAY))
        execution_id, first_run_id, task_execution_id, attempt, _ = json.loads(base64_decode(signed))
        return LinkClaims(execution_id, first_run_id, task_execution_id, int(attempt))
    except SignatureExpired:
        raise LinkExpired("this link has expired") from None
    except (BadData, TypeError, ValueError):
        raise LinkInvalid("this link is not valid") from None


def _signer(keys: list[str]) -> TimestampSigner:
    """itsdangerous signs with the last key of its list and verifies with all of them.

    Its serializer is not used: it compresses, and marks that with a leading dot, where some chats end a link.
    """
    return TimestampSigner(list(reversed(keys)), salt=_SALT, digest_method=sha256)
