"""The shell's commands about operations: make one, list them."""

from typing import Annotated

import typer

from geoapp.cli.app import Json, app, opened, out, progress, show

operations = typer.Typer(no_args_is_help=True, help="Operations: one emergency, a country or a crisis.")
app.add_typer(operations, name="operation")


@operations.command("add")
def operation_add(
    key: str,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    organisation: Annotated[str | None, typer.Option(help="Whose name the disclaimer carries.")] = None,
    exercise: Annotated[bool, typer.Option(help="Mark every map EXERCISE.")] = False,
    time_zone: Annotated[
        str | None, typer.Option(help="By whose clocks people travel; the nearest town's unless said.")
    ] = None,
) -> None:
    """Make an operation, with its audiences and a base map of the world."""
    from sqlalchemy import create_engine

    from geoapp import basemap, record

    with opened() as (settings, urls, engine):
        owner = create_engine(urls.owner)
        record.add_operation(
            owner,
            key,
            title or key,
            exercise=exercise,
            organisation=organisation or settings.organisation,
            time_zone=time_zone,
        )
        owner.dispose()
        with progress() as tell:
            basemap.load(engine, key, tell)
        out().print(f"Operation {key} is there. Next: geoapp import boundaries FILE --operation {key}")


@operations.command("time-zone")
def operation_time_zone(
    key: str, zone: Annotated[str, typer.Argument(help="As IANA writes it: Africa/Bangui.")]
) -> None:
    """Say by whose clocks people travel there; routes tell their times by it."""
    from sqlalchemy import create_engine

    from geoapp import record

    with opened() as (_, urls, _):
        owner = create_engine(urls.owner)
        said = record.set_time_zone(owner, key, zone)
        owner.dispose()
        out().print(f"Times in {key} are those of {said}.")


@operations.command("list")
def operation_list(json: Json = False) -> None:
    """The operations of this instance."""
    from sqlalchemy import text

    from geoapp import db

    with opened() as (_, _, engine), db.transaction(engine, db.Context("", member="local")) as connection:
        rows = [dict(r) for r in connection.execute(
            text("SELECT key, title, exercise FROM facts.operation ORDER BY key")).mappings()]  # fmt: skip
    if json:
        show(rows)
    else:
        for row in rows:
            out().print(f"{row['key']}  {row['title']}{'  EXERCISE' if row['exercise'] else ''}")
