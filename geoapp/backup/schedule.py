"""When is the next backup due? A folder of the operator's, a file every so many hours, the newest of them kept."""

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from geoapp.backup.dump import create
from geoapp.backup.sealed import Key, check
from geoapp.errors import GeoappError, SetupError
from geoapp.settings import Settings

_NAME, _FORM = "geoapp-*.backup", "geoapp-%Y%m%dT%H%M%SZ.backup"
_LOOK_S = 60.0


def key_of(settings: Settings) -> Key:
    """What the operator closes backups with. Raises BadRequest when that is nothing, or will not do."""
    secret = settings.backup_passphrase
    key = Key(
        passphrase=secret.get_secret_value() if secret else None,
        recipients=tuple((settings.backup_recipient or "").replace(",", " ").split()),
    )
    check(key)
    return key


def kept(folder: Path) -> list[Path]:
    """The backups that the timer made and that are still there, newest first."""
    return sorted((p for p in folder.glob(_NAME) if _moment(p)), reverse=True)


def age_hours(folder: Path, now: datetime) -> float | None:
    """How old the newest backup of the timer is; None when there is none."""
    newest = next(iter(kept(folder)), None)
    made = _moment(newest) if newest else None
    return (now - made).total_seconds() / 3600 if made else None


def back_up_if_due(settings: Settings, owner_url: str, now: datetime) -> Path | None:
    """Make a backup when the newest is older than the operator wants, then remove what is more than is kept.

    The new file; None when none was due or another process makes one. Raises what `create` raises.
    """
    folder = settings.backup_dir
    if folder is None:
        return None
    with _alone(folder) as alone:
        age = age_hours(folder, now)
        if not alone or (age is not None and age < settings.backup_every):
            return None
        for left in folder.glob(f".{_NAME}-*"):  # by a process that was killed
            left.unlink()
        target = folder / now.strftime(_FORM)
        create(owner_url, target, key_of(settings), lambda *_: None)
        for old in kept(folder)[settings.backup_keep :]:
            old.unlink()
    return target


@contextmanager
def timer(settings: Settings, owner_url: str) -> Iterator[None]:
    """Within it backups are made when they are due, in a thread. Raises BadRequest, SetupError when they could not be made at all."""
    if settings.backup_dir is None:
        yield
        return
    key_of(settings)
    with _alone(settings.backup_dir):
        pass
    ended = threading.Event()
    log = logging.getLogger("geoapp")

    def run() -> None:
        while True:
            try:
                if made := back_up_if_due(settings, owner_url, datetime.now(UTC)):
                    log.info("Backup %s was made.", made)
            except (GeoappError, OSError) as error:
                log.error("No backup could be made: %s", error.line() if isinstance(error, GeoappError) else error)
            if ended.wait(_LOOK_S):
                return

    thread = threading.Thread(target=run, name="backup", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process makes backups in this folder meanwhile. Raises SetupError when it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(
            f"Backups cannot be written to {folder}: {error.strerror}.", hint="See GEOAPP_BACKUP_DIR."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _moment(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
