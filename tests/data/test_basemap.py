"""A real operation has land, water and towns under it before anybody brings a file."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from geoapp import basemap, db
from tests.gridland import collection


def test_the_world_is_there_once(engine: Engine, context: db.Context) -> None:
    def classes() -> dict[str, int]:
        with db.transaction(engine, context) as connection:
            found = connection.execute(text("SELECT class, count(*) FROM facts.base_feature GROUP BY 1"))
            return dict(map(tuple, found))

    basemap.load(engine, "grid", lambda *_: None)
    world = classes()
    assert (world["land"], world["lake"], world["river"]) == (241, 275, 461)
    assert world["place"] > 20_000
    basemap.load(engine, "grid", lambda *_: None)
    assert classes() == world
    with db.transaction(engine, context) as connection:
        near = text("SELECT name FROM facts.base_feature WHERE class = 'place' AND rank <= 2"
                    " AND geom && ST_MakeEnvelope(18.3, 4.2, 18.8, 4.6, 4326)")  # fmt: skip
        assert "Bangui" in connection.execute(near).scalars().all()


def test_what_crosses_itself_lands_without_that(bring: Callable, engine: Engine, context: db.Context) -> None:
    """A lake drawn as an eight, and a river with a part that is one point, as some of Natural Earth's are."""
    eight = {"type": "Polygon", "coordinates": [[[10, 5], [12, 7], [12, 5], [10, 7], [10, 5]]]}
    river = {"type": "MultiLineString", "coordinates": [[[10, 5], [11, 6]], [[12, 6], [12, 6]]]}
    features = [(eight, {"class": "lake", "name": "Eight"}), (river, {"class": "river", "name": "Run"})]
    assert bring("basemap", collection(features), "water.geojson").landed
    with db.transaction(engine, context) as connection:
        told = connection.execute(
            text(
                "SELECT name, ST_IsValid(geom), ST_Dimension(geom), round(ST_Area(geom)::numeric, 6) FROM facts.base_feature"
                " WHERE name IN ('Eight', 'Run') ORDER BY name"
            )
        ).all()
    assert [tuple(row) for row in told] == [("Eight", True, 2, 2), ("Run", True, 1, 0)]
