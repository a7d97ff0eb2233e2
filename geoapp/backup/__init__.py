"""Keep a whole instance in one encrypted file, bring it back, and prove that it can be brought back."""

from geoapp.backup.drill import Drilled, drill
from geoapp.backup.dump import create
from geoapp.backup.manifest import Manifest
from geoapp.backup.restore import restore, verify
from geoapp.backup.schedule import age_hours, back_up_if_due, kept, timer
from geoapp.backup.sealed import Key, needs_passphrase

__all__ = [
    "Drilled",
    "Key",
    "Manifest",
    "age_hours",
    "back_up_if_due",
    "create",
    "drill",
    "kept",
    "needs_passphrase",
    "restore",
    "timer",
    "verify",
]
