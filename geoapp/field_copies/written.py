"""What of a record may be changed by hand, as one SELECT a collection: what a copy held when it was opened is compared with what it
holds now."""

from functools import cache

from geoapp.record import NOUNS, Noun

REGISTER = ("status", "strategy", "liaison", "owner", "due")
NOTE = ("pair_id", "words", "reason")


def _names(noun: Noun) -> bool:
    return any(field.refers_to for field in noun.fields.values())


_NOUNS = sorted(
    (name for name in NOUNS if name != "zones_to_review"), key=lambda name: (name != "actors", _names(NOUNS[name]))
)
FIELDS: dict[str, tuple[str, ...]] = {
    name: (*NOUNS[name].fields, *(("status",) if NOUNS[name].lifecycle else ())) for name in _NOUNS
} | {"overlaps": REGISTER, "overlap_notes": NOTE}
"""Each collection with the fields that are compared, in an order in which what others name comes before them."""
SHAPE = "_shape"
"""Under which name a record says which shape it has."""
TABLE = {name: NOUNS[name].table for name in FIELDS if name in NOUNS} | {
    "overlaps": "overlap_pair",
    "overlap_notes": "overlap_note",
}
"""The table of each collection."""


def _noun(noun: Noun, names: tuple[str, ...]) -> str:
    pairs, join, shape = [], "", None
    for name in names:
        field = noun.fields.get(name)
        sql = (field.sql or f't."{field.column or name}"') if field else f't."{name}"'
        if noun.period and name in noun.period:
            sql = "lower(t.valid)" if name == noun.period[0] else "upper(t.valid) - 1"
        pairs.append(f"'{name}', {sql}")
    if noun.subject:
        holds = "g" if noun.ground else "t"
        join = f"JOIN facts.footprint AS p ON p.operation_id = t.operation_id AND p.id = {holds}.footprint_id"
        join = f"{noun.ground.join} {join}" if noun.ground else join
        shape = "p.geom"
    elif noun.shape:
        shape = "t.geom"
    if shape:
        pairs.append(f"'{SHAPE}', md5(ST_AsBinary({shape}))")
    where = "WHERE t.finest = 0" if noun.table == "incident" else ""
    more = "t.source_event_id" if noun.table == "incident" else "NULL"
    return f"""
        SELECT DISTINCT ON (t.id) t.id, t.version, jsonb_build_object({", ".join(pairs)}) AS record, t.recorded_at, t.recorded_by,
            t.batch_id, {f"ST_AsGeoJSON({shape}, 9)" if shape else "NULL"} AS shape, {more} AS event,
            NULL::bigint[] AS between
        FROM facts.{noun.table} AS t {join} {where} ORDER BY t.id
    """


_SIDES = """(SELECT ARRAY[o.area_a, o.area_b] FROM facts.overlap AS o WHERE o.operation_id = t.operation_id AND o.pair_id = t.{0}
            ORDER BY o.id LIMIT 1)"""
"""The areas of the first piece of a pair, by which it is found at home."""


@cache
def written(collection: str) -> str:
    """The SELECT of a collection's records: number, version, what is written of each, when and by whom, its shape as GeoJSON. It is
    read with the rights of the owner, in an instance that is a copy."""
    if collection in NOUNS:
        return _noun(NOUNS[collection], FIELDS[collection])
    pairs = ", ".join(f"'{name}', t.{name}" for name in FIELDS[collection])
    between = _SIDES.format("id" if collection == "overlaps" else "pair_id")
    return f"""
        SELECT t.id, t.version, jsonb_build_object({pairs}) AS record, t.recorded_at, t.recorded_by, NULL::bigint AS batch_id,
            NULL AS shape, NULL AS event, {between} AS between FROM facts.{TABLE[collection]} AS t
    """
