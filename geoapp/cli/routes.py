"""The shell's commands about moving: a route, what is reached, the network."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from geoapp.cli.app import Audience, Json, Operation, app, opened, out, progress, scope_of, show

Severity = Annotated[int | None, typer.Option(help="Access constraints of this severity and above are not crossed.")]
Season = Annotated[Literal["now", "dry", "wet"], typer.Option(help="Whose practicability of the roads counts.")]


@app.command()
def route(
    start: Annotated[
        str, typer.Argument(metavar="FROM", help="A site, town, district; MGRS, UTM, or latitude, longitude.")
    ],
    goal: Annotated[str, typer.Argument(metavar="TO")],
    via: Annotated[list[str] | None, typer.Option(help="A place to pass; may be given several times.")] = None,
    operation: Operation = None,
    audience: Audience = "internal",
    vehicle: Annotated[int, typer.Option(help="UNSDI-T class, 1 non-motorised to 6 truck with trailer.")] = 4,
    departure: Annotated[str | None, typer.Option(help="A day or moment; now when not said.")] = None,
    risk_level: Annotated[int | None, typer.Option(help="Zones of this level and above are not crossed.")] = None,
    severity: Severity = None,
    season: Season = "now",
    night: Annotated[bool, typer.Option(help="Travel between 18:00 and 06:00 by the sun too.")] = True,
    risk: Annotated[float, typer.Option(help="How much longer an hour in a zone seems, for each level.")] = 0,
    alternatives: Annotated[int, typer.Option(help="How many ways that truly differ.")] = 1,
    json: Json = False,
) -> None:
    """A way on the roads as recorded, segment by segment.

    Whose ground it crosses, which zones, whom to inform. It clears nothing.
    """
    from geoapp import access, audiences, db
    from geoapp.cli import output
    from geoapp.scope import parse_moment

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience)
        with db.transaction(engine, scope.context()) as connection:
            places = [access.find(connection, words_) for words_ in (start, *(via or ()), goal)]
            moment = parse_moment(departure) if departure else datetime.now(UTC)
            question = access.RouteRequest(
                tuple((p.lon, p.lat) for p in places), moment, vehicle, risk_level=risk_level,
                constraint_severity=severity, season=season, night=night, risk=risk, alternatives=alternatives,
            )  # fmt: skip
            found = access.ask(connection, access.NetworkCache(), question)
            found["not_weighed"] = access.not_weighed(audiences.room(connection, scope))
    if json:
        show(found)
    else:
        output.route(out(), found, [p.name for p in places])
    raise typer.Exit(0 if found["routes"] else 1)


@app.command()
def reach(
    hub: Annotated[str, typer.Argument(help="A site, town, district; MGRS, UTM, or latitude, longitude.")],
    hours: Annotated[float, typer.Option(help="Within how many hours.")] = 8,
    operation: Operation = None,
    audience: Audience = "internal",
    vehicle: Annotated[int, typer.Option(help="UNSDI-T class, 1 non-motorised to 6 truck with trailer.")] = 4,
    departure: Annotated[str | None, typer.Option(help="A day or moment; now when not said.")] = None,
    risk_level: Annotated[int | None, typer.Option(help="Zones of this level and above are not crossed.")] = None,
    severity: Severity = None,
    season: Season = "now",
    json: Json = False,
) -> None:
    """Which sites and districts a vehicle gets to in time.

    Also which are cut off, and which piece of road holds up most.
    """
    from geoapp import access, audiences, db
    from geoapp.cli import output
    from geoapp.scope import parse_moment

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience)
        with db.transaction(engine, scope.context()) as connection:
            place = access.find(connection, hub)
            moment = parse_moment(departure) if departure else datetime.now(UTC)
            spot = (place.lon, place.lat)
            rules = access.RouteRequest(
                (spot, spot), moment, vehicle, risk_level=risk_level, constraint_severity=severity, season=season
            )
            rules.check()
            found = access.reach(connection, access.NetworkCache(), spot, hours, rules)
            found["not_weighed"] = access.not_weighed(audiences.room(connection, scope))
    show(found) if json else output.reach(out(), found, place.name)


@app.command()
def network(operation: Operation = None, audience: Audience = "internal", json: Json = False) -> None:
    """The roads as a network: nodes, edges, islands, joined ends.

    A large one is built and kept for everybody in this room.
    """
    from dataclasses import asdict

    from geoapp import access, db
    from geoapp.cli import output

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience)
        with db.transaction(engine, scope.context()) as connection:
            missing = access.NetworkCache().state(connection) != "ready"
        if missing:
            with progress() as tell:
                roads = access.build(engine, scope.context(), lambda step: tell(step, 0))
            with db.transaction(engine, scope.context()) as connection:
                access.keep(connection, roads)
        with db.transaction(engine, scope.context()) as connection:
            built = access.NetworkCache().roads(connection).network.built
    if json:
        show(asdict(built))
    else:
        output.network(out(), built)
