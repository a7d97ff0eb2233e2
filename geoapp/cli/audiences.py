"""The shell's commands about rooms: what each is told and by which rule, and changing a rule."""

from typing import Annotated

import typer

from geoapp.cli.app import Audience, Json, Operation, app, opened, out, scope_of, show

audience = typer.Typer(no_args_is_help=True, help="Rooms: what each is told of every layer, and by which rule.")
app.add_typer(audience, name="audience")

Room = Annotated[str, typer.Argument(help="The room's key, such as hct.")]
Subject = Annotated[str, typer.Argument(help="What the rule is about: risk_zones, areas_of_operation.civil …")]


@audience.command("list")
def audience_list(operation: Operation = None, json: Json = False) -> None:
    """The rooms of an operation, each in one sentence."""
    from geoapp import audiences, db

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, "internal", None, None)
        with db.transaction(engine, scope.context()) as connection:
            rooms = audiences.rooms(connection)
    if json:
        show(
            [
                {"key": room.key, "title": room.title, "clearance": room.clearance, "sentence": room.sentence}
                for room in rooms
            ]
        )
        return
    for room in rooms:
        out().print(f"{room.key}  {room.title}: {room.sentence}.")


@audience.command("show")
def audience_show(room: Room, operation: Operation = None, audience: Audience = "internal", json: Json = False) -> None:
    """What a room is told of each layer, by which rule, and how many records; and the history of its rules."""
    from geoapp import audiences, db, record
    from geoapp.draw.not_seen import not_seen
    from geoapp.errors import NotFound

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, None, None)
        with db.transaction(engine, scope.context()) as connection:
            rooms = {each.key: each for each in audiences.rooms(connection)}
            asker = audiences.pick(list(rooms.values()), scope)
            if room not in rooms:
                raise NotFound(f"There is no room {room!r}.", hint=f"One of {', '.join(rooms)}.")
            layers = not_seen(connection, scope, asker, rooms[room])
            history = record.rule_history(connection, room)
    if json:
        show({"key": room, "layers": layers, "history": history})
        return
    for layer in layers:
        of = "" if layer["recorded"] is None else f" of {layer['recorded']:,}"
        out().print(f"{layer['sentence']} {layer['shown']:,}{of} shown.")
    for rule in history:
        ended = f"until {rule['until']:%-d %b %Y %H:%M}" if rule["until"] else "holds"
        out().print(
            f"{rule['subject']}: {rule['precision']}, version {rule['version']}, {rule['since']:%-d %b %Y %H:%M}, {ended}"
        )


@audience.command("set")
def audience_set(
    room: Room,
    subject: Subject,
    precision: Annotated[str, typer.Argument(help="exact, settlement, admin2, mgrs10, count or withheld.")],
    operation: Operation = None,
    labels: Annotated[str, typer.Option(help="Actors by name or category.")] = "name",
    dates: Annotated[str, typer.Option(help="Days to the day, week or month.")] = "day",
    least: Annotated[int, typer.Option(help="Organisations that a district must have to be told.")] = 0,
    withhold: Annotated[
        str | None, typer.Option(help="Fields that are not told, with commas between; as it is now unless said.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    version: Annotated[
        int | None, typer.Option(help="The version that was read; whatever stands there unless said.")
    ] = None,
) -> None:
    """Say what a room is told of a subject from now on."""
    from geoapp import db, record

    said = {
        "precision": precision, "labels": labels, "dates": dates, "least": least, "reason": reason,
        "withheld": None if withhold is None else [name.strip() for name in withhold.split(",") if name.strip()],
    }  # fmt: skip
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, "internal", None, None)
        with db.transaction(engine, scope.context()) as connection:
            read = record.rule_version(connection, room, subject) if version is None else version
            new = record.set_rule(connection, room, subject, said, read)
    out().print(f"{room} is told {subject}: {precision} (version {new}).")


@audience.command("reset")
def audience_reset(room: Room, subject: Subject, operation: Operation = None) -> None:
    """Take a rule back: the one holds again that the room began with."""
    from geoapp import db, record

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, "internal", None, None)
        with db.transaction(engine, scope.context()) as connection:
            record.remove_rule(connection, room, subject, record.rule_version(connection, room, subject))
    out().print(f"{room} is told {subject} as it was at the beginning.")
