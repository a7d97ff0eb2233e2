"""How is a password kept and compared?"""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from geoapp.errors import BadRequest

SHORTEST, LONGEST = 12, 256
"""Characters of a password."""


def hasher() -> PasswordHasher:
    """Argon2id with the second of RFC 9106's recommendations: 64 MiB, three passes."""
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


@cache
def _nobody() -> str:
    """The hash that is compared for an account that there is not, so that it takes as long."""
    return hasher().hash(secrets.token_urlsafe(24))


def hash_of(password: str) -> str:
    """What is kept of a new password. Raises BadRequest for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadRequest(f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}.")
    return hasher().hash(password)


def verified(stored: str | None, password: str) -> bool:
    """Whether it is the password of which this hash is kept; without one it takes as long, and is not."""
    return _compared(stored or _nobody(), password[:LONGEST]) and stored is not None


def _compared(stored: str, password: str) -> bool:
    try:
        return hasher().verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
