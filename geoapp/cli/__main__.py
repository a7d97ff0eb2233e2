"""The shell's door: the same verbs as over HTTP. Exit 0 done, 1 refused with the reason, 2 wrongly asked."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import Engine, create_engine, text

from geoapp import basemap, db, export, ingest, overlay, record
from geoapp.cli import incidents, output, routes
from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, err, key_of, opened, out, progress, show
from geoapp.doctor import examine
from geoapp.draw import features
from geoapp.errors import BadRequest, GeoappError, NotFound
from geoapp.export.files import EVERYTHING
from geoapp.scope import Scope, parse_moment, parse_period
from geoapp.settings import Settings
from layers import get

__all__ = ["app", "incidents", "main", "routes"]
operations = typer.Typer(no_args_is_help=True, help="Operations: one emergency, a country or a crisis.")
app.add_typer(operations, name="operation")


@operations.command("add")
def operation_add(
    key: str,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    organisation: Annotated[str | None, typer.Option(help="Whose name the disclaimer carries.")] = None,
    exercise: Annotated[bool, typer.Option(help="Mark every map EXERCISE.")] = False,
) -> None:
    """Make an operation, with its audiences and a base map of the world."""
    with opened() as (settings, urls, engine):
        owner = create_engine(urls.owner)
        record.add_operation(
            owner, key, title or key, exercise=exercise, organisation=organisation or settings.organisation
        )
        owner.dispose()
        with progress() as tell:
            basemap.load(engine, key, tell)
        out.print(f"Operation {key} is there. Next: geoapp import boundaries FILE --operation {key}")


@operations.command("list")
def operation_list(json: Json = False) -> None:
    """The operations of this instance."""
    with opened() as (_, _, engine), db.transaction(engine, db.Context("", member="local")) as connection:
        rows = [dict(r) for r in connection.execute(
            text("SELECT key, title, exercise FROM facts.operation ORDER BY key")).mappings()]  # fmt: skip
    if json:
        show(rows)
    else:
        for row in rows:
            out.print(f"{row['key']}  {row['title']}{'  EXERCISE' if row['exercise'] else ''}")


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(ingest.KINDS)}.")],
    file: Path,
    operation: Operation = None,
    source: Annotated[str | None, typer.Option(help="What to call the source, instead of the recognised one.")] = None,
    handling: Annotated[str | None, typer.Option(help="TLP of rows that say none.")] = None,
    layer: Annotated[str | None, typer.Option(help="Which layer of a file that has several.")] = None,
    swap: Annotated[bool, typer.Option(help="The file has latitude before longitude.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help='Which column is which: date="Date of event". Repeat it.')
    ] = None,
    json: Json = False,
) -> None:
    """Bring a file in: its good rows land together or nothing does, and the report says why."""
    options = ({"layer": layer} if layer else {}) | ({"swap": True} if swap else {}) | ingest.columns_said(column or [])
    with opened() as (_, _, engine):
        context = db.Context(key_of(engine, operation), member="local")
        with progress() as tell:
            report = ingest.run(
                engine, context, kind, file, source=source, handling=handling, options=options,
                limits=ingest.SHELL, progress=tell,
            )  # fmt: skip
            if report.landed:
                overlay.count_queued(engine, context, lambda n: tell("counting inside overlaps", n))
    show(report.as_dict()) if json else output.report(out, report)
    raise typer.Exit(0 if report.landed else 1)


@app.command()
def withdraw(batch: int, operation: Operation = None) -> None:
    """Take an import back as a whole."""
    with opened() as (_, _, engine):
        done = ingest.withdraw(engine, db.Context(key_of(engine, operation), member="local"), batch)
    out.print(
        f"Batch {batch} is withdrawn: {done['removed']:,} rows removed, {done['restored']:,} as they were before."
    )


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
    layer = get("doubles" if doubles else "gaps" if gaps else "overlaps")
    order = {"overlaps": "t.km2 DESC, t.id", "doubles": "t.n DESC, t.pcode", "gaps": "t.pcode, t.sector"}[layer.name]
    with opened() as (_, _, engine):
        scope = Scope(
            key_of(engine, operation), audience, period=parse_period(period),
            as_of=parse_moment(as_of) if as_of else None, member="local",
        )  # fmt: skip
        with db.transaction(engine, scope.context()) as connection:
            rows = features.rows(connection, layer, scope, limit=None if json else limit, order=order)
            total = features.count(connection, layer, scope)
    if json:
        show(rows)
        return
    output.table(out, layer, rows)
    out.print(f"{min(limit, total):,} of {total:,} {layer.title.lower()}, {scope.sentence()}.")


@app.command("export")
def export_(
    layer: Annotated[str, typer.Argument(help="A layer's name, or all.")],
    output: Annotated[Path, typer.Option("--output", "-o", help=f"The file; one of {', '.join(export.FORMATS)}.")],
    operation: Operation = None,
    audience: Audience = "internal",
    period: Period = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Write layers to a file, as this room may have them."""
    try:
        layers = EVERYTHING if layer == "all" else (get(layer),)
    except KeyError:
        raise NotFound(
            f"There is no layer {layer!r}.", hint=f"One of {', '.join(e.name for e in EVERYTHING)}, all."
        ) from None
    with opened() as (_, _, engine):
        scope = Scope(
            key_of(engine, operation), audience, period=parse_period(period),
            as_of=parse_moment(as_of) if as_of else None, member="local", purpose="export",
        )  # fmt: skip
        with progress() as tell:
            counts = export.write(engine, scope, layers, output, tell)
    if json:
        show({"file": str(output), "layers": counts})
    else:
        out.print(f"{output}: " + ", ".join(f"{name} {n:,}" for name, n in counts.items()))


