"""The shell's door: the same verbs as over HTTP. Exit 0 done, 1 refused with the reason, 2 wrongly asked."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine, create_engine, text

from geoapp import access, basemap, db, export, ingest, overlay, printed, record
from geoapp.cluster import Urls, database
from geoapp.doctor import examine
from geoapp.draw import features
from geoapp.errors import BadRequest, GeoappError, NotFound
from geoapp.export.files import EVERYTHING
from geoapp.scope import Scope, parse_moment, parse_period
from geoapp.settings import Settings
from layers import get

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
operations = typer.Typer(no_args_is_help=True, help="Operations: one emergency, a country or a crisis.")
app.add_typer(operations, name="operation")
# a file or another program has no width of its own: wide enough for a table of names
_WIDTH = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120
out, err = Console(highlight=False, width=_WIDTH), Console(stderr=True, highlight=False)

Operation = Annotated[
    str | None, typer.Option("--operation", "-O", help="The operation's key; the only one if there is one.")
]
Audience = Annotated[str, typer.Option(help="Who is in the room.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Period = Annotated[str | None, typer.Option("--datetime", help="A day, or first/last.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="As known on this day.")]


@contextmanager
def _opened(*, migrate: bool = True) -> Iterator[tuple[Settings, Urls, Engine]]:
    """Settings, logins and an engine on a database that is up to date."""
    settings = Settings()
    with database(settings) as urls:
        if migrate:
            db.migrate(urls.owner)
        engine = db.engine(urls.app)
        try:
            yield settings, urls, engine
        finally:
            engine.dispose()


def _key(engine: Engine, given: str | None) -> str:
    """The operation meant. Raises BadRequest when none was named and there is not just one, NotFound for no such one."""
    with db.transaction(engine, db.Context("", member="local")) as connection:
        keys = [row[0] for row in connection.execute(text("SELECT key FROM facts.operation ORDER BY key"))]
    if given and given in keys:
        return given
    if given:
        raise NotFound(f"There is no operation {given!r}.", hint=f"There is {', '.join(keys) or 'none yet'}.")
    if len(keys) != 1:
        raise BadRequest(
            "Which operation?", hint=f"Name one with --operation: {', '.join(keys) or 'there is none yet'}."
        )
    return str(keys[0])


@contextmanager
def _progress() -> Iterator[Any]:
    """Called with step, done, of: a bar on the error channel, nothing when that is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def tell(step: str, done: int = 0, of: int | None = None) -> None:
            bar.update(task, description=step, completed=done, total=of)

        yield tell


def _print(body: Any) -> None:
    sys.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n")


@operations.command("add")
def operation_add(
    key: str,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    organisation: Annotated[str | None, typer.Option(help="Whose name the disclaimer carries.")] = None,
    exercise: Annotated[bool, typer.Option(help="Mark every map EXERCISE.")] = False,
) -> None:
    """Make an operation, with its audiences and a base map of the world."""
    with _opened() as (settings, urls, engine):
        owner = create_engine(urls.owner)
        record.add_operation(
            owner, key, title or key, exercise=exercise, organisation=organisation or settings.organisation
        )
        owner.dispose()
        with _progress() as tell:
            basemap.load(engine, key, tell)
        out.print(f"Operation {key} is there. Next: geoapp import boundaries FILE --operation {key}")


@operations.command("list")
def operation_list(json: Json = False) -> None:
    """The operations of this instance."""
    with _opened() as (_, _, engine), db.transaction(engine, db.Context("", member="local")) as connection:
        rows = [dict(r) for r in connection.execute(
            text("SELECT key, title, exercise FROM facts.operation ORDER BY key")).mappings()]  # fmt: skip
    if json:
        _print(rows)
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
    json: Json = False,
) -> None:
    """Bring a file in: its good rows land together or nothing does, and the report says why."""
    options = ({"layer": layer} if layer else {}) | ({"swap": True} if swap else {})
    with _opened() as (_, _, engine):
        context = db.Context(_key(engine, operation), member="local")
        with _progress() as tell:
            report = ingest.run(
                engine, context, kind, file, source=source, handling=handling, options=options,
                limits=ingest.SHELL, progress=tell,
            )  # fmt: skip
            if report.landed:
                overlay.count_queued(engine, context, lambda n: tell("counting inside overlaps", n))
    _print(report.as_dict()) if json else printed.report(out, report)
    raise typer.Exit(0 if report.landed else 1)


@app.command()
def withdraw(batch: int, operation: Operation = None) -> None:
    """Take an import back as a whole."""
    with _opened() as (_, _, engine):
        done = ingest.withdraw(engine, db.Context(_key(engine, operation), member="local"), batch)
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
    with _opened() as (_, _, engine):
        scope = Scope(
            _key(engine, operation), audience, period=parse_period(period),
            as_of=parse_moment(as_of) if as_of else None, member="local",
        )  # fmt: skip
        with db.transaction(engine, scope.context()) as connection:
            rows = features.rows(connection, layer, scope, limit=None if json else limit, order=order)
            total = features.count(connection, layer, scope)
    if json:
        _print(rows)
        return
    printed.table(out, layer, rows)
    out.print(f"{min(limit, total):,} of {total:,} {layer.title.lower()}, {scope.sentence()}.")


