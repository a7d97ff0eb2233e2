"""Who is in the room: what is it shown, what is withheld from it, and which rooms would see a record?

What a room sees is decided by the policies in the database. This says it in words, and asks nothing for layers of which
single records are not shown. For everything that is handed over (packs, papers, slides, manifests) one call answers:

    rules_of(room: Room, layers: Sequence[Layer] = STACK) -> tuple[LayerRule, ...]

with `room(connection, scope) -> Room` for the room that asks. A `LayerRule` says of one layer how precisely it is told
(`precision`), which fields are withheld, how actors are called (`labels`), how well days are told (`dates`), how many
organisations a district must have (`least`), the licence rule, and all of it in one `sentence`. It asks no database.
"""

from geoapp.audiences.by_layer import LayerRule, rules_of
from geoapp.audiences.room import Room
from geoapp.audiences.rule import LICENCE, SHORT, SHOWN, TOLD, Rule
from geoapp.audiences.stored import HIGHEST, pick, room, rooms, seen_by

__all__ = [
    "HIGHEST", "LICENCE", "SHORT", "SHOWN", "TOLD", "LayerRule", "Room", "Rule", "pick", "room", "rooms", "rules_of", "seen_by",
]  # fmt: skip
