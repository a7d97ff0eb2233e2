"""Write by hand where something is: sites with their function, and roads as they run."""

import numpy as np
from sqlalchemy import Connection, text

from geoapp import geometry
from geoapp.errors import Conflict
from geoapp.record import fields as f
from geoapp.record.fields import Field
from geoapp.record.noun import HANDLING, PERIOD, Noun, Row, Values


def _length(_connection: Connection, _operation: int, values: Values, _was: Row | None) -> Values:
    values["length_km"] = float(geometry.length_km(np.array([values["_geom"]], dtype=object))[0])
    return values


def _without_reports(connection: Connection, operation: int, road: Row) -> None:
    """What was reported of a road would go with it."""
    found = connection.execute(
        text("SELECT count(*) FROM facts.road_report WHERE operation_id = :operation AND road_id = :id"),
        {"operation": operation, "id": road["id"]},
    ).scalar_one()
    if found:
        raise Conflict(
            f"{found} reports are about the road {road['name'] or road['id']}.",
            hint="Let it end on a day, or take them away first.",
        )


SITES = Noun(
    one="site",
    table="site",
    shape="point",
    fields={
        "name": Field(f.text(300), required=True, title="Name"),
        "facility_type": Field(f.code("facility_types"), default="other"),
        "operator": Field(f.text(300), hint="As it is called in the register of actors, where it is there"),
        "status": Field(f.text(60), hint="Such as open, closed, planned"),
        "pcode": Field(f.text(30), hint="Of the district it lies in"),
        **PERIOD,
        "handling": HANDLING,
    },
)
ROADS = Noun(
    one="road",
    table="road",
    shape="line",
    derive=_length,
    needed=_without_reports,
    fields={
        "name": Field(f.text(200), title="Name"),
        "road_class": Field(f.whole(0, 7, "road_classes"), default=0),
        "op_status": Field(f.code("road_status"), default="unspecified", hint="Its own; a newer report goes before it"),
        "surface": Field(f.whole(0, 6, "road_surface"), default=0),
        "practicability": Field(f.whole(0, 6, "vehicle_classes"), default=0),
        "practicability_dry": Field(f.whole(0, 6, "vehicle_classes"), default=0, title="In the dry season"),
        "practicability_wet": Field(f.whole(0, 6, "vehicle_classes"), default=0, title="In the wet season"),
        "security": Field(f.code("road_security")),
        "speed_kmh": Field(f.whole(1, 200), hint="As driven there"),
        "bridge": Field(f.truth, default=False),
        "oneway": Field(f.truth, default=False, title="One way, as it is drawn"),
        **PERIOD,
        "handling": Field(f.handling, default="CLEAR"),
    },
)
