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
)
