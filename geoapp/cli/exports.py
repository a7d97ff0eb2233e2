"""The shell's commands about files that leave: layers, packs, as a room may have them, and whether a file takes sides."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from geoapp.cli.app import AsOf, Audience, Json, Operation, Period, app, listing, opened, out, progress, scope_of, show

Override = Annotated[
    list[str] | None,
    typer.Option(help="FINDING=REASON: what the neutrality check found and stays, and why; may be repeated."),
]


def _reasons(override: list[str] | None) -> dict[str, str]:
    """The reasons by finding. Raises BadRequest for what is no such pair."""
    from geoapp.errors import BadRequest

    pairs = [each.partition("=") for each in override or ()]
    if wrong := [key for key, equals, _ in pairs if not equals]:
        raise BadRequest(f"{wrong[0]!r} is no override.", hint="Write it as FINDING=REASON.")
    return {key: reason for key, _, reason in pairs}


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
    from geoapp import audit, export

    layers = export.layers_of(layer)
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience, period, as_of, "export")
        with progress() as tell, audit.leaving(engine, scope.context(), "exported", layer, output) as told:
            counts = told["layers"] = export.write(engine, scope, layers, output, tell)
    if json:
        show({"file": str(output), "layers": counts})
    else:
        out().print(f"{output}: " + ", ".join(f"{name} {n:,}" for name, n in counts.items()))


def _packs() -> tuple[str, ...]:
    from web.packs import PACKS

    return tuple(each.name for each in PACKS)


@app.command("pack", cls=listing("Packs", _packs))
def pack_(
    name: Annotated[str, typer.Argument(help="A pack's name.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The archive; by default named after what it is.")
    ] = None,
    operation: Operation = None,
    audience: Annotated[str | None, typer.Option(help="Who is in the room; by default the pack's usual room.")] = None,
    period: Period = None,
    as_of: AsOf = None,
    layers: Annotated[
        str | None, typer.Option(help="Layers with commas between; all that the pack has unless said.")
    ] = None,
    override: Override = None,
    json: Json = False,
) -> None:
    """Make a pack for a room: its files of one moment, and a manifest of what is in them and what is not."""
    from geoapp import jobs
    from geoapp.db import transaction
    from geoapp.export import pack

    declared, reasons = pack.chosen(pack.find(name), layers.split(",") if layers else None), _reasons(override)
    with opened() as (_, _, engine):
        scope = scope_of(engine, operation, audience or declared.audience, period, as_of, "export")
        with tempfile.TemporaryDirectory(prefix=".pack-", dir=output.parent if output else Path.cwd()) as folder:
            made = Path(folder) / "pack.zip"
            with progress() as tell:
                with transaction(engine, scope.context()) as connection:
                    last = jobs.last_pack(connection, declared.name, scope.as_of)
                manifest = pack.build(engine, scope, declared, made, tell, last, reasons)
            asked = {
                "pack": declared.name,
                "datetime": period,
                "as_of": as_of,
                "layers": list(declared.only),
                "overrides": reasons,
            }
            told = {"bytes": made.stat().st_size, "sha256": pack.sha256(made), "manifest": manifest}
            with transaction(engine, scope.context()) as connection, made.open("rb") as read:
                jobs.keep_pack(connection, scope.context(), asked, told, read)
            path = output or Path(manifest["file_name"])
            made.replace(path)
    if json:
        show({"file": str(path), "sha256": pack.sha256(path), "manifest": manifest})
        return
    for file in manifest["files"]:
        out().print(f"{file['name']:<24} {sum(file['records'].values()):>9,} records  {file['title']}", markup=False)
    for file in manifest["left_out"]:
        out().print(f"{file['name']:<24} left out: {file['why']}", markup=False)
    out().print(
        f"{path}: for {manifest['drawn_for']}, {manifest['handling']}, SHA-256 {pack.sha256(path)}", markup=False
    )


@app.command("check")
def check_(
    file: Annotated[Path, typer.Argument(help="The file, or a zip of files.")],
    override: Override = None,
    day: Annotated[
        str | None, typer.Option(help="The day on which no record may have expired, such as 2026-10-18.")
    ] = None,
    json: Json = False,
) -> None:
    """Look whether a file takes sides, approves, holds what has expired, or lacks its disclaimer or its handling."""
    from dataclasses import asdict

    from geoapp.export import neutrality
    from geoapp.scope import parse_moment

    asked = parse_moment(day).date() if day else None
    found = neutrality.check(file, day=asked, overrides=_reasons(override))
    left = neutrality.open_findings(found)
    if json:
        show({"file": str(file), "findings": [asdict(each) for each in found]})
    else:
        for each in found:
            place = ", ".join(part for part in (each.where, each.row, each.field) if part)
            out().print(
                f"{place}: {each.message} {each.hint} [{each.key}]"
                + (f" Overridden: {each.reason}" if each.reason else ""),
                markup=False,
            )
        out().print(f"{len(left):,} to mend, {len(found) - len(left):,} overridden.")
    if left:
        raise typer.Exit(1)
