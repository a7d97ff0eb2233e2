"""The shell's commands about the installation: bring the database up to date, examine it."""

import typer

from geoapp.cli.app import Json, app, keep_views, out, settings, show


@app.command()
def migrate() -> None:
    """Bring the database to this version."""
    from geoapp import upgrade
    from geoapp.cluster import database

    with database(settings()) as urls:
        upgrade.apply(urls.owner)
        keep_views(urls)
        upgrade.register(urls.owner, urls.app)
    out().print(f"The database is at {upgrade.head()}.")


@app.command()
def doctor(json: Json = False) -> None:
    """Examine this installation and say what is to be done."""
    from geoapp.doctor import examine

    checks = examine(settings())
    if json:
        show([c.__dict__ for c in checks])
    else:
        for check in checks:
            sign = {"ok": "✓", "warning": "!", "failed": "✗"}[check.state]
            out().print(
                f"{sign} {check.name}: {check.found}{'  → ' + check.remedy if check.remedy else ''}", markup=False
            )
    raise typer.Exit(1 if any(c.state == "failed" for c in checks) else 0)