@app.command()
def migrate() -> None:
    """Bring the database to this version."""
    with opened():
        out.print(f"The database is at {db.head()}.")


def _serve(settings: Settings, engine: Engine) -> None:
    import uvicorn

    from geoapp.app import create_app

    uvicorn.run(
        create_app(settings, engine), host=settings.host, port=settings.port, log_level="warning", access_log=False,
        server_header=False, timeout_graceful_shutdown=5, proxy_headers=False,
    )  # fmt: skip


Port = Annotated[int | None, typer.Option(help="The port to listen on.")]


@app.command()
def serve(port: Port = None) -> None:
    """Serve the operations of this instance."""
    with opened() as (settings, _, engine):
        settings = settings.model_copy(update={"port": port or settings.port})
        _free(settings)
        out.print(f"http://{settings.host}:{settings.port}  (Ctrl-C stops)")
        _serve(settings, engine)


@app.command()
def demo(port: Port = None) -> None:
    """Serve the exercise country: loaded the first time, there at once afterwards."""
    from geoapp.demo import load

    with opened() as (settings, urls, engine):
        settings = settings.model_copy(update={"port": port or settings.port})
        _free(settings)
        with progress() as tell:
            key = load(urls.owner, engine, tell, lambda line: err.print(line, markup=False))
        out.print(f"http://{settings.host}:{settings.port}/operations/{key}/map  EXERCISE  (Ctrl-C stops)")
        _serve(settings, engine)


def _free(settings: Settings) -> None:
    """Raises BadRequest when something listens on the port already."""
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise BadRequest(f"Port {settings.port} is in use.", hint=f"Try --port {settings.port + 1}.")


@app.command()
def doctor(json: Json = False) -> None:
    """Examine this installation and say what to do about what is not in order."""
    checks = examine(Settings())
    if json:
        show([c.__dict__ for c in checks])
    else:
        for check in checks:
            sign = {"ok": "✓", "warning": "!", "failed": "✗"}[check.state]
            out.print(
                f"{sign} {check.name}: {check.found}{'  → ' + check.remedy if check.remedy else ''}", markup=False
            )
    raise typer.Exit(1 if any(c.state == "failed" for c in checks) else 0)


def main() -> None:
    """Run the command line; errors become one clear line and an exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app()
    except GeoappError as error:
        err.print(error.line(), markup=False, style="bold")
        sys.exit(error.exit_code)
    except ValidationError as error:
        err.print("; ".join(str(e["msg"]) for e in error.errors()), markup=False, style="bold")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
