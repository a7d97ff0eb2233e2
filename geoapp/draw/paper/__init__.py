"""Maps on paper, A4 and A3: PDF (vector, fonts embedded, georeferenced), PNG of 300 dpi, SVG with one named group a layer.

For others, in a transaction of theirs, so that a pack is one snapshot:

    paper.sheet(connection, scope, path, *, theme="overview", layers=(), size="a3", orientation="landscape",
                title=None, contact=None) -> Made(number, records, scale, pages)
    paper.atlas(connection, scope, path, *, layers=(), size="a4", orientation="portrait", title=None, contact=None) -> Made

`path` ends in .pdf, .png or .svg (an atlas in .pdf); `theme` is one of `paper.THEMES` (overview, overlaps, risk, access,
presence), or `layers` are names of a map of one's own. `scope` says room, days, box and as-of; its purpose should be "export",
so that rows that may not be passed on are left out. `Made.number` is the map number, by which OCHA names files:
`KVR002_overlaps_a3_20261018`. The same snapshot gives the same bytes. `paper.write(engine, …)` opens the transaction itself.

matplotlib is imported with this package alone: import it where a map is drawn, not where a door is opened.
"""

from geoapp.draw.paper.asked import Made
from geoapp.draw.paper.atlas import atlas
from geoapp.draw.paper.page import ORIENTATIONS, SIZES
from geoapp.draw.paper.sheet import FORMATS, sheet
from geoapp.draw.paper.themes import THEMES, theme
from geoapp.draw.paper.write import write

__all__ = ["FORMATS", "ORIENTATIONS", "SIZES", "THEMES", "Made", "atlas", "sheet", "theme", "write"]
