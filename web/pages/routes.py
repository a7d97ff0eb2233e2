"""How do we get from A to B, whose ground do we cross, and whom do we inform?"""

from web import Page

PAGE = Page(
    name="routes",
    path="routes",
    title="Routes",
    question="How do we get from A to B, whose ground do we cross, and whom do we inform?",
    template="routes.html",
    scripts=("routes/routes.js",),
    styles=("map/map.css", "routes/routes.css"),
    map=True,
)
