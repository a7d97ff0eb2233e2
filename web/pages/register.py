"""Which overlaps need somebody's attention, and whose?"""

from web import Page

PAGE = Page(
    name="register",
    path="overlaps",
    title="Overlaps",
    question="Which overlaps need somebody's attention, and whose?",
    template="register.html",
    scripts=("register.js",),
    styles=("map.css", "register.css"),
    map=True,
)
