"""Who did what, when: entries that nobody changes unseen. The database writes them (`geoapp.model.audited`); here they are put into a
chain with a key that is outside the database, and it is looked whether one was altered since."""

from geoapp.audit.chain import Chain, Checked, check, head_of, seal, verify
from geoapp.audit.entries import Asked, entries, require, statement
from geoapp.audit.key import Keys, keys_of, path_of, rotate
from geoapp.audit.report import Report, look, report, sentence, waiting
from geoapp.audit.sealing import sealing
from geoapp.audit.told import leaving, left, refused, tell

__all__ = [
    "Asked",
    "Chain",
    "Checked",
    "Keys",
    "Report",
    "check",
    "entries",
    "head_of",
    "keys_of",
    "leaving",
    "left",
    "look",
    "path_of",
    "refused",
    "report",
    "require",
    "rotate",
    "seal",
    "sealing",
    "sentence",
    "statement",
    "tell",
    "verify",
    "waiting",
]
