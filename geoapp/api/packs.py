"""Packs: which there are, what one would hold for a room, making one, and taking it away."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from geoapp import audiences, audit, jobs
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ExportScope, answer, engine, json_bytes, reading
from geoapp.api.imports import RUN
from geoapp.api.jobs import accepted
from geoapp.db import transaction
from geoapp.errors import Conflict
from geoapp.export import pack
from geoapp.scope import Scope
from web.packs import PACKS

router = APIRouter(prefix="/operations/{operation}/packs", tags=["Packs"])
Chosen = Annotated[
    str | None,
    Query(max_length=2000, description="Names of layers with commas between; all that the pack has without it"),
]
Named = Annotated[str, Path(max_length=60, description=f"One of {', '.join(each.name for each in PACKS)}")]


class Overrides(BaseModel):
    """What the neutrality check found and stays nevertheless."""

    model_config = ConfigDict(extra="forbid")
    overrides: dict[str, Annotated[str, Field(max_length=500)]] = Field(
        {},
        max_length=100,
        description="The key of a finding → why it stays",
        examples=[{"approval:safe": "A quotation."}],
    )


def _names(layers: str | None) -> list[str]:
    return [name for each in (layers or "").split(",") if (name := each.strip())]


@router.get("", summary="The packs that can be made, and those made for this room", responses=sends(answers.Packs))
def list_packs(request: Request, scope: ExportScope) -> Response:
    with reading(request, scope) as connection:
        made = [job.as_dict() for job in jobs.packs(connection)]
    kinds = [{name: getattr(each, name) for name in ("name", "title", "question", "audience")} for each in PACKS]
    return answer(request, json_bytes({"packs": kinds, "made": made}))


@router.get("/{name}", summary="What a pack would hold for this room", responses=sends(answers.PackContents))
def preview(
    request: Request,
    scope: ExportScope,
    name: Named,
    layers: Chosen = None,
    asker: Annotated[
        str | None,
        Query(
            max_length=40,
            description="A room that records: it is told how many records there are before the rules as well",
        ),
    ] = None,
) -> Response:
    """Exactly what will be in it, and what will be left out by which rule, before anything is made."""
    with reading(request, scope) as connection:
        declared = pack.chosen(pack.find(name), _names(layers))
        return answer(
            request,
            json_bytes(pack.preview(connection, scope, declared, asker, jobs.last_pack(connection, name, scope.as_of))),
        )


@router.post(
    "/{name}",
    summary="Make a pack for this room",
    status_code=201,
    responses=sends(answers.Job, status=201) | sends(answers.Job, status=202),
)
async def make(
    request: Request,
    scope: ExportScope,
    name: Named,
    overrides: Overrides | None = None,
    layers: Chosen = None,
    datetime: Annotated[str | None, Query(max_length=80, description="A day, or first/last")] = None,
    idempotency_key: Annotated[
        str | None,
        Header(description="A random word of your own: sent again with it, it is the same pack", pattern=RUN),
    ] = None,
    prefer: Annotated[
        str | None, Header(description="`respond-async` does not wait for the end", max_length=80)
    ] = None,
) -> Response:
    """201 with the job that made it, whose result holds the manifest; 202 with the job when asked not to wait. It goes on when
    nobody waits any more; `DELETE …/jobs/{job}` stops it.

    422 where the neutrality check found something in it: `neutrality` says what, where and its `key`. Sent again with
    `overrides` (key → why it stays) it is made, and the reasons stand in MANIFEST and READ_ME."""
    declared = pack.chosen(pack.find(name), _names(layers))
    asked = {
        "pack": declared.name, "datetime": datetime, "as_of": scope.as_of.isoformat() if scope.as_of else None,
        "layers": list(declared.only), "overrides": pack.overrides_of(overrides.overrides if overrides else {}),
    }  # fmt: skip

    def ask() -> int:
        with transaction(engine(request), scope.context()) as connection:
            pack.contents(connection, scope, declared)
            return jobs.put(
                connection, scope.context(), jobs.PACK, asked, key=idempotency_key, digest=json_bytes(asked).decode()
            )

    number = await asyncio.to_thread(ask)
    if worker := request.app.state.worker:
        worker.begin()
    if "respond-async" in (prefer or ""):
        return await asyncio.to_thread(_accepted, request, scope, number)
    return _ended(scope, await jobs.waited(engine(request), scope.context(), number))


@router.get(
    "/made/{job}.zip",
    summary="A pack that was made, as an archive",
    response_class=StreamingResponse,
    responses=sends(media="application/zip"),
)
def take(request: Request, scope: ExportScope, job: Annotated[int, Path(ge=1, lt=2**63)]) -> Response:
    """Refused (409) when the rules of the room have changed since: it might hold what they keep back now."""
    spooled = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - closed when it was sent
    try:
        with reading(request, scope) as connection:
            found, read = jobs.archive(connection, job)
            manifest: dict[str, Any] = dict(found.result or {})["manifest"]
            if manifest["rules"] != pack.rules_mark(audiences.room(connection, scope)):
                raise Conflict("The rules of this room have changed since the pack was made.", hint="Make it again.")
            for piece in read:
                spooled.write(piece)
    except BaseException:
        spooled.close()
        raise
    size = spooled.tell()
    spooled.seek(0)
    audit.left(engine(request), scope.context(), "taken again", str(manifest["pack"]), str(job), bytes=size)

    def send() -> Iterator[bytes]:
        with spooled:
            while piece := spooled.read(1 << 20):
                yield piece

    headers = {
        "Content-Disposition": f'attachment; filename="{manifest["file_name"]}"', "Content-Length": str(size),
        "Cache-Control": "no-store",
    }  # fmt: skip
    return StreamingResponse(send(), media_type="application/zip", headers=headers)


def _accepted(request: Request, scope: Scope, job: int) -> Response:
    with reading(request, scope) as connection:
        return accepted(request, scope, jobs.find(connection, job))


def _ended(scope: Scope, job: jobs.Job) -> Response:
    if job.state == "done":
        return Response(json_bytes(job.as_dict()), 201, media_type="application/json")
    error = dict(job.error or {})
    return Response(json_bytes(error), int(error["status"]), media_type="application/problem+json")
