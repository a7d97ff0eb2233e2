"""What may a military counterpart be handed, so that humanitarian ground and movements are known where they must be?"""

from web.packs._base import Pack, Part

PACK = Pack(
    name="military_counterpart",
    title="Pack for a military counterpart",
    question="What may a military counterpart be handed?",
    audience="military_counterpart",
    parts=(
        Part("map_overview", ".pdf", "Map, A3", made="paper", theme="overview",
             layers=("areas_of_operation", "overlaps", "risk_zones", "incident_counts")),
        Part("map", ".html", "The map in one file: opens in a browser without a network"),
        Part("layers", ".gpkg", "All layers in their colours, for desktop programs"),
        Part("layers", ".kml", "The same for Google Earth"),
        Part("lists", ".xlsx", "The same as lists"),
    ),
)  # fmt: skip
