"""The shell's command about shared ground: overlaps, doubles and gaps as a table."""

from typing import Annotated

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
    json: Json = False,
) -> None:
    """Who shares ground with whom, where, since when, how much."""
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
