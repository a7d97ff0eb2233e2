"""What will the room receive, and what was changed or left out, by which rule?"""

from web import Page

PAGE = Page(
    name="packs",
    path="pack",
    title="Packs",
    question="What will the room receive, and what was changed or left out, by which rule?",
    template="packs.html",
    scripts=("packs/packs.js",),
    styles=("packs/packs.css",),
    reading=(
        "A pack is one archive of one moment for one room. On the left is what is made and for whom; in the middle exactly what will be in it; on the right what the room does not get, and by which rule.",
        "It holds the incidents of the last days and, of everything else, what is in force or comes later. Set As of to make a pack as it was known on another day.",
        "It is made by the service: leave the page, and it is here when you come back. The newest ten of a pack are kept for a room.",
        "Each archive has READ_ME.html and MANIFEST.json: counts, rules, sources, and the SHA-256 of every file, by which it can be proved later.",
    ),
)
