-- The 10-km cells of the MGRS grid that a shape lies in, each with its name and its outline; a point lies in one. The grid
-- is that of the UTM zone of the shape's middle. Bands X and those around Norway and Svalbard are as everywhere else.
CREATE FUNCTION calc.mgrs_cells(shape geometry) RETURNS TABLE (cell text, geom geometry)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH middle AS (
        SELECT ST_PointOnSurface(shape) AS place
    ), utm AS (
        SELECT least(60, floor((ST_X(m.place) + 180) / 6)::int + 1) AS zone, ST_Y(m.place) AS lat FROM middle AS m
    ), flat AS (
        SELECT u.zone, substr('CDEFGHJKLMNPQRSTUVWX', greatest(1, least(20, floor((u.lat + 80) / 8)::int + 1)), 1) AS band,
            CASE WHEN u.lat < 0 THEN 32700 ELSE 32600 END + u.zone AS srid
        FROM utm AS u
    ), reach AS (
        SELECT f.*, ST_Transform(shape, f.srid) AS on_grid FROM flat AS f
    )
    SELECT format('%s%s %s%s %s%s', r.zone, r.band,
            substr('ABCDEFGHJKLMNPQRSTUVWXYZ', ((r.zone - 1) % 3) * 8 + greatest(1, e.i / 10), 1),
            substr('ABCDEFGHJKLMNPQRSTUV', (n.j / 10 + CASE WHEN r.zone % 2 = 0 THEN 5 ELSE 0 END) % 20 + 1, 1),
            e.i % 10, n.j % 10),
        ST_Transform(ST_Segmentize(c.square, 2500), 4326)
    FROM reach AS r
    CROSS JOIN LATERAL generate_series(floor(ST_XMin(r.on_grid) / 10000)::int, floor(ST_XMax(r.on_grid) / 10000)::int) AS e (i)
    CROSS JOIN LATERAL generate_series(floor(ST_YMin(r.on_grid) / 10000)::int, floor(ST_YMax(r.on_grid) / 10000)::int) AS n (j)
    CROSS JOIN LATERAL (
        SELECT ST_MakeEnvelope(e.i * 10000, n.j * 10000, (e.i + 1) * 10000, (n.j + 1) * 10000, r.srid) AS square
    ) AS c
    WHERE ST_Dimension(r.on_grid) = 0 OR (ST_Intersects(c.square, r.on_grid) AND NOT ST_Touches(c.square, r.on_grid))
$$;