@app.command()
def route(
    start: Annotated[str, typer.Argument(metavar="FROM", help="A site, town, district, or latitude, longitude.")],
    goal: Annotated[str, typer.Argument(metavar="TO")],
    via: Annotated[list[str] | None, typer.Option(help="A place to pass; may be given several times.")] = None,
    operation: Operation = None,
    audience: Audience = "internal",
    vehicle: Annotated[int, typer.Option(help="UNSDI-T class, 1 non-motorised to 6 truck with trailer.")] = 4,
    departure: Annotated[str | None, typer.Option(help="A day or moment; now when not said.")] = None,
    risk_level: Annotated[int | None, typer.Option(help="Zones of this level and above are not crossed.")] = None,
    risk: Annotated[float, typer.Option(help="How much longer an hour in a zone seems, for each level.")] = 0,
    alternatives: Annotated[int, typer.Option(help="How many ways that truly differ.")] = 1,
    json: Json = False,
) -> None:
    """A way on the roads as recorded, segment by segment: whose ground, which zones, whom to inform. It clears nothing."""
    with _opened() as (_, _, engine):
        scope = Scope(_key(engine, operation), audience, member="local")
        with db.transaction(engine, scope.context()) as connection:
            places = [access.find(connection, words_) for words_ in (start, *(via or ()), goal)]
            moment = parse_moment(departure) if departure else datetime.now(UTC)
            question = access.Question(
                tuple((p.lon, p.lat) for p in places), moment, vehicle, risk_level=risk_level, risk=risk,
                alternatives=alternatives,
            )  # fmt: skip
            found = access.ask(connection, access.Kept(), question)
    if json:
        _print(found)
    else:
        printed.route(out, found, [p.name for p in places])
    raise typer.Exit(0 if found["routes"] else 1)


@app.command()
def reach(
    hub: Annotated[str, typer.Argument(help="A site, town, district, or latitude, longitude.")],
    hours: Annotated[float, typer.Option(help="Within how many hours.")] = 8,
    operation: Operation = None,
    audience: Audience = "internal",
    vehicle: Annotated[int, typer.Option(help="UNSDI-T class, 1 non-motorised to 6 truck with trailer.")] = 4,
    departure: Annotated[str | None, typer.Option(help="A day or moment; now when not said.")] = None,
    risk_level: Annotated[int | None, typer.Option(help="Zones of this level and above are not crossed.")] = None,
    json: Json = False,
) -> None:
    """Which sites and districts a vehicle gets to in time, which are cut off, and which piece of road holds up most."""
    with _opened() as (_, _, engine):
        scope = Scope(_key(engine, operation), audience, member="local")
        with db.transaction(engine, scope.context()) as connection:
            place = access.find(connection, hub)
            moment = parse_moment(departure) if departure else datetime.now(UTC)
            spot = (place.lon, place.lat)
            rules = access.Question((spot, spot), moment, vehicle, risk_level=risk_level)
            rules.check()
            found = access.reach(connection, access.Kept(), spot, hours, rules)
    _print(found) if json else printed.reach(out, found, place.name)


@app.command()
def network(operation: Operation = None, audience: Audience = "internal", json: Json = False) -> None:
    """What the roads are as a network: nodes, edges, islands, ends that were joined."""
    with _opened() as (_, _, engine):
        scope = Scope(_key(engine, operation), audience, member="local")
        with db.transaction(engine, scope.context()) as connection:
            built = access.Kept().ways(connection).network.built
    if json:
        _print(asdict(built))
    else:
        printed.network(out, built)


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
    with _opened() as (_, _, engine):
        scope = Scope(
            _key(engine, operation), audience, period=parse_period(period),
            as_of=parse_moment(as_of) if as_of else None, member="local", purpose="export",
        )  # fmt: skip
        with _progress() as tell:
            counts = export.write(engine, scope, layers, output, tell)
    if json:
        _print({"file": str(output), "layers": counts})
    else:
        out.print(f"{output}: " + ", ".join(f"{name} {n:,}" for name, n in counts.items()))


@app.command()
def migrate() -> None:
    """Bring the database to this version."""
    with _opened():
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
    with _opened() as (settings, _, engine):
        settings = settings.model_copy(update={"port": port or settings.port})
        _free(settings)
        out.print(f"http://{settings.host}:{settings.port}  (Ctrl-C stops)")
        _serve(settings, engine)


@app.command()
def demo(port: Port = None) -> None:
    """Serve the exercise country: loaded the first time, there at once afterwards."""
    from geoapp.demo import load

    with _opened() as (settings, urls, engine):
        settings = settings.model_copy(update={"port": port or settings.port})
        _free(settings)
        with _progress() as tell:
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
        _print([c.__dict__ for c in checks])
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
