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
)
