"""What changed between two moments: what happened, and what was only learned?"""

from web import Page

PAGE = Page(
    name="compare",
    path="then-and-now",
    title="Then and now",
    question="What changed between two moments: what happened, and what was only learned?",
    template="compare.html",
    scripts=("compare/compare.js",),
    styles=("map/map.css", "compare/compare.css"),
    map=True,
    aside=True,
    reading=(
        "Two maps of one extent move together: what was known on the earlier day, grey and read only, and what is known on the day of As of. Both are drawn under the rules that the room has today.",
        "A number ties a row to the maps: a full disc stands where the record is, a broken ring where it is not on that side, a broken outline where it was.",
        "What happened between the two days and what was merely learned since are listed apart; “Same day” leaves what was learned. What is not told of may have changed unseen.",
    ),
    keys=(("Arrows, + and −", "Move both maps and change their scale"),),
)
