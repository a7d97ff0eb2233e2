"""Writes of every kind, one at random: what tests of the forms that rooms are told make of Gridland."""

import random
from collections.abc import Callable
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geoapp import db, overlay, record
from geoapp.model import DATES, HANDLING, LABELS, PRECISIONS
from geoapp.record.shapes import footprint
from geoapp.writing import lock_operation
from layers import STACK
from tests.gridland import square

CONTEXT = db.Context("grid", member="tester")
FIELDS = {layer.name: [each.name for each in layer.fields] for layer in STACK}
RULED = (
    "sites", "hazards", "arrangements", "security_levels", "access_constraints", "risk_zones", "presence", "overlaps",
    "areas_of_operation", *(f"areas_of_operation.{domain}" for domain in ("civil", "military", "police", "non_state_armed")),
)  # fmt: skip
READERS = ("hct", "cmwg_mixed", "military_counterpart", "public")


def some_rule(choose: random.Random, subject: str) -> dict[str, Any]:
    """A rule that can be kept, and is coarser than as recorded more often than not."""
    of = subject.partition(".")[0]
    fields = sorted(
        {name for layer in STACK if layer.subject == of for name in FIELDS[layer.name]} - {"handling", "version"}
    )
    return {
        "precision": choose.choice(PRECISIONS), "labels": choose.choice(LABELS), "dates": choose.choice(DATES),
        "least": choose.choice((0, 0, 2, 3)), "withheld": choose.sample(fields, choose.choice((0, 0, 1, 3))),
    }  # fmt: skip


def say(connection: Connection, room: str, subject: str, said: dict[str, Any]) -> None:
    """Have a room told a subject so."""
    record.set_rule(connection, room, subject, said, record.rule_version(connection, room, subject))


def one(connection: Connection, choose: random.Random, sql: str) -> Any:
    """One of the rows, or None."""
    found = connection.execute(text(sql)).all()
    return choose.choice(found) if found else None


def shape_somewhere(choose: random.Random) -> dict[str, Any]:
    return square(choose.uniform(-0.5, 9), choose.uniform(-0.5, 9), choose.uniform(0.1, 2.5), choose.uniform(0.1, 2.5))


def write_site(connection: Connection, choose: random.Random) -> None:
    connection.execute(
        text("""
            INSERT INTO facts.site (operation_id, handling, valid, source_key, name, facility_type, operator, geom)
            VALUES (calc.operation(), CAST(:handling AS facts.handling), '[2026-01-15,2027-01-20)', gen_random_uuid()::text,
                'A site ' || :x, 'clinic', 'Operator ' || :who, ST_SetSRID(ST_MakePoint(:x, :y), 4326))
        """),
        {"x": choose.uniform(10.15, 10.35), "y": choose.uniform(5.15, 5.35), "who": choose.randrange(4), "handling": choose.choice(HANDLING)},
    )  # fmt: skip


def change_site(connection: Connection, choose: random.Random) -> None:
    row = one(connection, choose, "SELECT id FROM facts.site ORDER BY id")
    if row is not None:
        change = choose.choice((
            "UPDATE facts.site SET geom = ST_Translate(geom, 0.1, 0.05) WHERE id = :id",
            "UPDATE facts.site SET handling = 'RED' WHERE id = :id",
            "UPDATE facts.site SET operator = 'Operator 9' WHERE id = :id",
            "DELETE FROM facts.site WHERE id = :id",
        ))  # fmt: skip
        connection.execute(text(change), {"id": row.id})


_GIVEN: dict[str, dict[str, Any]] = {
    "hazards": {"name": "Hazard", "hazard_type": "CHA", "reported_on": "2026-05-06"},
    "arrangements": {"name": "Pause", "arrangement_type": "humanitarian_pause", "parties": "First Brigade", "period_start": "2026-05-06",
                     "period_end": "2026-12-09"},
    "security_levels": {"name": "Sector", "security_level": 3},
    "access_constraints": {"category": "denial_of_needs", "severity": 2, "reported_on": "2026-05-06", "name": "Kept out"},
}  # fmt: skip


def write_road(connection: Connection) -> None:
    """A road, and what was seen of it in April."""
    road = connection.execute(text("""
        INSERT INTO facts.road (operation_id, handling, source_key, name, length_km, geom)
        VALUES (calc.operation(), 'GREEN', gen_random_uuid()::text, 'A road', 50, ST_GeomFromText('MULTILINESTRING((10.1 5.1, 10.5 5.4))', 4326))
        RETURNING id
    """)).scalar_one()  # fmt: skip
    record.add(
        connection, record.NOUNS["road_reports"], None,
        {"road_id": road, "op_status": "open", "observed_on": "2026-04-10", "source": "A patrol", "handling": "GREEN"},
    )  # fmt: skip


def write_record(connection: Connection, choose: random.Random) -> None:
    name = choose.choice(sorted(_GIVEN))
    given = _GIVEN[name] | {"handling": choose.choice(HANDLING)}
    record.add(connection, record.NOUNS[name], shape_somewhere(choose), given)


def change_record(connection: Connection, choose: random.Random) -> None:
    name = choose.choice(sorted(_GIVEN))
    noun = record.NOUNS[name]
    row = one(connection, choose, f"SELECT id, version FROM facts.{noun.table} ORDER BY id")
    if row is None:
        write_record(connection, choose)
    elif choose.random() < 0.3:
        record.remove(connection, noun, row.id, row.version)
    elif choose.random() < 0.5:
        record.change(connection, noun, row.id, None, {"handling": choose.choice(HANDLING)}, row.version)
    else:
        record.change(connection, noun, row.id, shape_somewhere(choose), {}, row.version)


