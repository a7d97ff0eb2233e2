"""What may everybody have?"""

from web.packs._base import Pack, Part

PACK = Pack(
    name="public",
    title="Public pack",
    question="What may everybody have?",
    audience="public",
    parts=(
        Part("layers", ".gpkg", "All layers in their colours, for desktop programs"),
        Part("lists", ".xlsx", "The same as lists with HXL tags"),
    ),
)
