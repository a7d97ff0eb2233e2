"""Who operates where, and what do we know about this piece of shared ground?"""

from web import Page

PAGE = Page(
    name="map",
    path="map",
    title="Map",
    question="Who operates where, and what do we know about this piece of shared ground?",
    template="map.html",
    scripts=("map/map.js",),
    styles=("map/map.css", "forms/zone.css"),
    map=True,
)
