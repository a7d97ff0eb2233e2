"""What is the picture for the Humanitarian Country Team, as of today, in every form that a member opens?"""

from web.packs._base import Pack, Part

PACK = Pack(
    name="hct",
    title="HCT pack",
    question="What is the picture for the meeting, in a form that every member can open?",
    audience="hct",
    parts=(
        Part("layers", ".gpkg", "All layers in their colours, for QGIS and other desktop programs"),
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
