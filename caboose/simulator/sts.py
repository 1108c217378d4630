"""STS: who am I, and the temporary credentials of a role.

A role trusts the account or only a service. The second kind is what the official example names by default
(`OOSServiceRole` trusts OOS alone), and what everybody who runs OOS templates elsewhere meets first.
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from caboose.simulator.errors import CloudError, missing_parameter
from caboose.simulator.keys import ACCOUNT_ID, AccessKey, Keys

VERSION = "2015-04-01"
SHORTEST_SESSION_SECONDS = 900
ROLE_ARN = re.compile(r"acs:ram::(\d+):role/([A-Za-z0-9.@_-]+)")
SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")


class Role(BaseModel):
    """A RAM role: `Trusted` means that users of the account may assume it."""

    model_config = ConfigDict(extra="forbid")

    RoleName: str
    Trusted: bool = True
    MaxSessionDuration: int = 3600


ROLE_LIST: TypeAdapter[list[Role]] = TypeAdapter(list[Role])
DEFAULT_ROLES = (Role(RoleName="OpsRole"), Role(RoleName="OOSServiceRole", Trusted=False))


class Sts:
    """The two calls of STS that Caboose needs."""

    def __init__(self, keys: Keys, max_credential_seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._max_credential_seconds = max_credential_seconds
        self._clock = clock
        self._roles: dict[str, Role] = {}
        self.replace_roles(DEFAULT_ROLES)
        self.actions: dict[str, Callable[[Mapping[str, str], AccessKey], dict[str, Any]]] = {
            "GetCallerIdentity": self._get_caller_identity,
            "AssumeRole": self._assume_role,
        }

    def replace_roles(self, roles: Any) -> int:
        """Make these the account's roles.

        Raises:
            pydantic.ValidationError: when they aren't a list of roles.
        """
        checked = ROLE_LIST.validate_python(list(roles))
        self._roles = {role.RoleName.lower(): role for role in checked}  # RAM takes a role's name in any case
        return len(checked)

    def _get_caller_identity(self, _parameters: Mapping[str, str], caller: AccessKey) -> dict[str, Any]:
        if caller.role:
            return {
                "IdentityType": "AssumedRoleUser",
                "AccountId": ACCOUNT_ID,
                "PrincipalId": f"{_number(caller.role)}:{caller.session}",
                "RoleId": _number(caller.role),
                "Arn": f"acs:ram::{ACCOUNT_ID}:assumed-role/{caller.role.lower()}/{caller.session}",
            }
        return {
            "IdentityType": "RAMUser",
            "AccountId": ACCOUNT_ID,
            "PrincipalId": _number(caller.user),
            "UserId": _number(caller.user),
            "Arn": f"acs:ram::{ACCOUNT_ID}:user/{caller.user}",
        }

    def _assume_role(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        role = self._role(parameters.get("RoleArn", ""))
        session = parameters.get("RoleSessionName", "")
        if not session:
            raise missing_parameter("RoleSessionName")
        if not SESSION_NAME.fullmatch(session):
            text = "The parameter RoleSessionName is wrongly formed."
            raise CloudError(400, "InvalidParameter.RoleSessionName", text)
        seconds = self._seconds(parameters.get("DurationSeconds", ""), role)
        key = self._keys.issue(role.RoleName, session, self._clock() + min(seconds, self._max_credential_seconds))
        return {
            "AssumedRoleUser": {
                "Arn": f"acs:ram::{ACCOUNT_ID}:assumed-role/{role.RoleName.lower()}/{session}",
                "AssumedRoleId": f"{_number(role.RoleName)}:{session}",
            },
            "Credentials": {
                "AccessKeyId": key.id,
                "AccessKeySecret": key.secret,
                "SecurityToken": key.token,
                "Expiration": _whole_seconds(key.expires or 0),
            },
        }

    def _role(self, arn: str) -> Role:
        if not arn:
            raise missing_parameter("RoleArn")
        match = ROLE_ARN.fullmatch(arn)
        if match is None:
            raise CloudError(400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
        role = self._roles.get(match[2].lower()) if match[1] == ACCOUNT_ID else None
        if role is None:
            raise CloudError(404, "EntityNotExist.Role", f"The role not exists: {arn}.")
        if not role.Trusted:
            raise CloudError(
                403,
                "NoPermission",
                "You are not authorized to do this action. You should be authorized by RAM.",
            )
        return role

    def _seconds(self, text: str, role: Role) -> float:
        seconds = int(text) if text.isdecimal() else 3600 if not text else 0
        if not SHORTEST_SESSION_SECONDS <= seconds <= role.MaxSessionDuration:
            raise CloudError(
                400,
                "InvalidParameter.DurationSeconds",
                f"DurationSeconds is from {SHORTEST_SESSION_SECONDS} to {role.MaxSessionDuration} for this role.",
            )
        return seconds


def _whole_seconds(moment: float) -> str:
    # Rounded down: a client that trusts the answer must not come too late.
    return datetime.fromtimestamp(math.floor(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(name: str) -> str:
    # The cloud's ids of users and roles are numbers; any fixed one does.
    return f"3{sum(ord(letter) * 131**place for place, letter in enumerate(name)) % 10**14:014d}"
