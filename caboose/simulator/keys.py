"""Access keys: the lasting ones of users, and the temporary ones that STS gives out for a role."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from caboose.simulator.errors import CloudError

ACCOUNT_ID = "1000000000000001"
DEFAULT_KEY_ID = "simulator-key-id"
DEFAULT_KEY_SECRET = "simulator-key-secret"  # noqa: S105 - the published key of a simulator


@dataclass(frozen=True)
class AccessKey:
    """A key pair and whom it stands for. Temporary ones have a token and an end (seconds since 1970)."""

    id: str
    secret: str
    user: str = ""
    role: str = ""
    session: str = ""
    token: str = ""
    expires: float | None = None


class Keys:
    """All keys of the account. Temporary ones outlive a reset: a worker that runs on may still hold one."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lasting: dict[str, AccessKey] = {}
        self._temporary: dict[str, AccessKey] = {}
        self.replace([])

    def replace(self, keys: Sequence[Mapping[str, str]]) -> None:
        """Make these the account's lasting keys, beside the default one, which always stays."""
        pairs = [AccessKey(DEFAULT_KEY_ID, DEFAULT_KEY_SECRET, user="operator")]
        pairs += [
            AccessKey(key["AccessKeyId"], key["AccessKeySecret"], user=key.get("UserName", key["AccessKeyId"]))
            for key in keys
        ]
        self._lasting = {pair.id: pair for pair in pairs}

    def issue(self, role: str, session: str, expires: float) -> AccessKey:
        """A new temporary key for a role."""
        key = AccessKey(
            id=f"STS.{secrets.token_hex(12)}",
            secret=secrets.token_urlsafe(32),
            role=role,
            session=session,
            token=secrets.token_urlsafe(96),
            expires=expires,
        )
        self._temporary[key.id] = key
        return key

    def find(self, key_id: str) -> AccessKey:
        """The key of that id.

        Raises:
            CloudError: InvalidAccessKeyId.NotFound.
        """
        key = self._lasting.get(key_id) or self._temporary.get(key_id)
        if key is None:
            raise CloudError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        return key

    def check_token(self, key: AccessKey, token: str) -> None:
        """Whether the security token belongs to the key and is still good.

        Raises:
            CloudError: MissingSecurityToken, InvalidSecurityToken.MismatchWithAccessKey, InvalidSecurityToken.Expired.
        """
        if key.token and not token:
            raise CloudError(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
        if not hmac.compare_digest(token.encode(), key.token.encode()):
            raise CloudError(
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            )
        if key.expires is not None and key.expires <= self._clock():
            raise CloudError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
