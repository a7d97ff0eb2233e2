"""Writing by hand: OGC API Features Part 4 (create, replace, update, delete) with optimistic locking, for every noun."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, RecordId, answer, base, json_bytes, version_of
from geoapp.api.writing import changed, recording, unkept
from geoapp.db import again
from geoapp.errors import NotFound
from geoapp.record import Noun
from geoapp.scope import Scope
from layers import get

router = APIRouter(prefix="/operations/{operation}/collections/{layer}", tags=["Writing"])
Match = Annotated[str | None, Header(description='The version that was read: "3"')]

Once = Annotated[str | None, Header(description="Words by which a record that is sent again is known", max_length=100)]


class Feature(BaseModel):
    """A GeoJSON Feature: its geometry and its properties by the names of the collection's fields."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    geometry: dict[str, Any] | None = None
    properties: dict[str, Any] = Field(default_factory=dict)


def _noun(
    layer: Annotated[str, Path(description=f"One of {', '.join(record.NOUNS)}", max_length=60)],
) -> tuple[str, Noun]:
    if layer not in record.NOUNS:
        raise NotFound(f"Nothing is written by hand to {layer!r}.", hint=f"One of {', '.join(record.NOUNS)}.")
    return layer, record.NOUNS[layer]


Written = Annotated[tuple[str, Noun], Depends(_noun)]


def _fields(name: str, noun: Noun) -> set[str]:
    """The fields that the collection shows."""
    return {field.name for field in get(name).fields} if name in record.DRAWN else set(noun.fields)


def _given(name: str, noun: Noun, feature: Feature) -> dict[str, Any]:
    """The properties without those that follow from others: a record can be sent back as it was read."""
    derived = (_fields(name, noun) | set(noun.reads)) - set(noun.fields) | {"id", "version"}
    return {k: v for k, v in feature.properties.items() if k not in derived}


@router.get(
    "/schema",
    summary="What may be written to a collection, as JSON Schema",
    responses=sends(answers.Schema, media="application/schema+json"),
)
def schema(request: Request, scope: ReadScope, written: Written) -> Response:
    """Fields with their limits, lists and words, and the steps of a record's life: the same for every room."""
    name, noun = written
    here = f"{base(request)}/operations/{scope.operation}/collections/{name}/schema"
    return answer(request, json_bytes({"$id": here} | record.schema(name, noun)), "application/schema+json")


@router.post(
    "/items",
    summary="Write a new record",
    status_code=201,
    responses=sends(answers.Created, status=201) | sends(answers.Created),
)
@again
def create(
    request: Request, scope: ReadScope, written: Written, feature: Feature, idempotency_key: Once = None
) -> Response:
    """A record that is sent again with its `Idempotency-Key`, because the answer was lost, is not written twice: it is answered
    with 200 and its version as it is now (an actor has no such key)."""
    name, noun = written
    given = _given(name, noun, feature)
    with recording(request, scope) as connection:
        if idempotency_key:
            id_, version, new = record.add_once(connection, noun, feature.geometry, given, idempotency_key)
        else:
            id_, version, new = *record.add(connection, noun, feature.geometry, given), True
    where = f"collections/{noun.begins_in or name}/items" if name in record.DRAWN else name
    here = f"{base(request)}/operations/{scope.operation}/{where}/{id_}"
    return unkept({"id": id_, "version": version, "new": new}, 201 if new else 200, version=version, Location=here)


@router.get(
    "/items/{item}/record",
    summary="A record as it is written, for a form that changes it",
    responses=sends(answers.Feature, media="application/geo+json"),
)
def read(request: Request, scope: ReadScope, written: Written, item: RecordId) -> Response:
    """Every field of a record with its version, also those that no map shows; only in a room that records, and of now."""
    _, noun = written
    with recording(request, scope) as connection:
        found = record.read(connection, noun, item)
    return unkept(found, version=found["version"], media="application/geo+json")


@router.put("/items/{item}", summary="Replace a record", responses=sends(answers.Changed))
def replace(
    request: Request, scope: ReadScope, written: Written, item: RecordId, feature: Feature, if_match: Match = None
) -> Response:
    """Fields of the collection that are left out fall to their defaults; what it does not show, such as the notes of an
    incident as they were told, stays."""
    shown = frozenset(_fields(*written))
    return _write(request, scope, written, item, feature, if_match, shown)


@router.patch("/items/{item}", summary="Change fields of a record", responses=sends(answers.Changed))
def update(
    request: Request, scope: ReadScope, written: Written, item: RecordId, feature: Feature, if_match: Match = None
) -> Response:
    """Fields that are left out, and a geometry that is left out, stay as they are."""
    return _write(request, scope, written, item, feature, if_match)


@again
def _write(
    request: Request,
    scope: Scope,
    written: tuple[str, Noun],
    item: int,
    feature: Feature,
    if_match: str | None,
    whole: frozenset[str] = frozenset(),
) -> Response:
    name, noun = written
    version = version_of(if_match)
    with recording(request, scope) as connection:
        new = record.change(connection, noun, item, feature.geometry, _given(name, noun, feature), version, whole=whole)
    return changed(new)


@router.delete("/items/{item}", summary="Take a record away", status_code=204)
@again
def delete(request: Request, scope: ReadScope, written: Written, item: RecordId, if_match: Match = None) -> Response:
    """The history keeps it. A published risk zone is withdrawn instead."""
    _, noun = written
    version = version_of(if_match)
    with recording(request, scope) as connection:
        record.remove(connection, noun, item, version)
    return unkept(status=204)
