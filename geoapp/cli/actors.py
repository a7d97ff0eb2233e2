"""The shell's commands about the register of actors: who is in it, and the steps by which two become one or one becomes two."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from geoapp.cli.app import AsOf, Audience, Json, Operation, app, opened, out, scope_of, show

if TYPE_CHECKING:
    from sqlalchemy import Connection

actor = typer.Typer(
    no_args_is_help=True, help="Actors: who is in the register; merge two that are one, split one that was two."
)
app.add_typer(actor, name="actor")

Check = Annotated[bool, typer.Option("--check", help="Only tell what would follow; nothing is recorded.")]


@actor.command("list")
def listed(
    words: Annotated[str, typer.Argument(help="Words of the name, of a former name, or the acronym.")] = "",
    domain: Annotated[str | None, typer.Option(help="civil, military, police, paramilitary …")] = None,
    interlocutor: Annotated[str | None, typer.Option(help="yes, restricted, no or undecided.")] = None,
    due: Annotated[Literal["over", "month", "none"] | None, typer.Option(help="When it is to be reviewed.")] = None,
    operation: Operation = None,
    audience: Audience = "internal",
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Who is in the register, as the room is told of it."""
    from geoapp import db
    from geoapp.codes import say
    from geoapp.draw import actors

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, as_of=as_of)
        with db.transaction(engine, scope.context()) as connection:
            found = actors.register(
                connection, scope, q=words, filters={"domain": domain, "interlocutor": interlocutor, "due": due}
            )
    if json:
        show(found["actors"])
        return
    for each in found["actors"]:
        what = [
            say("domains", each["domain"]),
            say("actor_kinds", each["kind"]),
            each["under"] and f"under {each['under']}",
        ]
        what += [
            each["interlocutor"] and f"interlocutor {each['interlocutor']}",
            each["review_due"] and f"review {each['review_due']}",
        ]
        out().print(f"{each['id']:>6}  {each['name']}  ({', '.join(filter(None, what))})", markup=False)
    out().print(f"{len(found['actors']):,} of {found['all']:,} actors.")


def _id(connection: "Connection", name: str) -> tuple[int, int]:
    """The actor of a name, and its version. Raises BadRequest, NotFound."""
    from geoapp import record
    from geoapp.errors import NotFound

    for each in record.named_like(connection, name):
        if name.casefold() in (each["name"].casefold(), (each["acronym"] or "").casefold()):
            return int(each["id"]), int(each["version"])
    raise NotFound(f"There is no actor {name[:60]!r}.", hint="`geoapp actor list` names them.")


def _take(operation: str | None, step: "Callable[[Connection], dict[str, Any]]", *, check: bool, json: bool) -> None:
    from geoapp import record

    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, "internal")
        found = record.take(engine, scope.context(), step, check=check)
    if json:
        show(found)
        return
    would = "would " if check else ""
    out().print(
        f"{found['areas']:,} areas of operation, {found['claims']:,} claims of presence, {found['units']:,} units and"
        f" {found['names']:,} former names {would}move."
    )
    for what, codes in (("end", found["ends"]), ("begin", found["begins"])):
        out().print(
            f"{len(codes):,} overlaps {would}{what}{': ' if codes else ''}{', '.join(codes[:12])}{' …' if len(codes) > 12 else ''}."
        )
    if not check:
        out().print(
            f"Step {found['step']} of actor {found['kept']}; `geoapp actor undo {found['kept']} {found['step']}` takes it back."
        )


@actor.command("merge")
def merge(
    kept: Annotated[str, typer.Argument(help="The actor that stays, by name or acronym.")],
    other: Annotated[str, typer.Argument(help="The entry that is the same actor.")],
    operation: Operation = None,
    check: Check = False,
    json: Json = False,
) -> None:
    """Make one actor of two: areas, claims, units and the name of the other become its own, in later files too."""
    from geoapp import record

    def step(connection: "Connection") -> dict[str, Any]:
        id_, version = _id(connection, kept)
        return record.merge(connection, id_, _id(connection, other)[0], version)

    _take(operation, step, check=check, json=json)


@actor.command("split")
def split(
    of: Annotated[str, typer.Argument(help="The actor, by name or acronym.")],
    name: Annotated[str, typer.Argument(help="What the new actor is called.")],
    area: Annotated[
        list[int] | None, typer.Option(help="An area or claim that goes to it, by number; again for more.")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="An actor under it that goes too, by name; again for more.")
    ] = None,
    operation: Operation = None,
    check: Check = False,
    json: Json = False,
) -> None:
    """Make two actors of one: what is named goes to a new actor, and stays there in later files."""
    from geoapp import record

    def step(connection: "Connection") -> dict[str, Any]:
        id_, version = _id(connection, of)
        return record.split(
            connection, id_, name, area or [], [_id(connection, each)[0] for each in unit or []], version
        )

    _take(operation, step, check=check, json=json)


@actor.command("undo")
def undo(
    of: Annotated[int, typer.Argument(help="The actor's number.")],
    step: Annotated[int, typer.Argument(help="The step's number.")],
    operation: Operation = None,
    check: Check = False,
    json: Json = False,
) -> None:
    """Undo a merging or a splitting."""
    from geoapp import record

    _take(operation, lambda connection: record.undo(connection, of, step), check=check, json=json)
