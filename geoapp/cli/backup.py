"""The shell's commands that keep an instance: back it up, restore it, prove that it can be restored."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import Json, app, out, progress, settings, show
from geoapp.errors import BadRequest

if TYPE_CHECKING:
    from geoapp.audit import Report
    from geoapp.backup import Key, Kind, Manifest

PassphraseFile = Annotated[
    Path | None, typer.Option(help="A file with the passphrase; else GEOAPP_BACKUP_PASSPHRASE, else it is asked for.")
]
Identity = Annotated[Path | None, typer.Option(help="A file with the age identity that opens the backup.")]


@app.command()
def backup(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; it must not exist.")],
    recipient: Annotated[
        list[str] | None, typer.Option(help="An age public key, age1…, instead of a passphrase. Repeat it.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    json: Json = False,
) -> None:
    """Write the whole instance into one encrypted file."""
    from geoapp import audit, backup
    from geoapp.cluster import database

    chosen = settings()
    recipients = tuple(recipient or (chosen.backup_recipient or "").replace(",", " ").split())
    key = backup.Key(recipients=recipients) if recipients else passphrase(passphrase_file, backup.BACKUP, twice=True)
    with database(chosen) as urls, progress() as tell:
        manifest = backup.create(urls.owner, output, key, tell)
        looked = audit.look(urls.owner, chosen)
    size = output.stat().st_size
    if json:
        show({"file": str(output), "bytes": size} | _facts(manifest, looked))
    else:
        out().print(f"{output}: {size / 2**20:,.1f} MiB, {_sentence(manifest)}.", markup=False)
        _audit(looked)


@app.command()
def restore(file: Path, identity: Identity = None, passphrase_file: PassphraseFile = None, json: Json = False) -> None:
    """Bring a backup back into an empty instance."""
    from geoapp import audit, backup
    from geoapp.cluster import database

    key = opening(file, identity, passphrase_file, backup.BACKUP)
    with progress() as tell:
        manifest = backup.verify(file, key, tell)
        with database(settings()) as urls:
            backup.restore(urls.owner, file, key, manifest, tell)
            looked = audit.look(urls.owner, settings(), restored=True)
    if json:
        show(_facts(manifest, looked))
    else:
        out().print(f"{file} is restored and was compared: {_sentence(manifest)}.", markup=False)
        _audit(looked)


@app.command()
def drill(file: Path, identity: Identity = None, passphrase_file: PassphraseFile = None, json: Json = False) -> None:
    """Restore a backup into a scratch server and compare everything."""
    from geoapp import audit, backup

    key = opening(file, identity, passphrase_file, backup.BACKUP)
    with progress() as tell:
        found = backup.drill(
            settings().home, file, key, tell, look=lambda url: audit.look(url, settings(), restored=True)
        )
    catalogue = {kind: len(names) for kind, names in sorted(found.manifest.catalogue.items())}
    if json:
        show(_facts(found.manifest, found.audit) | {"seconds": round(found.seconds, 1), "compared": catalogue})
    else:
        out().print(
            f"{file} would bring everything back, in {found.seconds:,.0f} s: {_sentence(found.manifest)}. Alike are rows and"
            f" checksums of every table, {len(found.manifest.sequences)} sequences, "
            + ", ".join(f"{n} {kind}" for kind, n in catalogue.items()) + ".", markup=False,
        )  # fmt: skip
        _audit(found.audit)


def _audit(looked: "Report | None") -> None:
    """What was found of the audit. Exit code 1 where an entry was altered: the file itself is whole."""
    if looked is None:
        return
    out().print("The audit in it:", markup=False)
    for line in looked.lines:
        out().print(line, markup=False, soft_wrap=True)
    if not looked.sound:
        raise typer.Exit(1)


def _facts(manifest: "Manifest", looked: "Report | None") -> dict[str, object]:
    from geoapp.cli.audit import facts

    return {"audit": facts(looked) if looked else [], "sound": looked is None or looked.sound} | {
        "made_at": manifest.made_at, "version": manifest.version, "migration": manifest.head, "rows": manifest.rows,
        "tables": {name: n for name, (n, _) in manifest.tables.items()},
    }  # fmt: skip


def _sentence(manifest: "Manifest") -> str:
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables, as of {manifest.made_at[:16].replace('T', ' ')} UTC,"
        f" geoapp {manifest.version} at {manifest.head}"
    )


def opening(file: Path, identity: Path | None, passphrase_file: Path | None, kind: "Kind") -> "Key":
    """What opens a file: its head says whether that is a passphrase. Raises BadRequest, NotFound and Refused."""
    from geoapp import backup

    if backup.needs_passphrase(file, kind):
        return passphrase(passphrase_file, kind, twice=False)
    if identity is None:
        raise BadRequest("This file was made for an age key.", hint="Name the identity's file with --identity.")
    return backup.Key(identity=_read(identity))


def passphrase(file: Path | None, kind: "Kind", *, twice: bool) -> "Key":
    """The passphrase of a file, of the environment, or typed; never of the command line, which others can read. That of backups opens
    and closes nothing else."""
    from geoapp import backup

    if file is not None:
        return backup.Key(passphrase=_read(file).rstrip("\r\n"))
    backups = kind == backup.BACKUP
    if secret := settings().backup_passphrase if backups else settings().field_passphrase:
        return backup.Key(passphrase=secret.get_secret_value())
    if not sys.stdin.isatty():
        raise BadRequest(
            "The file is encrypted, and no passphrase was given.",
            hint=f"Set GEOAPP_{'BACKUP' if backups else 'FIELD'}_PASSPHRASE, or name a file with --passphrase-file; --recipient takes an age key.",
        )
    return backup.Key(passphrase=typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{file} could not be read as text.", hint="Check the path.") from error
