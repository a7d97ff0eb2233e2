"""The key by which entries are chained, and how far each chain was: two files of the instance, never in the database or its backups.

The file of the key has one key a line, the newest last: with it entries are sealed, with the others those of before are checked.
Beside it the file `.heads` notes the last number and code of each chain, so that it is seen when the end of one was cut off.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import orjson

from geoapp.errors import SetupError
from geoapp.settings import Settings

BYTES = 32


@dataclass(frozen=True)
class Keys:
    """The keys of an instance by the names that entries give them, and where they are."""

    path: Path
    by_name: dict[str, bytes]
    newest: str

    @property
    def heads_path(self) -> Path:
        """Where it is noted how far each chain was."""
        return self.path.with_name(self.path.name + ".heads")

    def heads(self) -> dict[int, tuple[int, bytes]]:
        """By operation (0 is the instance) the last number and code that were noted. Raises SetupError for a file that cannot be read."""
        try:
            said = orjson.loads(self.heads_path.read_bytes())
            return {int(about): (int(number), bytes.fromhex(mac)) for about, (number, mac) in said.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise SetupError(
                f"{self.heads_path}, which notes how far the audit was, cannot be read: {error}.",
                hint="Look who changed it. Without it the end of a chain can be cut off unseen.",
            ) from error

    def note(self, heads: dict[int, tuple[int, bytes]]) -> None:
        """Note how far chains are now. Raises SetupError when it cannot be written."""
        told = {str(about): (number, mac.hex()) for about, (number, mac) in sorted((self.heads() | heads).items())}
        _write(self.heads_path, orjson.dumps(told))


def path_of(settings: Settings) -> Path:
    """Where the key is: as the operator says, else in the data folder."""
    return settings.audit_key_file or settings.home / "audit.key"


def keys_of(settings: Settings, *, make: bool = True) -> Keys | None:
    """The keys of this instance; the first is made where there is none, unless that is not to be: then None.

    Raises SetupError for a file that others can read or that holds no key.
    """
    path = path_of(settings)
    if not path.exists():
        if not make:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _new(path)
        except FileExistsError:  # another process of this instance was first
            return keys_of(settings)
    return _read(path)


def rotate(settings: Settings) -> Keys:
    """A new key, with which entries are sealed from now on; those of before are checked with theirs. Raises SetupError."""
    path = path_of(settings)
    keys_of(settings)
    _write(path, path.read_bytes() + secrets.token_hex(BYTES).encode() + b"\n")
    return _read(path)


def name_of(key: bytes) -> str:
    """By what entries say which key they were sealed with; it tells nothing of the key."""
    return hashlib.sha256(b"geoapp audit " + key).hexdigest()[:12]


def _read(path: Path) -> Keys:
    try:
        mode, lines = path.stat().st_mode, path.read_text(encoding="ascii").split()
        found = [bytes.fromhex(line) for line in lines]
    except (OSError, ValueError) as error:
        raise SetupError(
            f"The key of the audit in {path} cannot be read: {error}.", hint="See GEOAPP_AUDIT_KEY_FILE."
        ) from error
    if not found or any(len(key) != BYTES for key in found):
        raise SetupError(f"{path} holds no key of the audit.", hint="See GEOAPP_AUDIT_KEY_FILE.")
    if mode & 0o077:
        raise SetupError(f"Others can read the key of the audit in {path}.", hint=f"chmod 600 {path}")
    by_name = {name_of(key): key for key in found}
    return Keys(path, by_name, name_of(found[-1]))


def _new(path: Path) -> None:
    """Make the file of the first key, whole or not at all. Raises FileExistsError."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        _fill(fresh, secrets.token_hex(BYTES).encode() + b"\n")
        os.link(fresh, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise SetupError(
            f"The key of the audit could not be kept in {path}: {error.strerror}.", hint="See GEOAPP_AUDIT_KEY_FILE."
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    """Replace a file of the caller alone, whole or not at all."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        _fill(fresh, data)
        fresh.replace(path)
    except OSError as error:
        raise SetupError(f"{path} could not be written: {error.strerror}.", hint="Is the disk full?") from error
    finally:
        fresh.unlink(missing_ok=True)


def _fill(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
