"""What the map says beside itself: the room, the layers with their classes and counts, what lies under a point."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from geoapp.codes import say
from geoapp.draw import features
from geoapp.draw.query import source
from geoapp.model import HANDLING, PRECISIONS
from geoapp.scope import Scope, say_date
from layers import STACK, Field, Layer

WINDOW_DAYS = 90
DISCLAIMER = "The boundaries and names shown and the designations used on this map do not imply official endorsement or acceptance by {organisation}."
SHOWN = {
    "exact": "as recorded", "settlement": "to settlement", "admin2": "counted by district", "mgrs10": "counted",
    "count": "counted", "withheld": "withheld",
}  # fmt: skip


def room(connection: Connection, scope: Scope) -> dict[str, Any]:
    """The audience: title, clearance, rules, and one sentence that says what this room does not see."""
    row = connection.execute(
        text("SELECT key, title, clearance::text, rules, withheld_domains, withheld_fields, may_write"
             " FROM facts.audience WHERE key = :key"), {"key": scope.audience}
    ).mappings().one()  # fmt: skip
    parts = [f"records up to {row['clearance']}"]
    for subject, rule in row["rules"].items():
        if rule != "exact":
            parts.append(f"{subject.replace('_', ' ')} {SHOWN[rule]}")
    parts += [f"{domain.replace('_', ' ')} actors withheld" for domain in row["withheld_domains"]]
    return dict(row) | {"sentence": ", ".join(parts)}


def withheld(connection: Connection, scope: Scope) -> set[str]:
    """The names of fields that the audience is not told, whichever layer they are in."""
    return set(room(connection, scope)["withheld_fields"])


def seen_by(connection: Connection, subject: str, handling: str | None) -> list[dict[str, str]]:
    """Which rooms would see a record of a subject with this handling, how, and by which rule; in the rooms' order."""
    wanted = HANDLING.index(handling or "AMBER")
    found = []
    for row in connection.execute(
        text("SELECT key, title, clearance::text, rules FROM facts.audience ORDER BY position")
    ).mappings():  # fmt: skip
        rule = row["rules"].get(subject, "exact")
        if HANDLING.index(row["clearance"]) < wanted:
            how, why = "withheld", f"reads up to {row['clearance']}"
        elif subject == "incidents":
            how, why = SHOWN[rule], f"reads up to {row['clearance']}"
        elif PRECISIONS.index(rule) > PRECISIONS.index("admin2"):
            how, why = "withheld", f"{subject.replace('_', ' ')} are {SHOWN[rule]} for this room"
        else:
            how, why = "as drawn", f"reads up to {row['clearance']}"
        found.append({"key": row["key"], "title": row["title"], "how": how, "why": why})
    return found


def highest(connection: Connection) -> str:
    """The highest handling of what the audience is shown: the banner says that of the picture, not of the database."""
    tables = (
        "area",
        "overlap",
        "incident",
        "risk_zone",
        "hazard_area",
        "site",
        "road",
        "road_report",
        "area_part",
        "arrangement",
        "security_area",
        "access_constraint",
        "road_report",
    )
    union = " UNION ALL ".join(f"SELECT max(handling) AS h FROM facts.{t}" for t in tables)
    found = connection.execute(text(f"SELECT max(h)::text FROM ({union}) AS u")).scalar()
    return str(found) if found else HANDLING[0]


def access(layer: Layer, rules: dict[str, str]) -> str:
    """How precisely a layer is shown under an audience's rules."""
    rule = rules.get(layer.subject, "exact")
    if layer.subject == "incidents" and PRECISIONS.index(rule) >= PRECISIONS.index("admin2"):
        return "count"
    return rule


def panel(connection: Connection, scope: Scope) -> dict[str, Any]:
    """Everything the map page needs to know before it draws. Without a period it proposes the last 90 days."""
    operation = connection.execute(
        text("SELECT key, title, exercise, organisation, calc.today() AS today FROM facts.operation WHERE key = :key"),
        {"key": scope.operation},
    ).mappings().one()  # fmt: skip
    today: date = operation["today"]
    period = scope.period or (today - timedelta(days=WINDOW_DAYS), today)
    shown = Scope(scope.operation, scope.audience, scope.bbox, period, scope.as_of, scope.member)
    who = room(connection, scope)
    described = [_layer(connection, layer, shown, who["rules"]) for layer in STACK]
    audiences = connection.execute(text("SELECT key, title FROM facts.audience ORDER BY position")).mappings().all()
    return {
        "operation": {
            "key": operation["key"], "title": operation["title"], "exercise": operation["exercise"],
            "organisation": operation["organisation"],
        },
        "audience": {
            "key": who["key"], "title": who["title"], "clearance": who["clearance"],
            "handling": highest(connection), "sentence": who["sentence"], "may_write": who["may_write"],
        },
        "audiences": [dict(a) for a in audiences],
        "bbox": extent(connection, scope),
        "as_of": (scope.as_of.date() if scope.as_of else today).isoformat(),
        "as_of_text": say_date(scope.as_of.date() if scope.as_of else today),
        "today": today.isoformat(),
        "period": [d.isoformat() if d else None for d in period],
        "disclaimer": DISCLAIMER.format(organisation=operation["organisation"] or "the organisation using this map"),
        "layers": described,
    }  # fmt: skip


