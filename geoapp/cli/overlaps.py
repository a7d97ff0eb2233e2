"""The shell's command about shared ground: overlaps, doubles and gaps as a table."""

from typing import Annotated, Literal

import typer

from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, opened, out, scope_of, show


@app.command()
def overlaps(
    operation: Operation = None,
    audience: Audience = "internal",
    period: Period = None,
    as_of: AsOf = None,
    doubles: Annotated[bool, typer.Option(help="Instead: several organisations in one district and sector.")] = False,
    gaps: Annotated[bool, typer.Option(help="Instead: districts where a sector has nobody.")] = False,
    limit: Annotated[int, typer.Option(help="Rows to print.")] = 50,
    peer: Annotated[
        Literal["geopandas"] | None,
        typer.Option(
            help="Instead: computes all of them anew by this and names every difference; 1 where there is one."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Who shares ground with whom, where, since when, how much."""
    if peer:
        _beside(operation, audience, json=json)
        return
    from geoapp import audiences, db
    from geoapp.cli import output
    from geoapp.draw import features, nothing
    from layers import get

    layer = get("doubles" if doubles else "gaps" if gaps else "overlaps")
    order = {"overlaps": "t.km2 DESC, t.id", "doubles": "t.n DESC, t.pcode", "gaps": "t.pcode, t.sector"}[layer.name]
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, period, as_of)
        with db.transaction(engine, scope.context()) as connection:
            rows = features.rows(connection, layer, scope, limit=None if json else limit, order=order)
            total = features.count(connection, layer, scope)
            said = nothing.said(connection, layer, scope, audiences.room(connection, scope))
    if json:
        show(rows)
        return
    output.table(out(), layer, rows)
    out().print(f"{min(limit, total):,} of {total:,} {layer.title.lower()}, {scope.sentence()}.")
    output.not_shown(out(), said)


def _beside(operation: str | None, audience: str, *, json: bool) -> None:
    from dataclasses import asdict

    from geoapp import audiences, db, overlay
    from geoapp.errors import Forbidden

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience)
        with db.transaction(engine, scope.context()) as connection:
            if not audiences.room(connection, scope).may_write:
                raise Forbidden("This room is not shown every area.", hint="Compare in a room that records.")
            total, found = overlay.compare(connection)
    if json:
        show({"peer": "geopandas", "recomputed": total, "differences": [asdict(each) for each in found]})
    else:
        for each in found:
            a, b = each.areas
            out().print(
                f"{each.what}: {each.code or 'no overlap'} of areas {a} and {b}: recorded {each.recorded}, recomputed {each.recomputed}"
            )
        out().print(f"{total:,} pieces of overlaps by geopandas, {len(found):,} differences.")
    if found:
        raise typer.Exit(1)
