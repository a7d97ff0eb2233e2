"""How a backup is encrypted: a stream in age's format (age-encryption.org), every byte of the file under its seal.

    geoapp backup 1\\n | length | the body's key, encrypted with the passphrase | the body, encrypted to its key

With recipients the key in between is empty and the body is encrypted to them. The body begins with the hash of what
stands before it, so that no byte of the file can change unnoticed.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import pyrage

from geoapp.errors import BadRequest, NotFound, Refused


@dataclass(frozen=True)
class Kind:
    """What a file is: how it begins, and what people call it."""

    word: str

    @property
    def magic(self) -> bytes:
        """Its first bytes."""
        return f"geoapp {self.word} 1\n".encode()


BACKUP = Kind("backup")
MAGIC = BACKUP.magic
"""The first bytes of a backup."""
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


@dataclass(frozen=True)
class Lock:
    """What closes a file to a key: age's public keys, and where they are of a passphrase, the key that it wraps, as the file says it.
    Who has the lock of a file can close another one to the same key, and open neither."""

    recipients: tuple[str, ...]
    wrapped: bytes = b""


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
            f"The file is encrypted: with an age recipient, or a passphrase of at least {SHORTEST} characters.",
            hint="Set GEOAPP_BACKUP_RECIPIENT or GEOAPP_BACKUP_PASSPHRASE; take several words, not one.",
        )
    return recipients


def lock_of(key: Key) -> Lock:
    """A new lock that this key opens. Raises BadRequest for a key that will not do."""
    if check(key):
        return Lock(tuple(text.strip() for text in key.recipients))
    own = pyrage.x25519.Identity.generate()
    wrapped = pyrage.passphrase.encrypt(str(own).encode(), key.passphrase or "")
    return Lock((str(own.to_public()),), wrapped)


def lock_in(path: Path, kind: Kind, recipients: tuple[str, ...]) -> Lock:
    """The lock that a file was closed with; to whom is said within it. Raises NotFound and Refused."""
    with _file(path) as file:
        return Lock(recipients, _head(file, kind)[0])


def seal(
    start: bytes, stream: Readable, target: IO[bytes], key: Key | Lock, told: Callable[[int], None], kind: Kind = BACKUP
) -> None:
    """Encrypt `start` and then a stream into `target`, in bounded memory. Raises BadRequest for a key that will not do."""
    lock = key if isinstance(key, Lock) else lock_of(key)
    head = kind.magic + len(lock.wrapped).to_bytes(4, "big") + lock.wrapped
    target.write(head)
    recipients = [_recipient(text) for text in lock.recipients]
    pyrage.encrypt_io(Source(hashlib.sha256(head).digest() + start, stream, told), target, recipients)


def needs_passphrase(path: Path, kind: Kind = BACKUP) -> bool:
    """Whether a passphrase opens this file, and not an age key. Raises NotFound and Refused."""
    with _file(path) as file:
        return len(_head(file, kind)[0]) > 0


@contextmanager
def unsealed(path: Path, key: Key, told: Callable[[int], None], kind: Kind = BACKUP) -> Iterator[IO[bytes]]:
    """A pipe from which the body of a file is read; Refused at the end of the context when the file is damaged.

    Each byte that was read is as it was written, but only the end says that it was all. Raises BadRequest for a key
    that is none, and NotFound.
    """
    with _file(path) as file:
        wrapped, digest = _head(file, kind)
        identities = _identities(wrapped, key)
        readable, writable = os.pipe()
        failed: list[Exception] = []

        def decrypt() -> None:
            # closing it writes what is left of it: where the reader has left, and says why, there is nobody to write for
            with suppress(BrokenPipeError), open(writable, "wb") as sink:  # noqa: PTH123 - a pipe
                try:
                    with suppress(BrokenPipeError):
                        pyrage.decrypt_io(Source(b"", file, told), sink, identities)
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
        except BaseException:  # stopped, or nobody reads on
            pipe.close()
            thread.join()
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


def _head(file: IO[bytes], kind: Kind) -> tuple[bytes, bytes]:
    """The encrypted key that a file begins with, and the hash of all that stands before the body. Raises Refused."""
    magic = file.read(len(kind.magic))
    if magic != kind.magic:
        other = magic.startswith(kind.magic[:-2])
        raise Refused(
            f"This {kind.word} is of a form that this version of geoapp does not read." if other else f"This is no {kind.word} of geoapp, or its first bytes are damaged.",
            hint="Open it with the version that made it." if other else "Nothing was touched.",
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
        hint="Nothing was touched. Take another copy of this file, or the one before it.",
    )
