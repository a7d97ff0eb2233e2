"""The shell's command about paper: a map, or an atlas, as this room may have it."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, listing, opened, out, scope_of, settings, show

MAPS = ("overview", "overlaps", "risk", "access", "presence", "atlas")
"""Named here once more, so that the help does not load what draws; `tests/cli/test_paper.py` holds both to each other."""


@app.command("print", cls=listing("Maps", lambda: MAPS))
def print_(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file: .pdf, .png or .svg.")],
    name: Annotated[str, typer.Option("--map", help="What it is about; the maps are listed below.")] = "overview",
    layers: Annotated[str | None, typer.Option(help="Layers with commas between, for a map of your own.")] = None,
    size: Annotated[str, typer.Option(help="a3 or a4.")] = "a3",
    orientation: Annotated[str, typer.Option(help="landscape or portrait.")] = "landscape",
    bbox: Annotated[
        str | None, typer.Option(help="west,south,east,north in degrees; the whole operation unless said.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="In place of the map's own.")] = None,
    grid: Annotated[str, typer.Option(help="degrees, or mgrs where one zone of it serves the map.")] = "degrees",
    operation: Operation = None,
    audience: Audience = "internal",
    period: Period = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Draw a map on paper, with all that it must say of itself."""
    from geoapp import audit
    from geoapp.draw import paper
    from geoapp.scope import parse_box

    box = parse_box(bbox)
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, period, as_of, "export").within(box)
        with audit.leaving(engine, scope.context(), "printed", name, output) as told:
            made = paper.write(
                engine, scope, output, theme=name, layers=layers.split(",") if layers else (), size=size,
                orientation=orientation, title=title, contact=settings().contact, grid=grid,
            )  # fmt: skip
            told |= {"layers": made.records, "paper": made.number}
    if json:
        show(
            {
                "file": str(output),
                "number": made.number,
                "pages": made.pages,
                "scale": made.scale,
                "layers": made.records,
            }
        )
    else:
        if made.cut:
            out().print(made.cut, markup=False)
        pages = f"{made.pages} sheets" if made.pages > 1 else f"1:{made.scale:,.0f}"
        out().print(
            f"{output}: {made.number}, {pages}, " + ", ".join(f"{name} {n:,}" for name, n in made.records.items())
        )
