"""Is a row whose identifier is known really about the same thing? Not when its place and what it is have changed at once.

Lists are numbered anew, and another file's SITE-7 is another site: taken as an update it would put one record in the place
of another without a word. Moved far means that each middle lies more than a kilometre (or what the record's precision
allows) outside the shape of the other, so that a corrected coordinate, a redrawn border and half of a road that was split
are no moves. Changed are words and codes that both have and that differ beyond case, accents and punctuation, so that what
is filled in or left out is no change.

Such a row does not land and what was known stays, until somebody says that it is the same (`moved`). Where numbers are
given by one publisher (ACLED, UCDP), who does correct place and type together, it lands and is told. So does a row that has
moved far and is still called the same, when anything else that it says has changed.
"""

from sqlalchemy import Connection, text

from geoapp.ingest.kind import Identity
from geoapp.ingest.report import Finding
from geoapp.model.subjects import read_from

_PLAIN = (
    r"nullif(regexp_replace(regexp_replace(normalize(lower(({})::text), NFKD), '[\u0300-\u036f]', '', 'g'),"
    " '[^[:alnum:]]+', '', 'g'), '')"
)


def hold_back(
    connection: Connection, operation_id: int, identity: Identity | None, *, moved: bool
) -> tuple[int, list[Finding]]:
    """Take the staged rows that are about another thing out of `staging`; how many, and a finding for each, and for each that
    lands with its place and more changed.

    None when somebody has said that they are the same (`moved`), or when the kind has no identity.
    """
    if identity is None or moved:
        return 0, []
    own, more = (
        [(word, _PLAIN.format(was), _PLAIN.format(now)) for word, (was, now) in said.items()]
        for said in (identity.says, identity.also)
    )

    def differing(pairs: list[tuple[str, str, str]]) -> str:
        words = ", ".join(f"CASE WHEN {was} <> {now} THEN '{word}' END" for word, was, now in pairs)
        return f"array_remove(CAST(ARRAY[{words}] AS text[]), NULL)"

    rows = connection.execute(
        text(f"""
        WITH said AS MATERIALIZED (
            SELECT s.row_no, {identity.known_as} AS known_as, {identity.published} AS published, {identity.far_m} AS far_m,
                {identity.stored} AS was, {identity.staged} AS now, {differing(own)} AS changed, {differing(more)} AS also,
                concat_ws(', ', {", ".join(was for was, _ in identity.says.values())}) AS before,
                concat_ws(', ', {", ".join(now for _, now in identity.says.values())}) AS after
            FROM staging AS s JOIN {read_from(identity.table)} AS t ON t.operation_id = :operation AND {identity.join}
            WHERE NOT ({identity.kept}) AND ({" OR ".join(f"{was} <> {now}" for _, was, now in (*own, *more))})
        ), far AS (
            SELECT d.*, ST_Distance(d.was::geography, d.now::geography, false) / 1000 AS km
            FROM said AS d
            WHERE d.far_m IS NOT NULL AND NOT d.was ~= d.now
                AND NOT ST_DWithin(d.was::geography, ST_PointOnSurface(d.now)::geography, d.far_m, false)
                AND NOT ST_DWithin(d.now::geography, ST_PointOnSurface(d.was)::geography, d.far_m, false)
        ), away AS (
            DELETE FROM staging AS s USING far AS f WHERE s.row_no = f.row_no AND NOT f.published AND f.changed <> '{{}}'
        )
        SELECT DISTINCT ON (row_no) row_no, known_as, published, changed, also, before, after, km FROM far ORDER BY row_no
        """),
        {"operation": operation_id},
    )
    findings = [_finding(*row) for row in rows]
    return sum(finding.severity == "error" for finding in findings), findings


def _finding(
    row: int, known_as: str, published: bool, changed: list[str], also: list[str], before: str, after: str, km: float
) -> Finding:
    different = changed or also
    what = " and ".join(["place", *different]) if len(different) == 1 else ", ".join(["place", *different])
    away = f"{km:,.0f} km from there" if km >= 1 else "next to it"
    if not changed:
        return Finding(
            "warning", row, None, "moved-and-changed",
            f"{known_as} ({after or before or 'without a name'}) is {away.replace('there', 'where it was')}: {what} have changed at once. It lands, as"
            " the same thing.", "Look whether it is; another thing needs an identifier of its own.", known_as,
        )  # fmt: skip
    words = f"{known_as} is known as {before!r}; the row says {after!r}, {away}: {what} have changed at once."
    if published:
        return Finding(
            "warning", row, None, "moved-and-changed", f"{words} It lands, as its publisher's correction.",
            "Look whether it is still the same event.", known_as,
        )  # fmt: skip
    return Finding(
        "error", row, None, "another-thing", f"{words} It does not land, and what was known stays.",
        "If it is another thing, give it an identifier of its own. If it is the same, import again with --moved"
        " (over HTTP moved=true).", known_as,
    )  # fmt: skip
