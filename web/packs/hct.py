"""What is the picture for the Humanitarian Country Team, as of today, in every form that a member opens?"""

from web.packs._base import Pack, Part

CHANGED = ("overlaps", "risk_zones", "roads", "incidents", "rough_incidents")
"""The layers whose changes are told."""

PACK = Pack(
    name="hct",
    title="HCT pack",
    question="What is the picture for the meeting, in a form that every member can open?",
    audience="hct",
    parts=(
        Part("brief", ".docx", "One page of sentences: what is new, what ended, what is due, what is not known", made="brief"),
        Part("brief", ".pdf", "The same page to be printed", made="brief"),
        Part("map_overview", ".pdf", "Map, A3: areas of operation, overlaps and danger", made="paper", theme="overview",
             layers=("areas_of_operation", "overlaps", "risk_zones", "incidents")),
        Part("map_overlaps", ".pdf", "Map, A3: overlaps", made="paper", theme="overlaps", layers=("overlaps",)),
        Part("map_risk", ".pdf", "Map, A3: risk zones and incidents", made="paper", theme="risk",
             layers=("risk_zones", "incidents", "incident_counts")),
        Part("map_access", ".pdf", "Map, A3: access", made="paper", theme="access",
             layers=("road_reports", "access_constraints", "access_severity")),
        Part("map_presence", ".pdf", "Map, A3: who works where", made="paper", theme="presence",
             layers=("presence_counts", "presence")),
        Part("atlas", ".pdf", "Maps, A4: one for each province that has something in it", made="atlas", size="a4",
             layers=("areas_of_operation", "overlaps", "risk_zones", "incidents")),
        Part("map", ".html", "The map in one file: opens in a browser without a network"),
        Part("map_changes", ".pdf", "Map, A3: what changed since the last pack", CHANGED, made="changes"),
        Part("changes", ".xlsx", "What changed since the last pack, as a list", CHANGED, made="changes"),
        Part("changes", ".gpkg", "What changed since the last pack, as a layer", CHANGED, made="changes"),
        Part("slides", ".pptx", "Slides to be edited: every record is a shape of its own", made="slides",
             layers=("overlaps", "risk_zones", "incidents", "road_reports", "presence_counts")),
        Part("layers", ".gpkg", "All layers in their colours, for QGIS and other desktop programs"),
        Part("layers", ".qgz", "The QGIS project that opens layers.gpkg beside it, with groups and labels"),
        Part("register", ".xlsx", "The overlap register, doubles and gaps as lists", ("overlaps", "doubles", "gaps")),
        Part("danger", ".xlsx", "Risk zones, incidents and hazards as lists",
             ("risk_zones", "incidents", "rough_incidents", "incident_counts", "hazards", "security_levels")),
        Part("access", ".xlsx", "Roads, reports, constraints and arrangements as lists",
             ("road_reports", "access_constraints", "access_severity", "arrangements")),
        Part("presence", ".xlsx", "Who works where", ("presence", "presence_counts", "areas_of_operation", "sites")),
        Part("overlaps", ".kml", "Overlaps, areas and risk zones for Google Earth",
             ("overlaps", "areas_of_operation", "risk_zones", "hazards")),
    ),
)  # fmt: skip
