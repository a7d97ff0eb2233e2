"""The shell's commands that serve: the operations of this instance, or the exercise country."""

from typing import Annotated

import typer

from geoapp.cli.app import app, err, opened, out, progress

Port = Annotated[int | None, typer.Option(help="The port to listen on.")]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Server processes; one a core unless said.")]


@app.command()
def serve(port: Port = None, workers: Workers = None) -> None:
    """Serve the operations of this instance."""
    from geoapp import audit, backup, serving

    with opened() as (settings, urls, engine):
        settings = settings.model_copy(update={"port": port or settings.port, "workers": workers or settings.workers})
        listening = serving.listen(settings.host, settings.port)
        engine.dispose()
        with backup.timer(settings, urls.owner), audit.sealing(settings, urls.direct or urls.app):
            out().print(f"http://{settings.host}:{settings.port}  (Ctrl-C stops)")
            serving.serve(settings, urls.app, urls.direct or urls.app, listening)


@app.command()
def demo(port: Port = None, workers: Workers = None) -> None:
    """Serve the exercise country, which is loaded the first time."""
    from geoapp import audit, serving
    from geoapp.demo import load

    with opened() as (settings, urls, engine):
        settings = settings.model_copy(update={"port": port or settings.port, "workers": workers or settings.workers})
        listening = serving.listen(settings.host, settings.port)
        with progress() as tell:
            key = load(urls.owner, engine, tell, lambda line: err().print(line, markup=False))
        engine.dispose()
        out().print(f"http://{settings.host}:{settings.port}/operations/{key}/map  EXERCISE  (Ctrl-C stops)")
        with audit.sealing(settings, urls.direct or urls.app):
            serving.serve(settings, urls.app, urls.direct or urls.app, listening)
