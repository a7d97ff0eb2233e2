"""What may a military counterpart be handed, so that humanitarian ground and movements are known where they must be?"""

from web.packs._base import OUTWARD, Pack, Part

PACK = Pack(
    name="military_counterpart",
    title="Pack for a military counterpart",
    question="What may a military counterpart be handed?",
    audience="military_counterpart",
    parts=(
        *OUTWARD,
        Part("layers", ".kml", "The same for Google Earth"),
        Part("lists", ".xlsx", "The same as lists"),
    ),
)
