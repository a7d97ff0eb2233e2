"""The shell's command about time: what differs between two moments."""

from typing import Annotated

import typer

from geoapp.cli.app import Audience, Json, Operation, app, key_of, opened, out, show

_MOST = 500


@app.command()
def compare(
    operation: Operation = None,
    audience: Audience = "internal",
    then: Annotated[str | None, typer.Option(help="What was known on this day or moment.")] = None,
    now: Annotated[str | None, typer.Option(help="And on this one; now without it.")] = None,
    then_on: Annotated[str | None, typer.Option(help="The day looked at; that of --then without it.")] = None,
    now_on: Annotated[str | None, typer.Option(help="The later day; that of --now without it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="Records to print.")] = 50,
    json: Json = False,
) -> None:
    """What is new, ended, moved, revised or withdrawn between two moments, and what of it was merely learned."""
    from geoapp import db
    from geoapp.cli import output
    from geoapp.draw.compare import Asked, compare, of_day
    from geoapp.scope import Scope

    with opened() as (_, _, engine):
        scope = Scope(key_of(engine, operation), audience, member="local")
        with db.transaction(engine, scope.context(), snapshot=True) as connection:
            moments = Asked(then, now, then_on, now_on).moments(of_day(connection))
            found = compare(connection, scope, *moments, limit=_MOST if json else limit)
            while json and len(found["changes"]) < found["matched"]:
                more = compare(connection, scope, *moments, limit=_MOST, offset=len(found["changes"]))
                found["changes"] += more["changes"]
    if json:
        show(found)
        return
    output.comparison(out(), found)
