"""How do we get from A to B, whose ground do we cross, and whom do we inform?"""

from web import Page

PAGE = Page(
    name="routes",
    path="routes",
    title="Routes",
    question="How do we get from A to B, whose ground do we cross, and whom do we inform?",
    template="routes.html",
    scripts=("routes/routes.js",),
    styles=("map/map.css", "lib/place_field.css", "routes/routes.css"),
    map=True,
    reading=(
        "Ways are numbered by the hours they take and compared by what they meet; none is recommended. What is stale, not reported or withheld is said.",
        "The strip reads like the journey: whose ground, which risk zone, which road, at the same kilometre. Actors to notify follow from the ground that is crossed.",
        "A way gives no permission and no protection.",
    ),
    thumb=("Route", "route"),
)
