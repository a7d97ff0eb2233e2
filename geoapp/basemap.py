"""The base map of the world, loaded through the importer as anybody's files would be."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from data import basemap
from geoapp import db, ingest
from geoapp.draw import assets
from geoapp.errors import SetupError


def load(engine: Engine, key: str, progress: Callable[..., None]) -> None:
    """Bring land, lakes, rivers and towns to an operation; what is there already is left alone. Raises SetupError."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "towns.geojson"
        basemap.towns(made)
        files = [(assets.path(name), basemap.NATURAL_EARTH, {"layer": layer, "class": class_, "rank": rank})
                 for name, layer, class_, rank in basemap.PARTS]  # fmt: skip
        for path, source, options in [*files, (made, basemap.GEONAMES, {})]:
            report = ingest.run(
                engine, db.Context(key, member="local"), "basemap", path,
                source=source, limits=ingest.SHELL, options=options, progress=progress,
            )  # fmt: skip
            if not report.landed:
                first = report.findings[0].message if report.findings else "no reason was given"
                raise SetupError(f"The base map's {path.name} did not land: {first}", hint="./run geoapp doctor")
