"""The shell's commands about what is going on: counts beside the months before, and where incidents gather."""

from typing import Annotated

import typer

from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, opened, out, scope_of, show

incidents = typer.Typer(no_args_is_help=True, help="Incidents: what is going on.")
app.add_typer(incidents, name="incidents")


@incidents.command("trends")
def incidents_trends(
    months: Annotated[int, typer.Option(help="How many, beside as many before.")] = 3,
    until: Annotated[str | None, typer.Option(help="The last month, such as 2026-10; this one when not said.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to print.")] = 40,
    as_of: AsOf = None,
    operation: Operation = None,
    audience: Audience = "internal",
    json: Json = False,
) -> None:
    """Incidents by district and type, and how that differs from the months before."""
    from geoapp import audiences, db, overlay
    from geoapp.cli import output
    from geoapp.draw import nothing
    from layers import get

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, as_of=as_of)
        with db.transaction(engine, scope.context()) as connection:
            found = overlay.trends(connection, overlay.span_asked(connection, until, months, scope), scope)
            room = audiences.room(connection, scope)
            said = nothing.said(connection, get("incident_counts"), scope, room)
    if json:
        show(found | said)
        return
    if room.shows("incident_counts"):
        output.trends(out(), found, limit)
    output.not_shown(out(), said)


@incidents.command("hot-spots")
def incidents_hot_spots(
    datetime: Period = None,
    as_of: AsOf = None,
    operation: Operation = None,
    audience: Audience = "internal",
    json: Json = False,
) -> None:
    """Where and when incidents gathered, most of them first; of the last 90 days when no period is asked for."""
    from geoapp import audiences, db
    from geoapp.cli import output
    from geoapp.draw import features, nothing
    from layers import get
    from layers._gathered import DAYS, KM, LEAST
    from layers.hot_spots import WORDS

    layer = get("hot_spots")
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, datetime, as_of)
        with db.transaction(engine, scope.context()) as connection:
            found = features.rows(connection, layer, scope, order="t.n DESC, t.id")
            said = nothing.said(connection, layer, scope, audiences.room(connection, scope))
    if json:
        show({"within_km": KM, "least": LEAST, "gap_days": DAYS, "hot_spots": found} | said)
    else:
        out().print(f"{len(found):,} hot spots. {WORDS}.", markup=False)
        output.table(out(), layer, found)
        output.not_shown(out(), said)
