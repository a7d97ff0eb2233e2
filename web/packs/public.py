"""What may everybody have?"""

from web.packs._base import Pack, Part

PACK = Pack(
    name="public",
    title="Public pack",
    question="What may everybody have?",
    audience="public",
    parts=(
        Part("map_overview", ".pdf", "Map, A3", made="paper", theme="overview",
             layers=("areas_of_operation", "overlaps", "risk_zones", "incident_counts")),
        Part("map", ".html", "The map in one file: opens in a browser without a network"),
        Part("layers", ".gpkg", "All layers in their colours, for desktop programs"),
        Part("lists", ".xlsx", "The same as lists with HXL tags"),
    ),
)  # fmt: skip
