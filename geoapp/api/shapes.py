"""Shapes that are being drawn: what lies beside them, and what becomes of them when they are cut, joined, widened, mended."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp import record
from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, json_bytes, reading
from geoapp.api.writing import unkept
from geoapp.draw import beside, features
from geoapp.errors import NotFound
from layers import STACK, get

router = APIRouter(prefix="/operations/{operation}", tags=["Writing"])
Names = Annotated[str, Query(description="Layer names with commas between", max_length=600)]


class Reshaping(BaseModel):
    """A shape in CRS84 and what is to be done to it: by another shape that is drawn (`by`), by a record (`layer` and `id`), or
    by `metres`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    do: record.Do
    geometry: dict[str, Any] | None = None
    by: dict[str, Any] | None = None
    layer: Annotated[str | None, Field(max_length=60)] = None
    id: Annotated[int | None, Field(ge=1, lt=2**63)] = None
    metres: float | None = None


@router.get("/beside", summary="The borders in a box, with every decimal", responses=sends(answers.Beside))
def lines(request: Request, scope: ReadScope, layers: Names) -> Response:
    """Of the smallest shapes first; `left_out` is how many records have too many corners beside them."""
    named = [layer for layer in STACK if layer.name in layers.split(",")]
    with reading(request, scope) as connection:
        found = beside.beside(connection, scope, named)
    return answer(request, json_bytes(found))


@router.post(
    "/shapes",
    summary="A shape cut, joined, widened, mended, or that of a record; nothing is recorded",
    responses=sends(answers.Reshaped),
)
def reshaped(request: Request, scope: ReadScope, asked: Reshaping) -> Response:
    """`away` takes the other away, `join` adds it, `common` leaves what both have, `split` cuts by a line into `pieces`, `widen`
    is a buffer in metres on the ground, `mend` takes apart what crosses itself, `take` is the record's own shape."""
    try:
        layer = get(asked.layer) if asked.layer else None
    except KeyError:
        raise NotFound(f"There is no layer {asked.layer!r}.") from None
    with reading(request, scope) as connection:
        other = features.shape(connection, layer, scope, asked.id) if layer and asked.id else asked.by
    return unkept(record.reshape(asked.do, asked.geometry, other, asked.metres).told())
