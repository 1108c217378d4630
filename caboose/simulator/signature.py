"""ACS3-HMAC-SHA256, the signature of every cloud call, from the side of the server.

Written from the published rules and proven with their published example; nothing of the SDK is used, so that a client's
mistake and the server's can't cancel each other. The older HMAC-SHA1 form is refused: Caboose never sends it.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from caboose.simulator.errors import CloudError
from caboose.simulator.keys import AccessKey, Keys

ALGORITHM = "ACS3-HMAC-SHA256"
LARGEST_SKEW_SECONDS = 15 * 60
# These decide what the call does: a signature that leaves one of them out protects nothing.
ALWAYS_SIGNED = ("host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version")


@dataclass(frozen=True)
class SignedRequest:
    """The parts of a request that its signature covers. Header names are in lower case, the query is decoded."""

    method: str
    path: str
    query: Iterable[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


def canonical_request(request: SignedRequest, signed_headers: Iterable[str]) -> str:
    """The text that both sides build from a request."""
    names = list(signed_headers)
    # The query arrives in a browser's encoding (space as +) and is signed in RFC 3986's: decoded there, encoded here.
    query = "&".join(f"{_encode(key)}={_encode(value)}" for key, value in sorted(request.query))
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    payload = hashlib.sha256(request.body).hexdigest()
    return "\n".join([request.method, request.path, query, headers, ";".join(names), payload])


def signature(canonical: str, secret: str) -> str:
    """The signature of a canonical request under a secret."""
    string_to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()


def _encode(text: str) -> str:
    return quote(text, safe="~")


class Verifier:
    """Checks calls against the known keys; remembers nonces, for a call may be sent only once."""

    def __init__(self, keys: Keys, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._clock = clock
        self._nonces: dict[str, float] = {}

    def verify(self, request: SignedRequest) -> AccessKey:
        """The key that signed the request.

        Raises:
            CloudError: with the cloud's own code when the call isn't to be trusted.
        """
        headers = request.headers
        credential, signed_headers, claimed = _authorization(headers.get("authorization", ""))
        key = self._keys.find(credential)
        self._check_date(headers.get("x-acs-date", ""))
        present = {name for name in headers if name.startswith("x-acs-")} | set(ALWAYS_SIGNED)
        unsigned = sorted(present - set(signed_headers))
        if unsigned:
            text = f"These headers must be there and be signed: {', '.join(unsigned)}."
            raise CloudError(400, "IncompleteSignature", text)
        canonical = canonical_request(request, signed_headers)
        sent_hash = headers.get("x-acs-content-sha256", "")
        if sent_hash != hashlib.sha256(request.body).hexdigest() or not hmac.compare_digest(
            signature(canonical, key.secret), claimed
        ):
            raise CloudError(
                400,
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation. server string to sign is:"
                f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}",
            )
        self._keys.check_token(key, headers.get("x-acs-security-token", ""))
        self._use_nonce(f"{key.id} {headers['x-acs-signature-nonce']}")
        return key

    def _check_date(self, text: str) -> None:
        try:
            sent = datetime.fromisoformat(text).timestamp()
        except ValueError:
            raise CloudError(
                400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
            ) from None
        if abs(self._clock() - sent) > LARGEST_SKEW_SECONDS:
            raise CloudError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")

    def _use_nonce(self, nonce: str) -> None:
        now = self._clock()
        if self._nonces.get(nonce, 0) > now:
            raise CloudError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        # Kept as long as a repetition could have a date that passes; then the old ones are dropped together.
        self._nonces[nonce] = now + 2 * LARGEST_SKEW_SECONDS
        if len(self._nonces) > 100_000:
            self._nonces = {known: until for known, until in self._nonces.items() if until > now}


def _authorization(header: str) -> tuple[str, list[str], str]:
    algorithm, _, rest = header.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    try:
        found = fields["Credential"], fields["SignedHeaders"].split(";"), fields["Signature"]
    except KeyError:
        found = None
    if algorithm != ALGORITHM or found is None:
        raise CloudError(
            400,
            "IncompleteSignature",
            f"There must be a header Authorization: {ALGORITHM} Credential=...,SignedHeaders=...,Signature=...",
        )
    return found
