"""Field copies: an office without a line takes an operation along, works on an instance of its own, and brings its changes home.

geoapp field take     at home: what one room is told, in one encrypted file (`take`)
geoapp field open     in the field: into an empty instance (`open_copy`)
geoapp field changes  in the field: what was recorded since, in one encrypted file
geoapp field return   at home: each edit by the gate that every writer passes
"""

from geoapp.field_copies.bringing import Brought, bring
from geoapp.field_copies.changes import Changes, changes
from geoapp.field_copies.decide import Take, decide, open_edit, open_edits
from geoapp.field_copies.file import CHANGES, COPY
from geoapp.field_copies.opening import look, open_copy
from geoapp.field_copies.take import Taken, copies, end, take

__all__ = [
    "CHANGES",
    "COPY",
    "Brought",
    "Changes",
    "Take",
    "Taken",
    "bring",
    "changes",
    "copies",
    "decide",
    "end",
    "look",
    "open_copy",
    "open_edit",
    "open_edits",
    "take",
]
