"""What does a team need on the road, on a phone and without a network?"""

from web.packs._base import Pack, Part

PACK = Pack(
    name="field_team",
    title="Field team pack",
    question="What does a team need on the road, on a phone, without a network?",
    audience="internal",
    parts=(
        Part("map_access", ".pdf", "Map, A4: access", made="paper", theme="access", size="a4",
             layers=("road_reports", "access_constraints", "access_severity")),
        Part("map", ".html", "The map in one file: opens in a browser without a network",
             ("basemap", "boundaries", "areas_of_operation", "risk_zones", "hazards", "roads", "road_reports", "access_constraints",
              "arrangements", "sites", "incidents")),
        Part("places", ".kml", "Zones, hazards, reports and constraints for a phone's map program",
             ("risk_zones", "hazards", "road_reports", "access_constraints", "arrangements", "sites")),
        Part("roads", ".csv", "What was reported of roads", ("road_reports",)),
        Part("zones", ".csv", "Risk zones that are in force", ("risk_zones",)),
    ),
    incident_days=30,
)  # fmt: skip
