"""The roads as a network: built by a job where there are many, and waited for by whoever asks for a way."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from geoapp import jobs
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, engine, json_bytes, reading
from geoapp.api.jobs import accepted
from geoapp.db import transaction
from geoapp.errors import BadRequest, Stopped, Unavailable
from geoapp.scope import Scope

router = APIRouter(prefix="/operations/{operation}", tags=["Routes"])


def _asked(request: Request, scope: Scope) -> jobs.Job | None:
    """The job that builds this room's network, where a question has to wait for it. One is begun as well where an earlier
    network serves that lacks roads."""
    with reading(request, scope) as connection:
        state = request.app.state.ways.state(connection)
    if state == "ready":
        return None
    with transaction(engine(request), scope.context()) as connection:
        job = jobs.find(connection, jobs.network(connection, scope.context()))
    if worker := request.app.state.worker:
        worker.begin()
    return job if state == "missing" else None


def _known_now(scope: Scope) -> None:
    """Raises BadRequest for another day's knowledge: nobody drives on it."""
    if scope.as_of is not None:
        raise BadRequest(
            "A way is reckoned on what is known now, not as known on another day.", hint="Set `as_of` to today."
        )


async def _built(request: Request, scope: ReadScope) -> None:
    """Waits until there is a network that can answer. Raises BadRequest for another day's knowledge, Stopped when somebody
    stopped its job, Unavailable when that failed."""
    _known_now(scope)
    job = await asyncio.to_thread(_asked, request, scope)
    if job is None:
        return
    ended = await jobs.waited(engine(request), scope.context(), job.id)
    if error := ended.error:
        kind = Stopped if ended.state == "stopped" else Unavailable
        raise kind(f"The road network was not built. {error['detail']}", hint=error.get("hint", ""))


NETWORK_BUILT = Depends(_built)
"""What a door that answers with ways depends on."""


@router.get(
    "/network",
    summary="What the roads are as a network",
    responses=sends(answers.Network, refuses=True) | sends(answers.Job, status=202),
)
async def network(
    request: Request,
    scope: ReadScope,
    prefer: Annotated[
        str | None, Header(description="`respond-async` does not wait until it is built", max_length=80)
    ] = None,
) -> Response:
    """202 with the job that builds it when asked not to wait; `DELETE …/jobs/{job}` stops it."""
    _known_now(scope)
    if "respond-async" in (prefer or ""):
        job = await asyncio.to_thread(_asked, request, scope)
        if job is not None:
            return accepted(request, scope, job)
    await _built(request, scope)
    return await asyncio.to_thread(_told, request, scope)


def _told(request: Request, scope: Scope) -> Response:
    with reading(request, scope) as connection:
        roads = request.app.state.ways.roads(connection)
    body = asdict(roads.network.built) | {
        "network_as_of": roads.as_of.isoformat(timespec="seconds"), "network_complete": roads.complete,
    }  # fmt: skip
    return Response(json_bytes(body), media_type="application/json", headers={"Cache-Control": "no-store"})
