"""The shell's command about files that leave: layers as a file, as a room may have them."""

from pathlib import Path
from typing import Annotated

import typer

from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, listing, opened, out, progress, scope_of, show


def _formats() -> tuple[str, ...]:
    from geoapp import export

    return tuple(export.LAYER_FORMATS)


@app.command("export", cls=listing("Formats", _formats))
def export_(
    layer: Annotated[str, typer.Argument(help="A layer's name, or all.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file; its suffix is one of the formats listed below.")
    ],
    operation: Operation = None,
    audience: Audience = "internal",
    period: Period = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Write layers to a file, as this room may have them."""
    from geoapp import export

    layers = export.layers_of(layer)
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, period, as_of, "export")
        with progress() as tell:
            counts = export.write(engine, scope, layers, output, tell)
    if json:
        show({"file": str(output), "layers": counts})
    else:
        out().print(f"{output}: " + ", ".join(f"{name} {n:,}" for name, n in counts.items()))
