"""By which words are incidents found? As SQL: the triggers that keep `facts.incident_name` equal to what stands in `facts.incident`.

They follow each change of incidents in its transaction, whoever makes it: one pass over the rows of a statement. A name goes
with the last row that has it.
"""

from collections.abc import Iterator

MOST = 20
"""Of each name so many of its newest rows are kept by their numbers."""
LONGEST = 300
"""Letters of a name; what is longer is found by these."""
FIELDS = ("event_type", "sub_event_type", "source")
"""The columns beside the place and the actors; of few values, so that rows are counted together first."""
_RIGHTS = ("handling", "finest", "coarsest", "redistributable")
_KEY = ("operation_id", "placed", "field", "name", *_RIGHTS)
_SAME = " AND ".join(f"k.{column} = g.{column}" for column in _KEY)
_NEWEST = f"ARRAY(SELECT u.id FROM unnest({{}}) AS u (id) ORDER BY u.id DESC LIMIT {MOST})"


def _names(rows: str, *, last: bool) -> str:
    """The names of the rows of a FROM item shaped like facts.incident, each once for those who are told the same: how many of the
    rows have it, and their numbers, or those of the `last` of them alone."""
    by = "r.operation_id, r.placed, r." + ", r.".join(_RIGHTS)
    row = f"""(
        SELECT i.operation_id, i.id, i.geo_precision IN ('exact', 'settlement') AS placed, i.{", i.".join(_RIGHTS)}, i.actors,
            i.location, i.{", i.".join(FIELDS)}
        FROM {rows} AS i) AS r"""
    ids = "(array_agg(r.id))" + (f"[greatest(count(*)::int - {MOST - 1}, 1):]" if last else "")
    return f"""
        SELECT {by}, 'location' AS field, left(r.location, {LONGEST}) AS name, count(*)::int AS n, {ids} AS ids
        FROM {row} WHERE r.location <> '' GROUP BY {by}, left(r.location, {LONGEST})
        UNION ALL
        SELECT {by}, r.field, r.name, sum(r.n)::int, array_agg(r.id) FROM (
            SELECT {by}, f.field, f.name, CASE u.place WHEN 1 THEN r.n ELSE 0 END AS n, u.id
            FROM (
                SELECT {by}, r.{", r.".join(FIELDS)}, r.actors, count(*) AS n, {ids} AS ids
                FROM {row} GROUP BY {by}, r.{", r.".join(FIELDS)}, r.actors
            ) AS r
            CROSS JOIN LATERAL (
                SELECT v.field, left(v.name, {LONGEST}) AS name
                FROM (VALUES {", ".join(f"('{column}', r.{column})" for column in FIELDS)}) AS v (field, name)
                UNION
                SELECT 'actors', left(e.actor ->> 'label', {LONGEST}) FROM jsonb_array_elements(r.actors) AS e (actor)
            ) AS f
            CROSS JOIN LATERAL unnest(r.ids) WITH ORDINALITY AS u (id, place)
        ) AS r
        WHERE r.name <> '' GROUP BY {by}, r.field, r.name
    """


def fill(rows: str) -> str:
    """Takes the names of such rows in."""
    columns = ", ".join(_KEY)
    return f"""
        INSERT INTO facts.incident_name AS k ({columns}, n, ids)
        SELECT {columns}, g.n, {_NEWEST.format("g.ids")} FROM ({_names(rows, last=True)}) AS g
        ON CONFLICT ({columns}) DO UPDATE SET n = k.n + excluded.n, ids = {_NEWEST.format("k.ids || excluded.ids")}
    """


def _take(rows: str) -> str:
    """Takes the names of such rows out. Where the newest of a name are all gone and older ones are not, these are looked for."""
    every = "(SELECT t.* FROM calc.incident AS t WHERE t.operation_id = (SELECT calc.operation()))"
    return f"""
        UPDATE facts.incident_name AS k SET n = k.n - g.n,
            ids = ARRAY(SELECT u.id FROM unnest(k.ids) AS u (id) WHERE u.id <> ALL (g.ids) ORDER BY u.id DESC)
        FROM ({_names(rows, last=False)}) AS g WHERE {_SAME};
        DELETE FROM facts.incident_name AS k
        WHERE k.operation_id = (SELECT calc.operation()) AND cardinality(k.ids) = 0 AND k.n <= 0;
        IF EXISTS (
            SELECT FROM facts.incident_name AS k
            WHERE k.operation_id = (SELECT calc.operation()) AND cardinality(k.ids) = 0
        ) THEN
            UPDATE facts.incident_name AS k SET ids = {_NEWEST.format("g.ids")}
            FROM ({_names(every, last=False)}) AS g WHERE {_SAME} AND cardinality(k.ids) = 0;
        END IF;
    """


def statements() -> Iterator[str]:
    """The function and the triggers."""
    kept = ("operation_id", "id", "geo_precision", *_RIGHTS, "location", *FIELDS, "actors")
    differ = f"(w.{', w.'.join(kept)}) IS DISTINCT FROM (n.{', n.'.join(kept)})"
    both = f"FROM was AS w JOIN now AS n ON n.operation_id = w.operation_id AND n.id = w.id WHERE {differ}"
    yield f"""
        CREATE FUNCTION calc.named_incident() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {fill("now")};
            ELSIF TG_OP = 'DELETE' THEN
                {_take("was")}
            ELSIF EXISTS (SELECT {both}) THEN
                {_take(f"(SELECT w.* {both})")}
                {fill(f"(SELECT n.* {both})")};
            END IF;
            RETURN NULL;
        END
        $$
    """
    for event, rows in (
        ("INSERT", "NEW TABLE AS now"),
        ("UPDATE", "OLD TABLE AS was NEW TABLE AS now"),
        ("DELETE", "OLD TABLE AS was"),
    ):
        yield f"""
            CREATE TRIGGER named_{event.lower()} AFTER {event} ON facts.incident REFERENCING {rows}
            FOR EACH STATEMENT EXECUTE FUNCTION calc.named_incident()
        """
