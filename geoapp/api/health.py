"""Is it alive, is it ready, what has it done?"""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from geoapp import operations as operations_
from geoapp import upgrade
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import json_bytes
from geoapp.api.signed_in import who
from geoapp.db import Context, asking, transaction, version
from geoapp.draw import assets
from geoapp.draw.panel import extent
from geoapp.errors import Unavailable
from geoapp.observe.metrics import exposition
from geoapp.scope import Scope

router = APIRouter(tags=["Operations"])


@router.get("/healthz", summary="The process answers", responses=sends(answers.State))
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Migrations, database and files are in order", responses=sends(answers.State))
def readyz(request: Request) -> dict[str, str]:
    with asking(request.app.state.key), transaction(request.app.state.engine, Context("")) as connection:
        present, there = upgrade.applied(connection), version(connection)
    if not present:
        raise Unavailable("The database is not the one of this version of geoapp.", hint="Run `geoapp migrate`.")
    missing = assets.missing()
    if missing:
        raise Unavailable(f"Browser files are missing: {', '.join(missing[:5])}.", hint="Run `./run demo` once online.")
    return {"status": "ready", "migration": there}


@router.get("/metrics", summary="Counters for Prometheus", response_class=Response, responses=sends(media="text/plain"))
def metrics() -> Response:
    return Response(exposition(), media_type="text/plain; version=0.0.4")


@router.get("/operations", summary="The operations, with where they are", responses=sends(list[answers.Operation]))
def operations(request: Request) -> Response:
    engine = request.app.state.engine
    with transaction(engine, Context("", member=who())) as connection:
        found = operations_.operations(connection)
    listed = []
    for each in found:
        scope = Scope(each.key, member=who())
        with transaction(engine, scope.context()) as connection:
            listed.append(asdict(each) | {"bbox": extent(connection, scope)})
    return Response(json_bytes(listed), media_type="application/json", headers={"Cache-Control": "private, no-cache"})
