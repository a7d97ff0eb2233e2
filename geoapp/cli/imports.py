"""The shell's commands about files that come in: import one, take an import back."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.cli.app import Json, Operation, app, key_of, listing, opened, out, progress, show
from geoapp.codes import marking


def _kinds() -> tuple[str, ...]:
    from geoapp import ingest

    return tuple(ingest.KINDS)


@app.command("import", cls=listing("Kinds", _kinds))
def import_(
    kind: Annotated[str, typer.Argument(help="What the file holds; the kinds are listed below.")],
    file: Path,
    operation: Operation = None,
    source: Annotated[str | None, typer.Option(help="What to call the source, instead of the recognised one.")] = None,
    handling: Annotated[str | None, typer.Option(help="TLP of rows that say none.")] = None,
    layer: Annotated[str | None, typer.Option(help="Which layer of a file that has several.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a spreadsheet that has several.")] = None,
    swap: Annotated[bool, typer.Option(help="The file has latitude before longitude.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help='Which column is which: date="Date of event". Repeat it.')
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(help='Which unit a place is: "Bagrimi=TD0801", or a file of such lines. Repeat it.'),
    ] = None,
    moved: Annotated[
        bool, typer.Option(help="Rows whose place and content have changed at once are still the same things.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(help='The template that says which column is which; "*" is the newest that fits, if any does.'),
    ] = None,
    save_template: Annotated[
        str | None, typer.Option(help="Keep which column is which under this name, when the file lands or would.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what would land: nothing does.")] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rows that do not land to this .csv, .xlsx or .geojson.")
    ] = None,
    json: Json = False,
) -> None:
    """Bring a file in: whole or not at all. The report says why, by cause."""
    from geoapp import db, ingest, overlay
    from geoapp.cli import output
    from geoapp.ingest.rejected import write
    from geoapp.ingest.templates import keep_settled

    named = {"layer": layer, "sheet": sheet, "swap": swap, "moved": moved, "template": template}
    options = {name: value for name, value in named.items() if value} | ingest.columns_said(column or [])
    options |= ingest.matches_said(match or [])
    with opened() as (_, _, engine):
        context = db.Context(key_of(engine, operation), member="local")
        with progress() as tell:
            report = ingest.run(
                engine, context, kind, file, source=source, handling=handling, options=options,
                limits=ingest.SHELL, progress=tell, check=check,
            )  # fmt: skip
            if report.landed:
                overlay.count_queued(engine, context, lambda n: tell("counting inside overlaps", n))
        if save_template and report.lands:
            with db.transaction(engine, context) as connection:
                keep_settled(connection, save_template, report, options, handling)
    if rejected and report.rejected_rows:
        rejected.write_bytes(write(report.rejected_rows, rejected.suffix.lower().removeprefix(".")))
    show(report.as_dict()) if json else output.report(out(), report)
    if rejected and not json:
        written = report.rejected_rows.rows if report.rejected_rows else 0
        out().print(
            f"{written:,} rejected rows {f'are in {rejected}' if written else '; no file was written'}", markup=False
        )
    raise typer.Exit(0 if report.lands else 1)


@app.command()
def withdraw(batch: int, operation: Operation = None) -> None:
    """Take an import back as a whole."""
    from geoapp import db, ingest

    with opened() as (_, _, engine):
        done = ingest.withdraw(engine, db.Context(key_of(engine, operation), member="local"), batch)
    out().print(
        f"Batch {batch} is withdrawn: {done['removed']:,} rows removed, {done['restored']:,} as they were before."
    )


@app.command()
def templates(
    operation: Operation = None,
    delete: Annotated[str | None, typer.Option(help="The name of the template to keep no longer.")] = None,
    json: Json = False,
) -> None:
    """What was settled of the columns of sources, for `geoapp import --template`; the newest first."""
    from geoapp import db
    from geoapp.ingest.templates import as_json, remove_template
    from geoapp.ingest.templates import templates as kept

    with opened() as (_, _, engine):
        context = db.Context(key_of(engine, operation), member="local")
        with db.transaction(engine, context) as connection:
            if delete:
                remove_template(connection, delete)
            found = [as_json(each) for each in kept(connection)]
    if json:
        show(found)
        return
    for each in found:
        said = ", ".join(f"{name}={header!r}" for name, header in each["columns"].items())
        out().print(
            f"{each['name']}  {each['kind']} of {each['source']}, {marking(each['handling'])}: {said}", markup=False
        )
