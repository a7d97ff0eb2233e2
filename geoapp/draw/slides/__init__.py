"""Slides that can be edited: a PPTX on which every record is a native shape of its own name, grouped by its layer.

For others, in a transaction of theirs, so that a pack is one snapshot:

    slides.write(connection, scope, room, path, about, *, themes=slides.THEMES, title=None, since=None, only=(), changes=None) -> dict[str, int]

`path` ends in .pptx. `about` is what files say of themselves (`geoapp.export.write`): `disclaimer`, `note`, `handling`.
`scope` says room, days and as-of; its purpose should be "export", so that rows that may not be passed on are left out.
What lasts is drawn as it is on the last day of the period, events as they were in the period. A theme of which the room is
shown nothing has no slide, and the last slide says so. The answer is how many records of each layer were drawn. The same
snapshot gives the same bytes. Raises BadRequest for no such theme.

python-pptx is imported with this package alone: import it where a deck is made, not where a door is opened.
"""

from geoapp.draw.slides.themes import THEMES
from geoapp.draw.slides.write import write

__all__ = ["THEMES", "write"]
