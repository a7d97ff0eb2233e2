"""What the operator decides: read once, at the door, from the environment (`GEOAPP_…`)."""

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
    workers: int | None = Field(default=None, ge=1, le=64)
    """Server processes of `geoapp serve`; one a core unless said."""
    job_lost_seconds: float = Field(default=15, gt=0)
    """After how long a worker that is not heard of is given up, and its job begun once more."""
    auth: Literal["none"] = "none"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str | None = None
    """The address that links in answers begin with, where a proxy stands in front."""
    organisation: str | None = None

    @model_validator(mode="after")
    def _no_accounts_no_network(self) -> "Settings":
        if self.auth == "none" and not is_loopback(self.host):
            raise ValueError(
                f"GEOAPP_AUTH=none shows everything to whoever asks, so it only listens on this machine:"
                f" {self.host!r} is not a loopback address. Use 127.0.0.1."
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