def extent(connection: Connection, scope: Scope) -> list[float]:
    """Where the operation is: its boundaries, else what it has drawn; the world when it is empty."""
    for name in ("boundaries", "areas_of_operation", "incidents", "roads", "sites"):
        layer = next(each for each in STACK if each.name == name)
        box = features.extent(connection, layer, Scope(scope.operation, scope.audience, member=scope.member))
        if box:
            return box
    return [-170.0, -60.0, 170.0, 75.0]


def _layer(connection: Connection, layer: Layer, scope: Scope, rules: dict[str, str]) -> dict[str, Any]:
    rule = access(layer, rules)
    shown = rule not in ("withheld", "count") or layer.subject == "incident_counts"
    counts = features.by_class(connection, layer, scope) if shown else {}
    named = {r.value for r in layer.style.rules}
    rules_ = [
        {
            "value": r.value, "label": r.label, "symbol": asdict(r.symbol),
            "count": counts.get(r.value, 0) if r.value is not None or layer.style.by is None
            else sum(n for value, n in counts.items() if value not in named or value is None),
        }
        for r in layer.style.rules
    ]  # fmt: skip
    return {
        "name": layer.name, "title": layer.title, "question": layer.question, "group": layer.group,
        "shape": layer.shape, "zoom": list(layer.zoom), "on": layer.on and shown, "warning": layer.warning, "fixed": layer.fixed,
        "count": sum(counts.values()) if shown else None, "access": rule,
        "style": {
            "by": layer.style.by, "label": layer.style.label, "opacity": layer.style.opacity, "note": layer.style.note,
            "rules": rules_,
        },
    }  # fmt: skip


def labels(connection: Connection, scope: Scope, names: list[str]) -> list[dict[str, Any]]:
    """One label a feature, at a point inside it, for polygon layers that have one: largest first, at most 500."""
    found: list[dict[str, Any]] = []
    for layer in STACK:
        if layer.name not in names or not layer.style.label or layer.shape != "polygon":
            continue
        by = layer.style.by or "id"
        alias = layer.geometry.split(".")[0]
        inside = f"{alias}.label" if layer.simplified else f"ST_PointOnSurface({layer.geometry})"
        sql = f"""
            SELECT t.id, ST_X(t.geom), ST_Y(t.geom), t."{layer.style.label}"::text, t."{by}"
            FROM ({source(layer, scope, inside)}) AS t ORDER BY t.id LIMIT 500
        """
        for row in connection.execute(text(sql), scope.binds(9)):
            found.append(
                {"layer": layer.name, "id": row[0], "lon": row[1], "lat": row[2], "text": row[3], "class": row[4]}
            )
    return found


def identify(
    connection: Connection, scope: Scope, names: list[str], lon: float, lat: float, zoom: float
) -> list[dict[str, Any]]:
    """Every record under a point, top layer first, in words: a tolerance of 6 pixels for points and lines."""
    tolerance = 6 * 360 / (256 * 2 ** min(max(zoom, 0), 22))
    hidden = withheld(connection, scope)
    found: list[dict[str, Any]] = []
    for layer in reversed(STACK):
        if layer.name not in names or layer.name == "basemap":
            continue
        for record in features.at(connection, layer, scope, lon, lat, tolerance):
            found.append(
                {
                    "layer": layer.name, "layer_title": layer.title, "id": record["id"], "title": title(layer, record),
                    "bbox": record["bbox"], "rows": spoken(layer, record, hidden),
                    "properties": {f.name: record[f.name] for f in features.shown(layer, hidden)},
                }
            )  # fmt: skip
    return found


def title(layer: Layer, record: dict[str, Any]) -> str:
    """What a record is called."""
    if layer.name == "overlaps":
        return f"{record['actor_a'] or 'Withheld'} and {record['actor_b'] or 'withheld'}"
    for name in ("actor", "name", "district", "sub_event_type", "event_type"):
        if record.get(name):
            return str(record[name])
    return layer.title


def spoken(layer: Layer, record: dict[str, Any], hidden_fields: set[str]) -> list[dict[str, Any]]:
    """A record's fields as a person reads them; empty ones are left out, withheld ones are named as such."""
    rows = []
    for field in layer.fields:
        if not field.popup or (record[field.name] is None and field.name not in hidden_fields):
            continue
        hidden = field.name in hidden_fields
        value = None if hidden else record[field.name]
        rows.append(
            {
                "name": field.name,
                "title": field.title,
                "value": value,
                "text": "withheld" if hidden else words(field, value),
            }
        )
    return rows


def words(field: Field, value: Any) -> str:
    """One value in words: the code's label, a date with its month, a number with its unit."""
    if value is None:
        return "unknown"
    if field.kind == "boolean":
        return "yes" if value else "no"
    if field.kind == "date":
        return say_date(value)
    if field.code and field.kind == "list":
        return "; ".join(say(field.code, code) for code in str(value).split(", "))
    if field.code:
        return say(field.code, value)
    if field.name.startswith("share_"):
        return f"{value:.0%}"
    if field.kind == "number":
        text_ = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")
        return f"{text_} {field.unit}" if field.unit else text_
    if field.kind == "integer":
        return f"{value:,} {field.unit}" if field.unit else f"{value:,}"
    return str(value)