def change_zone(connection: Connection, choose: random.Random) -> None:
    row = one(
        connection, choose, "SELECT id, handling::text FROM facts.risk_zone WHERE status = 'published' ORDER BY id"
    )
    if row is None:
        return
    if choose.random() < 0.5:
        connection.execute(
            text("UPDATE facts.risk_zone SET handling = CAST(:handling AS facts.handling) WHERE id = :id"),
            {"handling": choose.choice(HANDLING[:3]), "id": row.id},
        )
        return
    ground = footprint(
        connection,
        lock_operation(connection, "area"),
        shapely.geometry.shape(shape_somewhere(choose)),
        "risk_zones",
        row.handling,
    )
    connection.execute(
        text("UPDATE facts.risk_zone SET footprint_id = :ground WHERE id = :id"), {"ground": ground, "id": row.id}
    )


def change_area(connection: Connection, choose: random.Random) -> None:
    operation = lock_operation(connection, "area")
    areas = """
        SELECT a.id, a.version, c.handling::text AS least FROM facts.area AS a
        JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
        WHERE a.positioning <> 'presence' ORDER BY a.id"""
    row = one(connection, choose, areas)
    if row is None:
        return
    if choose.random() < 0.4:
        record.reshape_area(connection, row.id, shape_somewhere(choose), row.version)
        return
    for table, column in (("area", "id"), ("area_part", "area_id")):
        change = f"UPDATE facts.{table} SET handling = CAST(:handling AS facts.handling) WHERE {column} = :id"
        # none below its actor's: by hand it could not be written again
        marks = [each for each in HANDLING[:4] if HANDLING.index(each) >= HANDLING.index(row.least)] or [row.least]
        connection.execute(text(change), {"handling": choose.choice(marks), "id": row.id})
    overlay.refresh(connection, operation, [row.id])


def write_area(connection: Connection, choose: random.Random) -> None:
    """By hand: a new one, another actor's, in other days, or taken away."""
    noun = record.NOUNS["areas_of_operation"]
    actor = one(connection, choose, "SELECT name, handling::text FROM facts.actor ORDER BY id")
    given = {
        "actor": actor.name, "handling": choose.choice(HANDLING[HANDLING.index(actor.handling):]),
        "period_start": "2026-01-01", "period_end": choose.choice((None, "2026-05-06", "2027-01-01")),
    }  # fmt: skip
    row = one(connection, choose, "SELECT id, version FROM facts.area WHERE positioning <> 'presence' ORDER BY id")
    if row is None or choose.random() < 0.4:
        record.add(connection, noun, shape_somewhere(choose), given)
    elif choose.random() < 0.3:
        record.remove(connection, noun, row.id, row.version)
    else:
        record.change(connection, noun, row.id, None, given | {"positioning": "area_of_operations"}, row.version)


def change_actor(connection: Connection, choose: random.Random) -> None:
    row = one(connection, choose, "SELECT id FROM facts.actor ORDER BY id")
    if row is not None:
        connection.execute(text("UPDATE facts.actor SET name = name || '+' WHERE id = :id"), {"id": row.id})


def change_presence(connection: Connection, choose: random.Random) -> None:
    operation = lock_operation(connection, "area")
    row = one(connection, choose, "SELECT id, area_id FROM facts.area_part WHERE pcode IS NOT NULL ORDER BY id")
    if row is not None:
        connection.execute(text("DELETE FROM facts.area_part WHERE id = :id"), {"id": row.id})
        overlay.refresh(connection, operation, [row.area_id])


def write_register(connection: Connection, choose: random.Random) -> None:
    row = one(connection, choose, "SELECT id, version FROM facts.overlap_pair ORDER BY id")
    if row is not None:
        change = choose.choice(({"status": "acknowledged"}, {"note": "Seen."}, {"due": "2026-11-11"}))
        record.change_overlap(connection, row.id, change, row.version)


def write_incident(connection: Connection, choose: random.Random) -> None:
    record.add(
        connection, record.NOUNS["incidents"],
        {"type": "Point", "coordinates": [choose.uniform(10.1, 10.6), choose.uniform(5.1, 5.6)]},
        {"event_type": "Battles", "occurred_from": "2026-03-03", "geo_precision": "exact", "handling": choose.choice(HANDLING[:3])},
    )  # fmt: skip


def change_rule(connection: Connection, choose: random.Random) -> None:
    subject = choose.choice(RULED)
    say(connection, choose.choice(READERS), subject, some_rule(choose, subject))


def change_boundary(connection: Connection, choose: random.Random) -> None:
    row = one(connection, choose, "SELECT id FROM facts.boundary WHERE level = 2 ORDER BY id")
    connection.execute(text("UPDATE facts.boundary SET name = pcode || '-' || version WHERE id = :id"), {"id": row.id})


WRITES: tuple[Callable[[Connection, random.Random], None], ...] = (
    write_site, write_site, change_site, change_site, write_record, change_record, change_record, change_zone, change_area,
    change_area, write_area, write_area, change_actor, change_presence, write_register, write_incident, change_rule, change_rule, change_boundary,
)  # fmt: skip
