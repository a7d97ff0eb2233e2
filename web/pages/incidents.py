"""What is going on: is it more than before, of what kind, and where does it gather?"""

from web import Page

PAGE = Page(
    name="incidents",
    path="incidents",
    title="Incidents",
    question="What is going on: is it more than before, of what kind, and where does it gather?",
    template="incidents.html",
    scripts=("register/incidents.js",),
    styles=("map/map.css", "register/incidents.css"),
    map=True,
    reading=(
        "The figures compare the chosen months with as many before. No percentage is told against months without data: nothing recorded is not nothing happened.",
        "Hot spots are at least five incidents near each other in place and time; one that reaches farther than told beside the list is parted. Their numbers are those on the map.",
        "The list below has the single incidents that this room is shown; what it may only count is in the table by district.",
    ),
    keys=(("Esc", "Leave the hot spot"),),
)
