"""Who calls: the worker's own credentials, or a RAM role that is assumed for an execution.

The worker's own come from the SDK's default chain (environment, OIDC, CLI profile, credentials file, instance role).
A role's temporary ones are made by STS: the account id from GetCallerIdentity, then AssumeRole with the execution's
id as session name, so that the cloud's audit trail names the execution. They are renewed when 60 % of their lifetime
is over, measured on the monotonic clock, so that a worker's wrong clock and short-lived test credentials do no harm.

Road not taken: the SDK's RamRoleArnCredentialsProvider speaks only https, so that it can't be tested against a
simulator, and asks STS again for every request once less than 15 minutes are left.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_tea_openapi.utils import Utils

from activities.cloud.failures import CloudError, refused
from activities.cloud.transport import Call, Keys, Transport
from activities.contracts import REFUSED, RETRIABLE, CallFailure
from caboose.settings import Settings

KeySource = Callable[[], Keys]
_STS_VERSION = "2015-04-01"
_SESSION_SECONDS = 3600
_RENEW_AFTER = 0.6
_ROLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)


def own_keys() -> KeySource:
    """The default chain of the SDK, asked anew for every call (it renews what expires).

    Raises (from the returned function):
        CloudError: when no source has credentials.
    """
    lock = threading.Lock()
    chain: list[Any] = []

    def keys() -> Keys:
        try:
            with lock:  # the chain remembers its first success without a lock of its own
                if not chain:
                    chain.append(CredentialClient())
                found = chain[0].get_credential()
        except CredentialException:
            # its text quotes the answers of every source, secrets may be among them
            raise refused(
                "InvalidCredentials",
                "the worker has no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET, or any other source of the SDK's default chain",
            ) from None
        return Keys(found.access_key_id, found.access_key_secret, found.security_token or "")

    return keys


@dataclass(frozen=True)
class _Session:
    keys: Keys
    renew_at: float
    expires_at: float


class RoleSessions:
    """Temporary credentials, one set per role and execution. Safe to use from many threads."""

    def __init__(self, settings: Settings, transport: Transport, own: KeySource) -> None:
        self._endpoint = settings.sts_endpoint
        self._transport = transport
        self._own = own
        self._account = ""
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._renewing: dict[tuple[str, str], threading.Lock] = {}

    def keys(self, role: str, execution_id: str, region_id: str) -> Keys:
        """Credentials of the role that are good for a while yet.

        Raises:
            CloudError: when the role can't be assumed, with what to do about it. Its proof is never UNKNOWN: the call
                for which the credentials were wanted has not been made.
        """
        if not _ROLE_NAME.fullmatch(role):
            raise refused("InvalidRamRole", f"{role!r} is not the name of a RAM role, such as OOSServiceRole")
        key = (role, execution_id)
        with self._lock:
            renewing = self._renewing.setdefault(key, threading.Lock())
        with renewing:  # the threads of one execution wait for one renewal, other executions don't
            session = self._sessions.get(key)
            if session is None or time.monotonic() >= session.renew_at:
                session = self._renewed(session, role, execution_id, region_id)
                self._keep(key, session)
            return session.keys

    def _renewed(self, current: _Session | None, role: str, execution_id: str, region_id: str) -> _Session:
        try:
            return self._assume(role, execution_id, region_id)
        except CloudError as error:
            retriable = error.failure.proof != REFUSED
            if retriable and current is not None and time.monotonic() < current.expires_at:
                return current  # renewed early, so that a hiccup of STS needn't be felt
            proof = RETRIABLE if retriable else REFUSED
            failure = replace(error.failure, proof=proof, message=_advice(role, error.failure))
            raise CloudError(failure, retry_after=error.retry_after) from None

    def _assume(self, role: str, execution_id: str, region_id: str) -> _Session:
        if not self._account:
            identity = self._sts("GetCallerIdentity", {}, region_id)
            self._account = str(identity.get("AccountId", ""))
        query = {
            "RoleArn": f"acs:ram::{self._account}:role/{role}",
            "RoleSessionName": session_name(execution_id),
            "DurationSeconds": str(_SESSION_SECONDS),
        }
        answer = self._sts("AssumeRole", query, region_id)
        try:
            made = answer["Credentials"]
            keys = Keys(made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"])
            expires = datetime.strptime(made["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except (KeyError, TypeError, ValueError):
            failure = CallFailure("UnreadableAnswer", "AssumeRole answered without credentials", RETRIABLE)
            raise CloudError(failure) from None
        seconds = max((expires - datetime.now(UTC)).total_seconds(), 0)
        now = time.monotonic()
        return _Session(keys, now + seconds * _RENEW_AFTER, now + seconds)

    def _sts(self, action: str, query: dict[str, str], region_id: str) -> dict[str, Any]:
        endpoint = self._endpoint or Utils.get_endpoint_rules("sts", region_id, "regional", "")
        return self._transport.send(Call(endpoint, action, _STS_VERSION, query), self._own(), fresh=False)

    def _keep(self, key: tuple[str, str], session: _Session) -> None:
        """Stores a session, and forgets those of executions that ended long ago."""
        now = time.monotonic()
        with self._lock:
            self._sessions[key] = session
            for old in [other for other, kept in self._sessions.items() if kept.expires_at < now]:
                if old != key:
                    del self._sessions[old]
                    self._renewing.pop(old, None)


def session_name(execution_id: str) -> str:
    """The execution's id as a role session name: 2 to 64 characters of those that STS allows."""
    name = re.sub(r"[^A-Za-z0-9.@_-]", "-", execution_id)[:64]
    return name if len(name) >= 2 else f"caboose-{name}"


def _advice(role: str, failure: CallFailure) -> str:
    return (
        f"the RAM role {role!r} can't be assumed: {failure.code}: {failure.message} "
        f"The role must exist and trust the worker's account "
        f"(a role that trusts only the OOS service doesn't), and the worker's user must be allowed sts:AssumeRole; "
        f"or start with OOSAssumeRole='' to use the worker's own credentials."
    )
