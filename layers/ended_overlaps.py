"""Which overlaps are no more, since when, and why? What was agreed about them and noted on them stays.

Those whose areas parted are kept when somebody had written on them, and are open again once they meet; those whose days are
over are all here, and on the map of those days they are overlaps still.
"""

from layers._base import Field, Layer, Listing, Rule, Style, Symbol
from layers._pairs import ALSO, CODE, NOTED, pieces, sides

_DAY = "coalesce(o.ended_on, upper(o.period))"
GROUND = "coalesce(o.ground_id, o.last_ground)"
_LAST = f"ORDER BY o.ended IS NOT NULL, {_DAY} DESC, o.id"
WHY = f"(array_agg(coalesce(o.ended, 'over') {_LAST}))[1] AS ended, (array_agg({_DAY} {_LAST}))[1] AS ended_on"
"""Of the piece that ended last; of one whose days are over before those that are no more."""
OVER = """(o.ended IS NOT NULL OR upper(o.period) <= (SELECT calc.today())) AND NOT EXISTS (
                SELECT FROM facts.overlap AS e WHERE e.operation_id = o.operation_id AND e.pair_id = o.pair_id
                    AND e.ended IS NULL AND NOT coalesce(upper(e.period) <= (SELECT calc.today()), false))"""
"""The piece is no more, and so are all of its pair."""

LAYER = Layer(
    name="ended_overlaps",
    title="Ended overlaps",
    question="Which overlaps are no more, since when, and why?",
    group="Coordination",
    shape="polygon",
    subject="overlaps",
    reads=("overlap", "overlap_pair", "overlap_note", "ground", "actor"),
    on=False,
    exported=False,
    titled=("{actor_a} and {actor_b}",),
    printed=(
        ("Overlap", "code", "status"),
        ("Between", "actor_a", "actor_b"),
        ("Ended", "ended_on", "ended"),
        ("Together", "period_start", "period_end"),
        ("Note", "note"),
    ),
    geometry="g.geom",
    simplified=("g.low", "g.mid"),
    sql=f"""
        SELECT p.id, {CODE}, {ALSO}, ca.name AS actor_a, cb.name AS actor_b, s.domain_a, s.domain_b, s.relation, s.ended, s.ended_on,
            s.starts AS period_start, s.ends - 1 AS period_end, round(g.km2::numeric, 2)::float8 AS km2, p.status, p.strategy,
            p.liaison, p.owner, p.due, {NOTED}, p.version, s.handling::text AS handling, {{geom}} AS geom
        {pieces(GROUND, f"{sides('o.actor_a', 'o.actor_b')}, {WHY}", OVER)}
        """,
    fields=(
        Field("code", "Overlap", hxl="#meta+id", drawn=True),
        Field("also", "Joined into it", hxl="#meta+id+joined"),
        Field("actor_a", "First actor", hxl="#org+name+a"),
        Field("actor_b", "Second actor", hxl="#org+name+b"),
        Field("domain_a", "First domain", popup=False, code="domains", hxl="#org+type+a"),
        Field("domain_b", "Second domain", popup=False, code="domains", hxl="#org+type+b"),
        Field("relation", "Relation", code="relations", hxl="#event+type"),
        Field("ended", "Why it ended", code="endings", hxl="#status+ended"),
        Field("ended_on", "Ended on", "date", hxl="#date+ended"),
        Field("period_start", "Together from", "date", hxl="#date+start"),
        Field("period_end", "Together to", "date", hxl="#date+end"),
        Field("km2", "Ground that was shared", "number", "km²", hxl="#meta+area"),
        Field("status", "Status then", code="overlap_status", hxl="#status"),
        Field("strategy", "Strategy", code="strategies", hxl="#meta+strategy"),
        Field("liaison", "Liaison", code="liaison", hxl="#meta+liaison"),
        Field("owner", "Owner", hxl="#contact+owner"),
        Field("due", "Due", "date", hxl="#date+due"),
        Field("note", "Newest note", hxl="#description"),
        Field("noted_on", "Noted on", "date", hxl="#date+note"),
        Field("note_count", "Notes", "integer", hxl="#meta+count+notes"),
        Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    listing=Listing(
        fields=(
            "code", "actor_a", "actor_b", "domain_a", "domain_b", "relation", "ended", "ended_on", "period_start",
            "period_end", "km2", "status", "strategy", "owner", "due", "note", "note_count", "version",
        ),
        search=("code", "also", "actor_a", "actor_b", "owner", "note"),
        sorts={
            "new": "t.ended_on DESC",
            "code": "t.code",
            "actors": "t.actor_a",
            "ended": "t.ended",
            "period": "t.period_start",
            "km2": "-t.km2",
        },
        tie="t.code",
        filters={"relation": "t.relation = :relation", "ended": "t.ended = :ended"},
        groups={"relation": "ARRAY[t.relation]", "ended": "ARRAY[t.ended]"},
    ),
    style=Style(
        rules=(Rule(None, "Ground that was shared", Symbol(stroke="#45525D", width=1.3, dash=(4, 3), casing=True)),),
        note="Outlines alone: nobody shares this ground any more, or not on this day.",
    ),
)  # fmt: skip
