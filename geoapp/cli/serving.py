"""The shell's commands that serve: the operations of this instance, or the exercise country."""

from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import app, err, opened, out, progress
from geoapp.errors import BadRequest

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geoapp.settings import Settings

Port = Annotated[int | None, typer.Option(help="The port to listen on.")]


@app.command()
def serve(port: Port = None) -> None:
    """Serve the operations of this instance."""
    with opened() as (settings, _, engine):
        settings = settings.model_copy(update={"port": port or settings.port})
        _free(settings)
        out().print(f"http://{settings.host}:{settings.port}  (Ctrl-C stops)")
        _serve(settings, engine)


@app.command()
def demo(port: Port = None) -> None:
    """Serve the exercise country, which is loaded the first time."""
    from geoapp.demo import load

    with opened() as (settings, urls, engine):
        settings = settings.model_copy(update={"port": port or settings.port})
        _free(settings)
        with progress() as tell:
            key = load(urls.owner, engine, tell, lambda line: err().print(line, markup=False))
        out().print(f"http://{settings.host}:{settings.port}/operations/{key}/map  EXERCISE  (Ctrl-C stops)")
        _serve(settings, engine)


def _serve(settings: "Settings", engine: "Engine") -> None:
    import uvicorn

    from geoapp.app import create_app

    uvicorn.run(
        create_app(settings, engine), host=settings.host, port=settings.port, log_level="warning", access_log=False,
        server_header=False, timeout_graceful_shutdown=5, proxy_headers=False,
    )  # fmt: skip


def _free(settings: "Settings") -> None:
    """Raises BadRequest when something listens on the port already."""
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise BadRequest(f"Port {settings.port} is in use.", hint=f"Try --port {settings.port + 1}.")
