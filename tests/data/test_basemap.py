"""A real operation has land, water and towns under it before anybody brings a file."""

from sqlalchemy import Engine, text

from geoapp import basemap, db


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
