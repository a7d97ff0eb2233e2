"""What may everybody have?"""

from web.packs._base import OUTWARD, Pack, Part

PACK = Pack(
    name="public",
    title="Public pack",
    question="What may everybody have?",
    audience="public",
    parts=(
        *OUTWARD,
        Part("lists", ".xlsx", "The same as lists with HXL tags"),
        Part("tiles", ".pmtiles", "The same as tiles for a web map, to be laid on any web server"),
    ),
)
