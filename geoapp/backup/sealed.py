"""How a backup is encrypted: a stream in age's format (age-encryption.org), every byte of the file under its seal.

    geoapp backup 1\\n | length | the body's key, encrypted with the passphrase | the body, encrypted to its key

With recipients the key in between is empty and the body is encrypted to them. The body begins with the hash of what
stands before it, so that no byte of the file can change unnoticed.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import pyrage

from geoapp.errors import BadRequest, NotFound, Refused

MAGIC = b"geoapp backup 1\n"
SHORTEST = 12
"""Characters that a passphrase has at least."""
_LONGEST = 4096
"""Bytes that an encrypted key may have."""


@dataclass(frozen=True)
class Key:
    """What a file is closed or opened with: a passphrase, or age's keys: public ones close, an identity opens."""

    passphrase: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] = ()
    identity: str | None = field(default=None, repr=False)


class Readable(Protocol):
    """Something that bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""
        ...


class Source:
    """Bytes, then a stream, read as one; `told` hears how many bytes were read so far."""

    def __init__(self, before: bytes, stream: Readable, told: Callable[[int], None]) -> None:
        self._before, self._stream, self._told, self._count = before, stream, told, 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""
        if self._before:
            taken = self._before if size < 0 else self._before[:size]
            self._before = self._before[len(taken) :]
        else:
            taken = self._stream.read(size)
        self._count += len(taken)
        self._told(self._count)
        return taken


def check(key: Key) -> list[pyrage.x25519.Recipient]:
    """The recipients that a key names, none for a passphrase. Raises BadRequest when a file cannot be closed with it."""
    recipients = [_recipient(text) for text in key.recipients]
    if not recipients and len(key.passphrase or "") < SHORTEST:
        raise BadRequest(
            f"A backup is encrypted: with an age recipient, or a passphrase of at least {SHORTEST} characters.",
            hint="Set GEOAPP_BACKUP_RECIPIENT or GEOAPP_BACKUP_PASSPHRASE; take several words, not one.",
        )
    return recipients


def seal(start: bytes, stream: Readable, target: IO[bytes], key: Key, told: Callable[[int], None]) -> None:
    """Encrypt `start` and then a stream into `target`, in bounded memory. Raises BadRequest for a key that will not do."""
    wrapped, recipients = b"", check(key)
    if not recipients:
        own = pyrage.x25519.Identity.generate()
        recipients = [own.to_public()]
        wrapped = pyrage.passphrase.encrypt(str(own).encode(), key.passphrase or "")
    head = MAGIC + len(wrapped).to_bytes(4, "big") + wrapped
    target.write(head)
    pyrage.encrypt_io(Source(hashlib.sha256(head).digest() + start, stream, told), target, recipients)


def needs_passphrase(path: Path) -> bool:
    """Whether a passphrase opens this file, and not an age key. Raises NotFound and Refused."""
    with _file(path) as file:
        return len(_head(file)[0]) > 0


@contextmanager
def unsealed(path: Path, key: Key, told: Callable[[int], None]) -> Iterator[IO[bytes]]:
    """A pipe from which the body of a file is read; Refused at the end of the context when the file is damaged.

    Each byte that was read is as it was written, but only the end says that it was all. Raises BadRequest for a key
    that is none, and NotFound.
    """
    with _file(path) as file:
        wrapped, digest = _head(file)
        identities = _identities(wrapped, key)
        readable, writable = os.pipe()
        failed: list[Exception] = []

        def decrypt() -> None:
            with open(writable, "wb") as sink:  # noqa: PTH123 - a pipe
                try:
                    pyrage.decrypt_io(Source(b"", file, told), sink, identities)
                    sink.flush()
                except BrokenPipeError:
                    sink.detach()  # the reader has left, and says why
                    os.close(writable)
                except (OSError, pyrage.DecryptError) as error:
                    failed.append(error)

        thread = threading.Thread(target=decrypt, name="decrypt", daemon=True)
        thread.start()
        # unbuffered: what is not read here is for the program that gets the pipe
        pipe = open(readable, "rb", buffering=0)  # noqa: PTH123, SIM115 - a pipe, closed below
        try:
            if exactly(pipe, len(digest)) != digest:
                raise _damaged()
            yield pipe
        except Exception:
            pipe.close()
            thread.join()
            if failed:
                raise _damaged() from failed[0]
            raise
        pipe.close()
        thread.join()
        if failed:
            raise _damaged() from failed[0]


def exactly(stream: IO[bytes], size: int) -> bytes:
    """So many bytes of a pipe; fewer at its end."""
    parts = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _file(path: Path) -> IO[bytes]:
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", hint="Check the path.")
    return path.open("rb")


def _head(file: IO[bytes]) -> tuple[bytes, bytes]:
    """The encrypted key that a file begins with, and the hash of all that stands before the body. Raises Refused."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        other = magic.startswith(MAGIC[:14])
        raise Refused(
            "This backup is of a form that this version of geoapp does not read." if other else "This is no backup of geoapp, or its first bytes are damaged.",
            hint="Restore it with the version that made it." if other else "Nothing was touched.",
        )  # fmt: skip
    length = file.read(4)
    size = int.from_bytes(length, "big")
    wrapped = file.read(min(size, _LONGEST))
    if len(length) < 4 or len(wrapped) != size:
        raise _damaged()
    return wrapped, hashlib.sha256(magic + length + wrapped).digest()


def _identities(wrapped: bytes, key: Key) -> list[pyrage.x25519.Identity]:
    if wrapped:
        if not key.passphrase:
            raise BadRequest("This file opens with a passphrase.", hint="GEOAPP_BACKUP_PASSPHRASE or --passphrase-file")
        try:
            text = pyrage.passphrase.decrypt(wrapped, key.passphrase).decode()
            return [pyrage.x25519.Identity.from_str(text)]
        except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
            raise Refused(
                "The passphrase does not open this file, or its first bytes are damaged.", hint="Nothing was touched."
            ) from error
    if not key.identity:
        raise BadRequest("This file opens with an age identity.", hint="--identity FILE")
    lines = [line.strip() for line in key.identity.splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BadRequest("That is no age identity.", hint="age-keygen makes one: AGE-SECRET-KEY-1…") from error


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise BadRequest(f"{text[:80]!r} is no age recipient.", hint="A public key looks like age1….") from error


def _damaged() -> Refused:
    return Refused(
        "The file is damaged or cut off, or was made for another key: it does not open to its end.",
        hint="Nothing was touched. Take another copy of this backup, or the one before it.",
    )
