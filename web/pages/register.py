"""Which overlaps need somebody's attention, and whose?"""

from web import Page

PAGE = Page(
    name="register",
    path="overlaps",
    title="Overlaps",
    question="Which overlaps need somebody's attention, and whose?",
    template="register.html",
    scripts=("register/register.js",),
    styles=("map/map.css", "register/register.css"),
    map=True,
    reading=(
        "A row is one piece of ground that two actors share in the same days. New ones come first, then by their due day; every heading sorts, a second click the other way round.",
        "The share is told for both actors, because a small part of one may be most of the other. Risk and incidents are those inside the ground in the days together.",
        "Tabs narrow the list: what is new since a day, what is yours (your name is asked once and kept in this browser), what is due. Files take exactly the rows that are listed.",
    ),
    keys=(("Esc", "Close the overlap and go back to its row"), ("Arrows", "From tab to tab")),
    thumb=("List", "table"),
)
