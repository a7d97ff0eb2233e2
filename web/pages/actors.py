"""Who is this actor, may we speak with it, where does it operate, and who says so?"""

from web import Page

PAGE = Page(
    name="actors",
    path="actor-register",
    title="Actors",
    question="Who is this actor, may we speak with it, where does it operate, and who says so?",
    template="actors.html",
    scripts=("actors/actors.js",),
    styles=("map/map.css", "register/register.css", "forms/zone.css", "actors/actors.css"),
    map=True,
    reading=(
        "The list on the left says of each actor what decides whether it is contacted: whether the country team speaks with it, and when it is looked at again. The one that is open is in the middle; where it stands and operates is on the right.",
        "Where an actor operates is told as on the map, to this room and no further. Bars are filled while an area is in force, outlined where it has ended, broken where it is planned; paler ones are of units under it.",
        "Whether an actor is an interlocutor is the country team's decision, with its day and the body that decided. Incidents are listed only where the source names the actor as a party: that is reported, and says nothing of who did what.",
        "Two entries that are one actor are merged, one that was two is split: what would follow is shown first, and each step can be undone.",
    ),
    keys=(("Esc", "Close the form"),),
)
