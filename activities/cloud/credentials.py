"""Who calls: the worker's own credentials, or a RAM role that is assumed for an execution.

The worker's own come from the SDK's default chain (environment, OIDC, CLI profile, credentials file, instance role).
A role's temporary ones are made by STS: the account id from GetCallerIdentity, then AssumeRole with the execution's
id as session name, so that the cloud's audit trail names the execution. They are renewed when 60 % of their lifetime
is over, measured on the monotonic clock, so that a worker's wrong clock and short-lived test credentials do no harm.

A renewal runs in a thread of its own, one at a time for a role and an execution. All that need its result wait for it
together, each only as long as it may, and fail together; while the old credentials are good for a while yet nobody
waits at all. So a hanging STS can't line calls up until their activities are given up.

Road not taken: the SDK's RamRoleArnCredentialsProvider speaks only https, so that it can't be tested against a
simulator, and asks STS again for every request once less than 15 minutes are left.
"""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
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
_WAIT_AFTER = 0.8
_STS_SECONDS = 10.0
KEYS_SECONDS = 20.0
"""How long a call waits for credentials at most."""
_ROLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)


def own_keys() -> KeySource:
    """The default chain of the SDK, asked anew for every call (it renews what expires).

    Raises (from the returned function):
        CloudError: when no source has credentials, or another call has been waiting for one for long.
    """
    lock = threading.Lock()
    chain: list[Any] = []

    def keys() -> Keys:
        try:
            # the chain remembers its first success without a lock of its own
            if not lock.acquire(timeout=KEYS_SECONDS):
                raise _too_slow("the worker's own credentials")
            try:
                if not chain:
                    chain.append(CredentialClient())
                found = chain[0].get_credential()
            finally:
                lock.release()
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
    """Credentials, and when they are renewed, when a call waits for that, and when they end (monotonic seconds)."""

    keys: Keys
    renew_at: float
    wait_at: float
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
        self._renewals: dict[tuple[str, str], Future[_Session]] = {}

    def keys(self, role: str, execution_id: str, region_id: str, patience: float) -> Keys:
        """Credentials of the role that are good for a while yet; waits for them at most ``patience`` seconds.

        Raises:
            CloudError: when the role can't be assumed, with what to do about it. Its proof is never UNKNOWN: the call
                for which the credentials were wanted has not been made.
        """
        if not _ROLE_NAME.fullmatch(role):
            raise refused("InvalidRamRole", f"{role!r} is not the name of a RAM role, such as OOSServiceRole")
        key = (role, execution_id)
        current = self._current(key, region_id)
        if isinstance(current, _Session):
            return current.keys
        try:
            return current.result(patience).keys
        except TimeoutError:
            failure, retry_after = _too_slow(f"the credentials of the RAM role {role!r}").failure, 0.0
        except CloudError as error:
            failure, retry_after = _not_assumed(role, error), error.retry_after
        session = self._sessions.get(key)
        if failure.proof == RETRIABLE and session is not None and time.monotonic() < session.expires_at:
            return session.keys  # renewed early, so that a hiccup of STS needn't be felt
        # an exception of its own: the one in the renewal belongs to all that wait for it
        raise CloudError(failure, retry_after=retry_after)

    def _current(self, key: tuple[str, str], region_id: str) -> "_Session | Future[_Session]":
        """The session when it is good for a while yet, else its renewal; one that is due is started."""
        now = time.monotonic()
        with self._lock:
            session = self._sessions.get(key)
            if session is not None and now < session.renew_at:
                return session
            renewal = self._renewals.get(key)
            if renewal is None:
                renewal = self._renewals[key] = Future()
                threading.Thread(target=self._renew, args=(key, region_id, renewal), daemon=True).start()
            return session if session is not None and now < session.wait_at else renewal

    def _renew(self, key: tuple[str, str], region_id: str, renewal: Future[_Session]) -> None:
        try:
            session = self._assume(*key, region_id)
        except BaseException as error:
            self._end(key, None)
            renewal.set_exception(error)
        else:
            self._end(key, session)
            renewal.set_result(session)

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
        return _Session(keys, now + seconds * _RENEW_AFTER, now + seconds * _WAIT_AFTER, now + seconds)

    def _sts(self, action: str, query: dict[str, str], region_id: str) -> dict[str, Any]:
        endpoint = self._endpoint or Utils.get_endpoint_rules("sts", region_id, "regional", "")
        call = Call(endpoint, action, _STS_VERSION, query)
        # the thread is new, it has no connection to use again
        return self._transport.send_fresh(call, self._own(), read_timeout=_STS_SECONDS)

    def _end(self, key: tuple[str, str], session: _Session | None) -> None:
        """Ends a renewal: stores what it brought, and forgets the sessions of executions that ended long ago."""
        now = time.monotonic()
        with self._lock:
            del self._renewals[key]
            if session is None:
                return
            self._sessions = {other: kept for other, kept in self._sessions.items() if kept.expires_at >= now}
            self._sessions[key] = session


def session_name(execution_id: str) -> str:
    """The execution's id as a role session name: 2 to 64 characters of those that STS allows."""
    name = re.sub(r"[^A-Za-z0-9.@_-]", "-", execution_id)[:64]
    return name if len(name) >= 2 else f"caboose-{name}"


def _too_slow(what: str) -> CloudError:
    return CloudError(CallFailure("CredentialsTimeout", f"{what} didn't come in time", RETRIABLE))


def _not_assumed(role: str, error: CloudError) -> CallFailure:
    """Why a role can't be assumed. Whatever became of AssumeRole, the call that wanted the role was not made."""
    failure = error.failure
    proof = REFUSED if failure.proof == REFUSED else RETRIABLE
    return replace(failure, proof=proof, message=_advice(role, failure))


def _advice(role: str, failure: CallFailure) -> str:
    return (
        f"the RAM role {role!r} can't be assumed: {failure.code}: {failure.message} "
        f"The role must exist and trust the worker's account "
        f"(a role that trusts only the OOS service doesn't), and the worker's user must be allowed sts:AssumeRole; "
        f"or start with OOSAssumeRole='' to use the worker's own credentials."
    )
