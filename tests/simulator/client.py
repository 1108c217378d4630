"""A bare client of the simulated cloud: signs by hand, so that a test can get every part of a call wrong."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.models import Config

from caboose.simulator.signature import ALGORITHM, SignedRequest, canonical_request, signature
from tests.support.simulator import ACCESS_KEY_ID, ACCESS_KEY_SECRET, Simulator

ECS = "2014-05-26"
STS = "2015-04-01"

# One for all: making a client loads the certificates of the world, which takes longer than a test.
http = httpx.Client(timeout=30, trust_env=False)


@dataclass
class CallOptions:
    """How a call is sent, right by default."""

    version: str = ECS
    key_id: str = ACCESS_KEY_ID
    secret: str = ACCESS_KEY_SECRET
    token: str = ""
    method: str = "POST"
    form: bool = False
    date: str = ""
    nonce: str = ""
    unsigned: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()
    changed: Mapping[str, str] = field(default_factory=dict)


def call(
    simulator: Simulator, action: str, parameters: Mapping[str, str] | None = None, **options: Any
) -> httpx.Response:
    """Make one cloud call; the options are CallOptions' fields."""
    given = CallOptions(**options)
    encoded = urlencode(parameters or {})
    body = encoded.encode() if given.form else b""
    query = [] if given.form else list((parameters or {}).items())
    headers = {
        "host": simulator.endpoint,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": given.date or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": given.nonce or secrets.token_hex(16),
        "x-acs-version": given.version,
        **({"x-acs-security-token": given.token} if given.token else {}),
    }
    signed = sorted(set(headers) - given.unsigned)
    canonical = canonical_request(SignedRequest(given.method, "/", query, headers, body), signed)
    headers["authorization"] = (
        f"{ALGORITHM} Credential={given.key_id},SignedHeaders={';'.join(signed)}"
        f",Signature={signature(canonical, given.secret)}"
    )
    headers = {name: value for name, value in {**headers, **given.changed}.items() if name not in given.leave_out}
    if given.form:
        headers["content-type"] = "application/x-www-form-urlencoded"
    url = f"{simulator.url}/?{'' if given.form else encoded}"
    return http.request(given.method, url, headers=headers, content=body)


def sdk(simulator: Simulator, **config: str) -> EcsClient:
    """The official ECS client on the simulator."""
    config = {"access_key_id": ACCESS_KEY_ID, "access_key_secret": ACCESS_KEY_SECRET, **config}
    return EcsClient(Config(region_id="cn-hangzhou", endpoint=simulator.endpoint, protocol="http", **config))


def eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether something comes true before a limit that only a broken simulator meets."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False
