"""What the operator decides: read once, at the door, from the environment (`GEOAPP_…`)."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _home() -> Path:
    return Path.home() / ".local" / "share" / "geoapp"


class Settings(BaseSettings):
    """Settings of one instance. Secrets cannot print themselves."""

    model_config = SettingsConfigDict(env_prefix="GEOAPP_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=_home)
    """The data folder; one per instance."""
    database_url: SecretStr | None = None
    """A PostgreSQL server to use instead of the private one, as `postgresql://user:password@host/database`."""
    migrate_url: SecretStr | None = None
    """The owner's login, where it is not that of `database_url`."""
    direct_url: SecretStr | None = None
    """The application's login past a pooler such as pgBouncer, for workers and caches, which listen; `database_url` without one."""
    read_urls: SecretStr | None = None
    """The application's logins to streaming replicas, separated by spaces, for reading."""
    workers: int | None = Field(default=None, ge=1, le=64)
    """Server processes of `geoapp serve`; one a core unless said."""
    jobs_at_once: int = Field(default=2, ge=1, le=32)
    """How many jobs one worker does at once."""
    log: Literal["json", "console", "auto"] = "auto"
    """How lines of the log are written; `auto` is console on a terminal, else JSON."""
    slow_statement_ms: float = Field(default=1000, ge=0)
    """Statements that take longer are told in the log, without their values."""
    job_lost_seconds: float = Field(default=15, gt=0)
    """After how long a worker that is not heard of is given up, and its job begun once more."""
    auth: Literal["none", "accounts"] = "none"
    """`none` is for one person at this machine, as in the exercise; with `accounts` people sign in."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str | None = None
    """The address that links in answers begin with, where a proxy stands in front."""
    organisation: str | None = None
    contact: str | None = None
    """Whom maps on paper name for corrections, such as an address; the organisation unless said."""
    audit_key_file: Path | None = None
    """The key by which the audit is chained; `audit.key` in the data folder unless said. It is made where there is none."""
    backup_dir: Path | None = None
    """Where `geoapp serve` keeps backups; none are made without it."""
    backup_every: float = Field(default=24, gt=0)
    """Hours from one backup to the next."""
    backup_keep: int = Field(default=14, ge=1)
    """How many of them are kept."""
    backup_passphrase: SecretStr | None = None
    field_passphrase: SecretStr | None = None
    """Of a field copy, where it is not typed and in no file: never that of the backups, which people in the field must not know."""
    backup_recipient: str | None = None
    """age's public keys, `age1…`, instead of a passphrase: then nothing on this machine can open a backup."""

    def replicas(self) -> list[str]:
        """The logins to replicas."""
        return [with_driver(url) for url in self.read_urls.get_secret_value().split()] if self.read_urls else []

    @model_validator(mode="after")
    def _no_accounts_no_network(self) -> "Settings":
        if self.auth == "none" and not is_loopback(self.host):
            raise ValueError(
                f"GEOAPP_AUTH=none shows everything to whoever asks, so it only listens on this machine:"
                f" {self.host!r} is not a loopback address. Use 127.0.0.1, or GEOAPP_AUTH=accounts."
            )
        if not is_loopback(self.host) and not self.secure:
            raise ValueError(
                "Passwords and records never go over a line that others can read: set GEOAPP_PUBLIC_URL to the https:// address"
                " of the proxy that stands in front."
            )
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach it by HTTPS."""
        return (self.public_url or "").startswith("https://")


def with_driver(url: str) -> str:
    """A PostgreSQL address as SQLAlchemy wants it."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
