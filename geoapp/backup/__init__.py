"""Keep a whole instance in one encrypted file, bring it back, and prove that it can be brought back."""

from geoapp.backup.drill import Drilled, drill
from geoapp.backup.dump import create
from geoapp.backup.manifest import Manifest
from geoapp.backup.restore import restore, verify
from geoapp.backup.schedule import age_hours, back_up_if_due, kept, timer
from geoapp.backup.sealed import BACKUP, Key, Kind, Lock, lock_of, needs_passphrase

__all__ = [
    "BACKUP",
    "Drilled",
    "Key",
    "Kind",
    "Lock",
    "Manifest",
    "age_hours",
    "back_up_if_due",
    "create",
    "drill",
    "kept",
    "lock_of",
    "needs_passphrase",
    "restore",
    "timer",
    "verify",
]
