"""What does this room not see, and by which rule?"""

from web import Page

PAGE = Page(
    name="rooms",
    path="rooms",
    title="What this room does not see",
    question="What does this room not see, layer by layer, by which rule, and how many records?",
    template="rooms.html",
    scripts=("rooms/rooms.js",),
    styles=("register/register.css", "rooms/rooms.css"),
    aside=True,
    reading=(
        "A line is a layer: how it is told to the room, by which of its rules, and how many records that is. How many there are beside these is told to rooms that record alone.",
        "What is told by district, cell, category or month is stored that way when something is recorded; no request, file or filter gets behind it, and asking twice gives the same.",
        "Rooms that record change a rule here. It holds at once, for every page and file, and the rule before it stays in the history.",
    ),
)
