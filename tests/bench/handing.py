"""Handing over: files of many features beside other programs that write the same rows of the same database, and a whole pack."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyogrio
from sqlalchemy import URL, Engine, create_engine, make_url, text

from geoapp import db, demo, export, ingest, record
from geoapp.cluster import Cluster, Urls
from geoapp.draw.query import columns, meets, source
from geoapp.scope import Scope
from layers import Layer, get
from tests.bench import made

FEW, MANY, AREAS = 10_000, 100_000, 500
"""Incidents of two operations, and the areas that lie beside the many."""
PACK_S, PACK_MIB = 30, 1024
"""What the pack of the exercise country may take."""
BUILT = """
    SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(
        json_build_object('type', 'Feature', 'id', t.id, 'geometry', ST_AsGeoJSON(t.geom, 7)::json,
            'properties', to_jsonb(t) - 'id' - 'geom')))::text
    FROM ({rows}) AS t
"""

LOOKED_EVERY_S = 0.02
"""How often it is looked how much memory a command takes."""
ENTERED = "BEGIN; SELECT calc.enter('{operation}', '{audience}', 'bench', '', 'export', '{key}')"
"""Tells the policies who asks, in a transaction that stays open for a program that knows none of ours."""


def handing(cluster: Cluster, urls: Urls, folder: Path, timed: Callable[..., float], line: Callable[..., None]) -> None:
    """All layers to GeoPackage beside ogr2ogr, GeoJSON beside SQL, memory of few and of many, the pack of the exercise."""
    engine, owner = db.engine(urls.app), create_engine(urls.owner)
    record.add_operation(owner, "few", "Measured")
    for key, count in (("few", FEW), ("bench", MANY)):
        made.incidents(count, folder / f"{key}.csv")
        context = db.Context(key, member="bench")
        report = ingest.run(engine, context, "incidents", folder / f"{key}.csv", source="exercise", limits=ingest.SHELL)
        assert report.created == count, report
    made.areas(AREAS, folder / "some.gpkg")
    assert ingest.run(engine, db.Context("bench", member="bench"), "areas", folder / "some.gpkg").landed
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    _geopackage(engine, urls, folder, timed, line)
    _geojson(engine, folder, timed, line)
    peaks = []
    for key in ("few", "bench"):
        _, peak = _ran(urls, ["export", "incidents", "-o", str(folder / f"{key}.gpkg"), "-O", key])
        peaks.append(peak)
    print(f"{f'memory: {FEW:,} and {MANY:,} features':<34}{peaks[0]:>12,.0f} MiB {peaks[1]:>9,.0f} MiB   × {peaks[1] / peaks[0]:<8.3f}goal: flat", flush=True)  # fmt: skip
    owner.dispose()
    engine.dispose()
    _pack(cluster, folder)


def _geopackage(
    engine: Engine, urls: Urls, folder: Path, timed: Callable[..., float], line: Callable[..., None]
) -> None:
    scope, ours = Scope("bench", member="bench", purpose="export"), folder / "all.gpkg"
    export.write(engine, scope, export.EVERYTHING, ours)  # what both find warm
    counts: dict[str, int] = {}

    def write() -> None:
        counts.update(export.write(engine, scope, export.EVERYTHING, ours))

    took = min(timed(write) for _ in range(2))
    if not shutil.which("ogr2ogr"):
        print(f"{'all layers to GeoPackage':<34}{took * 1000:>12,.1f} ms   ogr2ogr is not on this machine", flush=True)
        return
    theirs = min(timed(lambda: _ogr2ogr(engine, urls, scope, folder / "peer.gpkg", counts)) for _ in range(2))
    rows = {name: pyogrio.read_info(folder / "peer.gpkg", layer=name)["features"] for name, n in counts.items() if n}
    assert rows == {name: n for name, n in counts.items() if n}, rows
    line(f"{sum(counts.values()):,} features to GeoPackage", took, "ogr2ogr", theirs, "goal ≤ 1.5")


def _ogr2ogr(engine: Engine, urls: Urls, scope: Scope, path: Path, counts: dict[str, int]) -> None:
    """The same rows and columns of each layer that has some, by the program that everybody would take."""
    path.unlink(missing_ok=True)
    entered = ENTERED.format(operation=scope.operation, audience=scope.audience, key=db.key_of(urls.app))
    for name, n in counts.items():
        if n:
            command = ["ogr2ogr", "-q", "-f", "GPKG", *(["-append"] if path.exists() else []), str(path), f"PG:{_dsn(urls)}",
                       "-oo", f"PRELUDE_STATEMENTS={entered}", "-sql", _literal(engine, _rows(get(name), scope), scope.binds()),
                       "-nln", name, "--config", "OGR_SQLITE_SYNCHRONOUS", "OFF"]  # fmt: skip
            subprocess.run(
                command, check=True, capture_output=True, env=os.environ | {"PGPASSWORD": _url(urls).password or ""}
            )


def _url(urls: Urls) -> URL:
    return make_url(urls.app)


def _dsn(urls: Urls) -> str:
    url = _url(urls)
    parts = {"host": url.query.get("host", url.host), "port": url.query.get("port", url.port), "user": url.username, "dbname": url.database}  # fmt: skip
    return " ".join(f"{name}='{value}'" for name, value in parts.items() if value)


def _rows(layer: Layer, scope: Scope) -> str:
    return (
        f"SELECT t.id, {columns(layer)}, t.geom FROM ({source(layer, scope)}) AS t WHERE {meets(scope)} ORDER BY t.id"
    )


def _literal(engine: Engine, sql: str, values: Mapping[str, object]) -> str:
    """The SQL with its values in it, for a program that binds none."""
    asked = text(sql)
    known = asked.bindparams(**{name: value for name, value in values.items() if f":{name}" in sql})
    return str(known.compile(engine, compile_kwargs={"literal_binds": True}))


def _geojson(engine: Engine, folder: Path, timed: Callable[..., float], line: Callable[..., None]) -> None:
    scope, layer = Scope("few", member="bench", purpose="export"), get("incidents")
    path, sql = folder / "few.geojson", text(BUILT.format(rows=_rows(layer, scope)))

    def built() -> None:
        with db.transaction(engine, scope.context()) as connection:
            (folder / "built.geojson").write_text(connection.execute(sql, scope.binds()).scalar_one())

    export.write(engine, scope, [layer], path)
    ours = min(timed(lambda: export.write(engine, scope, [layer], path)) for _ in range(5))
    line(f"{FEW:,} features as GeoJSON", ours, "built in SQL", min(timed(built) for _ in range(5)), "goal ≤ 1.5")


def _ran(urls: Urls, arguments: list[str]) -> tuple[float, float]:
    """A command of the shell in a process of its own: its seconds, and the most memory of it and its children together in MiB."""
    environment = os.environ | {"GEOAPP_DATABASE_URL": urls.app, "GEOAPP_MIGRATE_URL": urls.owner}
    began, most = time.perf_counter(), 0
    command = [sys.executable, "-c", "from geoapp.cli import main; main()", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, _held(process.pid))
            time.sleep(LOOKED_EVERY_S)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - began, most / 1024


def _held(process: int) -> int:
    """The memory that a process and its children hold, in KiB; nothing of one that has just ended."""
    told = Path(f"/proc/{process}")
    try:
        lines = (told / "status").read_text().splitlines()
        children = (told / "task" / str(process) / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
    return own + sum(_held(int(each)) for each in children)


def _kmz(engine: Engine, folder: Path) -> None:
    """Processor seconds of this process for everything of the exercise as KMZ, beside the same rows as GeoPackage."""
    scope, took = Scope(demo.KEY, member="bench", purpose="export"), {".kmz": float("inf"), ".gpkg": float("inf")}
    for suffix in (*took, *took, *took):
        began = time.process_time()
        export.write(engine, scope, export.EVERYTHING, folder / f"exercise{suffix}")
        took[suffix] = min(took[suffix], time.process_time() - began)
    ours, theirs = took.values()
    print(f"{'KMZ of the exercise, processor':<34}{ours * 1000:>12,.1f} ms   GeoPackage {theirs * 1000:>9,.1f} ms   × {ours / theirs:<8.3f}goal ≤ 2", flush=True)  # fmt: skip


def _pack(cluster: Cluster, folder: Path) -> None:
    urls = cluster.create_database("pack", template="geoapp")
    engine = db.engine(urls.app)
    demo.load(urls.owner, engine, lambda *_: None, lambda _: None)
    _kmz(engine, folder)
    engine.dispose()
    with tempfile.TemporaryDirectory(dir=folder) as at:
        took, peak = _ran(urls, ["pack", "hct", "-O", demo.KEY, "-o", f"{at}/hct.zip"])
        size = Path(f"{at}/hct.zip").stat().st_size / 1e6
    print(f"{f'HCT pack of the exercise, {size:,.1f} MB':<34}{took * 1000:>12,.1f} ms   × {took / PACK_S:<8.3f}of {PACK_S} s", flush=True)  # fmt: skip
    print(f"{'its memory':<34}{peak:>12,.0f} MiB  × {peak / PACK_MIB:<8.3f}of {PACK_MIB:,} MiB", flush=True)
