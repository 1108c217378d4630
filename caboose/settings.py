"""Settings: one class, read from the environment with the prefix ``CABOOSE_``.

State that must outlive a process but that nobody wants to type (link keys, the API token) is made on first use in the
data folder, readable by its owner only. The address of Temporal comes from Temporal's own ``TEMPORAL_*`` variables.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

SAFETY_CHECKS = ("ConfirmEveryHighRiskAction", "Skip")


class Settings(BaseSettings):
    """Every setting of every process. Values that are secrets are ``SecretStr``, so that no log prints them."""

    model_config = SettingsConfigDict(env_prefix="CABOOSE_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".caboose"), description="Folder of the store, the keys and the API token.")
    database_url: str = Field("", description="URL of the store; by default caboose.db in the data folder.")
    task_queue: str = Field("caboose", description="Temporal task queue of workers and starters.")
    library_path: Annotated[list[Path], NoDecode] = Field(
        default_factory=list,
        description="More folders of product actions and templates, separated by colons.",
    )
    max_template_bytes: int = Field(
        64 * 1024,  # OOS's own limit
        ge=1024,
        le=1_000_000,  # the API takes no larger body, and a compiled template is no larger
        description="Bytes that a template may have, of UTF-8.",
    )

    region: str = Field("", description="Region of executions that name none, such as cn-hangzhou.")
    safety_check: str = Field("ConfirmEveryHighRiskAction", description="SafetyCheck of executions that name none.")
    trust_names: bool = Field(
        False,
        description="Whether the names that come with decisions count for Approvers and MinRequiredApprovals, although "
        "nothing proves them.",
    )
    account_id: str = Field("", description="Number of the main account, for templates that name ACS::AccountId.")
    oosutil_version: str = Field("", description="Version of oosutil, for templates that name ACS::OOSUtilVersion.")
    ecs_endpoint: str = Field("", description="host[:port] of ECS; by default the region's public endpoint.")
    sts_endpoint: str = Field("", description="host[:port] of STS; by default the public endpoint.")
    cloud_protocol: str = Field("https", description="https, or http for a simulator.")
    cloud_read_timeout: float = Field(
        30,
        gt=0,
        le=60,  # the workflow gives a call that changes something two minutes, waiting for keys included
        description="Seconds to wait for the answer of a cloud call, at most 60.",
    )

    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8000, description="Port the API listens on.")
    public_url: str = Field("", description="Base of approval links; required unless the API listens on loopback.")
    api_url: str = Field("", description="Where clients find the API; by default its host and port.")
    token: SecretStr = Field(SecretStr(""), description="Bearer token of the API; by default kept in the data folder.")
    token_name: str = Field("admin", description="Who the bearer token stands for in ExecutedBy and decisions.")
    link_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Keys of approval links, separated by commas: the first signs, all verify.",
    )
    link_days: float = Field(30, gt=0, le=3650, description="Days after which an approval link no longer opens.")

    webhook_secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='JSON map from a robot\'s webhook URL (or its access_token) to its signing secret "SEC...".',
    )
    reachable_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description=(
            "Hosts within your network that templates may send HTTP requests and mails to, as host or host:port, "
            "separated by commas; public ones need no entry."
        ),
    )
    simulator_url: str = Field("", description="Base URL of a simulator whose robot is treated like DingTalk's hosts.")

    @field_validator("library_path", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        return [Path(part) for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("reachable_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return [part.strip().lower() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("link_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("safety_check")
    @classmethod
    def _known_safety_check(cls, value: str) -> str:
        if value not in SAFETY_CHECKS:
            raise ValueError(f"must be one of {', '.join(SAFETY_CHECKS)}")
        return value

    @field_validator("cloud_protocol")
    @classmethod
    def _known_protocol(cls, value: str) -> str:
        if value not in ("http", "https"):
            raise ValueError("must be http or https")
        return value

    @property
    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach the API."""
        return self.api_host in ("127.0.0.1", "::1", "localhost")

    def store_url(self) -> str:
        """The store's SQLAlchemy URL; makes the data folder for the default one."""
        if self.database_url:
            return self.database_url
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{(self.data_dir / 'caboose.db').absolute()}"

    def base_url(self) -> str:
        """The base of every approval link (never taken from a Host header: design section 6).

        Raises:
            ValueError: when the API is reachable from elsewhere and CABOOSE_PUBLIC_URL isn't set.
        """
        if self.public_url:
            return self.public_url.rstrip("/")
        if not self.listens_on_loopback:
            raise ValueError(
                "CABOOSE_PUBLIC_URL is required when the API listens on another address than loopback: "
                "it is the base of every approval link, such as https://caboose.example.com"
            )
        return self._own_url()

    def client_url(self) -> str:
        """Where the CLI finds the API."""
        return (self.api_url or self._own_url()).rstrip("/")

    def _own_url(self) -> str:
        host = f"[{self.api_host}]" if ":" in self.api_host else self.api_host
        return f"http://{host}:{self.api_port}"

    def api_token(self) -> str:
        """The API's bearer token, made in the data folder when it isn't set."""
        return self.token.get_secret_value() or kept_secret(self.data_dir / "token")

    def approval_keys(self) -> list[str]:
        """The keys of approval links, first the one that signs."""
        if self.link_keys:
            return [key.get_secret_value() for key in self.link_keys]
        return [kept_secret(self.data_dir / "link-key")]


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        ValueError: names each variable that can't be used and why; its value, which may be secret, isn't shown.
    """
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        if isinstance(error, SettingsError):
            raise ValueError(f"a CABOOSE_ variable can't be read: {error}") from None
        named = [f"CABOOSE_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise ValueError("; ".join(named)) from None


def kept_secret(path: Path) -> str:
    """The secret in ``path``, made there (mode 0600) when the file isn't there yet.

    Several processes may ask at once: the file is written under another name and linked into place, so that exactly
    one of them makes it and nobody reads half of it.

    Raises:
        ValueError: the file is there and empty; an empty key would verify what anybody can make.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first: its secret is the one
        finally:
            draft.unlink()
    secret = path.read_text().strip()
    if not secret:
        raise ValueError(f"{path} is empty; remove it, and a new secret is made")
    return secret
