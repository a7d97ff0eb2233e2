"""The brief: one page of sentences made from counts, without adjectives.

For others, in a transaction of theirs, so that a pack is one snapshot:

    brief.sentences(connection, scope, room, since=None, only=(), changes=None) -> list[Section(key, title, sentences)]
    brief.write(connection, scope, room, path, about, since=None, *, title=None, only=(), changes=None) -> list[Section]

`since` is the day that new and ended are counted from; two weeks before the day of the scope without one. `changes`
(`geoapp.draw.changes`) say it instead where there was a pack before; `only` are the layers that were chosen. What is withheld from the room is not counted and is told as withheld, by its rule. `path` ends in .docx.
`about` is what files say of themselves (`geoapp.export.write`): `title`, `handling`, `disclaimer`, `note`. The same snapshot
gives the same bytes.
"""

from geoapp.draw.brief.sections import Section, day_of, sentences
from geoapp.draw.brief.write import write

__all__ = ["Section", "day_of", "sentences", "write"]
