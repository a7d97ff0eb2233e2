"""The shell's command that finds a record by what it is called."""

from typing import Annotated

import typer

from geoapp.cli.app import Audience, Json, Operation, app, key_of, opened, out, show


@app.command()
def search(
    words: Annotated[str, typer.Argument(metavar="TEXT", help="A name, a code, a P-code or coordinates.")],
    operation: Operation = None,
    audience: Audience = "internal",
    limit: Annotated[int, typer.Option(min=1, help="Records a group, 20 at most.")] = 5,
    within: Annotated[bool, typer.Option("--within", help="Also in what the notes of incidents say.")] = False,
    json: Json = False,
) -> None:
    """Actors, places, districts, incidents, overlaps and other records by name, code or coordinates; typing errors are looked past."""
    from geoapp import audiences, db
    from geoapp.cli import output
    from geoapp.draw.finding import find
    from geoapp.draw.versions import AnswerCache
    from geoapp.scope import Scope

    with opened() as (_, _, engine):
        scope = Scope(key_of(engine, operation), audience, member="local")
        with db.transaction(engine, scope.context()) as connection:
            found = find(
                connection, scope, audiences.room(connection, scope), AnswerCache(), words, limit, within=within
            )
    if json:
        show(found)
    else:
        output.found(out(), found)
