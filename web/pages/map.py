"""Who operates where, and what do we know about this piece of shared ground?"""

from web import Page

PAGE = Page(
    name="map",
    path="map",
    title="Map",
    question="Who operates where, and what do we know about this piece of shared ground?",
    template="map.html",
    scripts=("map/map.js",),
    styles=("map/map.css",),
    map=True,
    reading=(
        "Layers are on the left with their classes and counts; what is withheld from the room stays listed with a lock. A click on the map says in words what lies there.",
        "The bars under the map are incidents a month: drag their ends, or type days. Counts, map and files follow the days, the as-of date and the room.",
        "A symbol is one incident known to its settlement or better; what is known less well is counted on its district, never put on a point. Absence of data is not absence of risk.",
    ),
    keys=(
        ("T", "Table of what is on the map"),
        ("Esc", "Close what is open"),
        ("Arrows, + and −", "Move the map and change its scale"),
        ("Enter", "Ask what lies in the middle"),
    ),
    thumb=("Map", "map"),
)
