"""Where do two actors share ground at the same time, and what was agreed about it?"""

from itertools import combinations_with_replacement

from layers._base import Coarse, Field, Layer, Listing, Rule, Style
from layers._pairs import ALSO, CODE, DAYS, FIRST_KNOWN, INCIDENTS, NOTED, RISK, pieces, sides
from layers._palette import DOMAIN_LABELS, DOMAIN_SYMBOLS, stripes
from layers._sql import CATEGORY, CHANGED, DAY, UNIT_ON

OPEN = "t.status NOT IN ('resolved', 'dismissed') AND NOT coalesce(t.period_end < (SELECT calc.today()), false)"
"""Somebody has to look at it: one whose days are over has closed itself."""
INSIDE = f"max({INCIDENTS}) AS most, bool_or(o.incidents IS NULL) AS queued, max({RISK}) AS risk"
SECTORS = """(SELECT string_agg(DISTINCT each.sector, ', ' ORDER BY each.sector)
                FROM unnest(s.sectors) AS each (sector) WHERE each.sector IS NOT NULL)"""
REOPENED = "CASE WHEN bool_and(o.reopened_on IS NOT NULL) THEN min(o.reopened_on) END AS reopened_on"

LAYER = Layer(
    name="overlaps",
    title="Overlaps",
    question="Where do two actors share ground at the same time, and what was agreed about it?",
    group="Coordination",
    shape="polygon",
    pieces=True,
    subject="overlaps",
    found=("code", "also", "actor_a", "actor_b"),
    units=("districts",),
    reads=("overlap", "overlap_pair", "overlap_note", "ground", "area", "actor", "boundary"),
    open=True,
    told=("overlap", "overlaps"),
    tabled=1,
    titled=("{actor_a} and {actor_b}",),
    printed=(
        ("Overlap", "code", "status"),
        ("Between", "actor_a", "actor_b"),
        ("Relation, where", "relation", "districts"),
        ("Together", "period_start", "period_end"),
        ("Ground", "km2"),
        ("Shares", "share_a", "share_b"),
        ("Inside", "incidents", "risk"),
    ),
    # its own SELECT counts notes and looks for districts
    holds="""
        SELECT 1 FROM facts.overlap AS o WHERE o.ground_id IS NOT NULL
        UNION ALL SELECT 1 FROM facts.form AS f WHERE f.audience = calc.audience() AND f.layer = 'overlaps'
        """,
    geometry="g.geom",
    simplified=("g.low", "g.mid"),
    sql=f"""
        SELECT p.id, {CODE}, {ALSO}, ca.name AS actor_a, cb.name AS actor_b, s.domain_a, s.domain_b,
            least(s.domain_a, s.domain_b) || '|' || greatest(s.domain_a, s.domain_b) AS domains, s.relation,
            {SECTORS} AS sector,
            (
                SELECT string_agg(DISTINCT u.name, ', ' ORDER BY u.name)
                FROM facts.ground AS m
                JOIN facts.footprint AS f ON f.operation_id = m.operation_id AND f.geom && m.geom
                    AND (ST_Intersects(m.geom, f.label) OR ST_Intersects(f.geom, m.label))
                JOIN calc.boundary AS u ON u.operation_id = f.operation_id AND u.footprint_id = f.id AND u.level = 2
                    AND {UNIT_ON.format("u", DAY)}
                WHERE m.operation_id = s.operation_id AND m.id = ANY (s.grounds)
            ) AS districts,
            s.places, s.starts AS period_start, s.ends - 1 AS period_end, {DAYS} AS days,
            round(g.km2::numeric, 2)::float8 AS km2, round(s.share_a::numeric, 4)::float8 AS share_a,
            round(s.share_b::numeric, 4)::float8 AS share_b, CASE WHEN NOT s.queued THEN s.most END AS incidents, s.risk,
            p.status, p.strategy, p.liaison, p.owner, p.due, {NOTED}, s.reopened_on, p.version,
            greatest(p.recorded_at, s.recorded_at)::date AS changed_on, s.handling::text AS handling, {{geom}} AS geom
        {
        pieces(
            "o.ground_id",
            f"{sides('a.actor_id', 'b.actor_id')}, {INSIDE}, {REOPENED},"
            " array_agg(a.sector) || array_agg(b.sector) AS sectors",
        )
    }
        """,
    held="overlaps",
    coarse=Coarse(
        whole=True,
        told=(
            "actor_a",
            "actor_b",
            "domain_a",
            "domain_b",
            "domains",
            "relation",
            "sector",
            "period_start",
            "period_end",
            "status",
            "handling",
        ),
        followed={
            # how much lies inside changes often, and is told where incidents or zones are
            "overlap": """
                SELECT (d.row ->> 'pair_id')::bigint FROM due AS d
                WHERE d.row ->> 'pair_id' IS NOT NULL AND (d.row ->> 'derived' IS NULL OR d.row -> 'derived' ? 'pair_id'
                    OR (d.row -> 'derived' ? 'incidents' AND (SELECT calc.precision_of('incidents')) <= 1)
                    OR (d.row -> 'derived' ? 'risk' AND (SELECT calc.precision_of('risk_zones')) <= 2))""",
            "overlap_pair": CHANGED,
            "overlap_note": """
                SELECT coalesce(p.joined_into, p.id) FROM facts.overlap_pair AS p
                WHERE p.id = ANY (ARRAY(SELECT (d.row ->> 'pair_id')::bigint FROM due AS d))""",
            "area": f"""
                SELECT o.pair_id FROM facts.overlap AS o WHERE o.area_a = ANY (ARRAY({CHANGED}))
                UNION SELECT o.pair_id FROM facts.overlap AS o WHERE o.area_b = ANY (ARRAY({CHANGED}))""",
            "actor": f"""
                SELECT o.pair_id FROM facts.overlap AS o
                JOIN facts.area AS a ON a.operation_id = o.operation_id AND a.id IN (o.area_a, o.area_b)
                WHERE a.actor_id = ANY (ARRAY({CHANGED}))""",
        },
        labels={"actor_a": CATEGORY.format("t.domain_a"), "actor_b": CATEGORY.format("t.domain_b")},
        organisations="ARRAY[CASE t.domain_a WHEN 'civil' THEN t.actor_a END, CASE t.domain_b WHEN 'civil' THEN t.actor_b END]",
        rules="""CAST((
            SELECT ARRAY['overlaps'] || array_agg(replace(s.subject, 'areas.', 'areas_of_operation.'))
            FROM facts.overlap AS o CROSS JOIN unnest(o.subjects) AS s (subject) WHERE o.pair_id = t.id) AS text[])""",
    ),
    fields=(
        Field("code", "Overlap", hxl="#meta+id", drawn=True),
        Field("also", "Joined into it", hxl="#meta+id+joined"),
        Field("actor_a", "First actor", hxl="#org+name+a"),
        Field("actor_b", "Second actor", hxl="#org+name+b"),
        Field("domain_a", "First domain", popup=False, code="domains", hxl="#org+type+a"),
        Field("domain_b", "Second domain", popup=False, code="domains", hxl="#org+type+b"),
        Field("domains", "Domains", popup=False),
        Field("relation", "Relation", code="relations", hxl="#event+type"),
        Field("sector", "Sector", hxl="#sector"),
        Field("districts", "Districts", hxl="#adm2+name+list"),
        Field("places", "Places", "integer", hxl="#meta+count+places"),
        Field("period_start", "Together from", "date", hxl="#date+start"),
        Field("period_end", "Together to", "date", hxl="#date+end"),
        Field("days", "Days together", "integer", "days", hxl="#meta+days"),
        Field("km2", "Shared ground", "number", "km²", hxl="#meta+area"),
        Field("share_a", "Largest share of an area of the first actor", "number", hxl="#meta+share+a"),
        Field("share_b", "Largest share of an area of the second actor", "number", hxl="#meta+share+b"),
        Field("incidents", "Incidents inside, at the place with most", "integer", hxl="#meta+count+incidents"),
        Field("risk", "Highest risk level inside", "integer", code="risk_levels", hxl="#meta+risk"),
        Field("status", "Status", code="overlap_status", hxl="#status", drawn=True),
        Field("strategy", "Strategy", code="strategies", hxl="#meta+strategy"),
        Field("liaison", "Liaison", code="liaison", hxl="#meta+liaison"),
        Field("owner", "Owner", hxl="#contact+owner"),
        Field("due", "Due", "date", hxl="#date+due"),
        Field("note", "Newest note", hxl="#description"),
        Field("noted_on", "Noted on", "date", hxl="#date+note"),
        Field("note_count", "Notes", "integer", hxl="#meta+count+notes"),
        Field("reopened_on", "Open again since", "date", hxl="#date+reopened"),
        Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
        Field("changed_on", "Changed on", "date", popup=False, hxl="#date+updated"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    listing=Listing(
        fields=(
            "code",
            "actor_a",
            "actor_b",
            "domain_a",
            "domain_b",
            "relation",
            "sector",
            "districts",
            "places",
            "period_start",
            "period_end",
            "days",
            "km2",
            "share_a",
            "share_b",
            "incidents",
            "risk",
            "status",
            "strategy",
            "owner",
            "due",
            "note",
            "noted_on",
            "note_count",
            "reopened_on",
            "version",
        ),
        search=("code", "also", "actor_a", "actor_b", "districts", "owner", "note"),
        sorts={
            "new": "t.status <> 'new', t.due",
            "code": "t.code",
            "actors": "t.actor_a",
            "relation": "t.relation",
            "districts": "t.districts",
            "period": "t.period_start",
            "km2": "-t.km2",
            "share": "-greatest(t.share_a, t.share_b)",
            "risk": "-coalesce(t.risk, 0), -coalesce(t.incidents, 0)",
            "strategy": "t.strategy",
            "owner": "t.due",
            "status": "array_position(ARRAY['new', 'acknowledged', 'in_coordination', 'agreed', 'monitoring', 'resolved',"
            " 'dismissed'], t.status)",
        },
        tie="t.code",
        filters={
            "relation": "t.relation = :relation",
            "status": f"CASE :status WHEN 'open' THEN {OPEN} ELSE t.status = :status END",
            "sector": ":sector = ANY (string_to_array(t.sector, ', '))",
            "share": "greatest(t.share_a, t.share_b) * 100 >= CAST(:share AS float8)",
            "since": f"{FIRST_KNOWN} >= CAST(:since AS date)",
            "owner": "CASE :owner WHEN 'none' THEN t.owner IS NULL ELSE lower(t.owner) = lower(:owner) END",
            "due": f"{OPEN} AND t.due < (SELECT calc.today()) + CASE :due WHEN 'over' THEN 0 ELSE 8 END",
        },
        groups={
            "relation": "ARRAY[t.relation]",
            "status": "ARRAY[t.status]",
            "sector": "string_to_array(t.sector, ', ')",
            "owner": "ARRAY[t.owner]",
        },
        counts={
            "open": (OPEN, "status"),
            "new": ("t.status = 'new'", "status"),
            "unowned": ("t.owner IS NULL", "owner"),
        },
    ),
    style=Style(
        by="domains",
        label="code",
        labelled="chosen",
        note="Stripes take both actors' colours.",
        rules=tuple(
            Rule(
                "|".join(sorted(pair)),
                f"{DOMAIN_LABELS[pair[0]]} – {DOMAIN_LABELS[pair[1]].lower()}",
                stripes(*pair),
                on=pair != ("civil", "civil"),
            )
            for pair in combinations_with_replacement(DOMAIN_SYMBOLS, 2)
        ),
    ),
)
