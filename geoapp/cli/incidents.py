"""The shell's commands about what is going on: counts beside the months before, and where incidents gather."""

from typing import Annotated

import typer

from geoapp import db, overlay
from geoapp.cli import output
from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, key_of, opened, out, show
from geoapp.draw import features
from geoapp.scope import Scope, parse_moment, parse_period
from layers import get
from layers.hot_spots import DAYS, KM, LEAST, WORDS

incidents = typer.Typer(no_args_is_help=True, help="Incidents: what is going on.")
app.add_typer(incidents, name="incidents")


@incidents.command("trends")
def incidents_trends(
    months: Annotated[int, typer.Option(help="How many, beside as many before.")] = 3,
    until: Annotated[str | None, typer.Option(help="The last month, such as 2026-10; this one when not said.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to print.")] = 40,
    operation: Operation = None,
    audience: Audience = "internal",
    json: Json = False,
) -> None:
    """Incidents by district and type, and how that differs from the months before."""
    with opened() as (_, _, engine):
        scope = Scope(key_of(engine, operation), audience, member="local")
        with db.transaction(engine, scope.context()) as connection:
            found = overlay.trends(connection, overlay.span_asked(connection, until, months))
    show(found) if json else output.trends(out, found, limit)


@incidents.command("hot-spots")
def incidents_hot_spots(
    datetime: Period = None,
    as_of: AsOf = None,
    operation: Operation = None,
    audience: Audience = "internal",
    json: Json = False,
) -> None:
    """Where and when incidents gathered, most of them first; of the last 90 days when no period is asked for."""
    layer = get("hot_spots")
    with opened() as (_, _, engine):
        scope = Scope(
            key_of(engine, operation), audience, period=parse_period(datetime),
            as_of=parse_moment(as_of) if as_of else None, member="local",
        )  # fmt: skip
        with db.transaction(engine, scope.context()) as connection:
            found = features.rows(connection, layer, scope, order="t.n DESC, t.id")
    if json:
        show({"within_km": KM, "least": LEAST, "gap_days": DAYS, "hot_spots": found})
    else:
        out.print(f"{len(found):,} hot spots. {WORDS}.", markup=False)
        output.table(out, layer, found)
