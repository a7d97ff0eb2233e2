"""What was settled of a source's columns: listed, kept by name, and kept no longer."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geoapp.api import answers
from geoapp.api.contract import sends
from geoapp.api.dependencies import ReadScope, answer, json_bytes, reading
from geoapp.api.writing import recording, unkept
from geoapp.db import again
from geoapp.ingest import templates
from geoapp.observe import event

router = APIRouter(prefix="/operations/{operation}/imports/templates", tags=["Imports"])

Name = Annotated[str, Path(description="The template's name", max_length=80)]


class WantedTemplate(BaseModel):
    """What is settled for the files of a source."""

    model_config = ConfigDict(extra="forbid")
    kind: Annotated[str, Field(max_length=40, description="The import kind")]
    source: Annotated[str, Field(max_length=80, description="What the source is called")]
    sheet: Annotated[str | None, Field(max_length=200, description="The sheet of a workbook, where one was chosen")] = (
        None
    )
    handling: Annotated[
        str | None, Field(max_length=20, description="TLP of rows that say none; that of the kind where it is not said")
    ] = None
    columns: Annotated[
        dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=500)]],
        Field(
            max_length=templates.MOST_COLUMNS,
            description='Which column is which: {"date": "Date of event"}; "" is none',
        ),
    ]


@router.get("", summary="The templates for imports, the newest first", responses=sends(list[answers.ImportTemplate]))
def list_templates(request: Request, scope: ReadScope) -> Response:
    """A room that does not record is shown none."""
    with reading(request, scope) as connection:
        found = templates.templates(connection)
    return answer(request, json_bytes([templates.as_json(each) for each in found]))


@router.get("/{name}", summary="One template", responses=sends(answers.ImportTemplate))
def get_template(request: Request, scope: ReadScope, name: Name) -> Response:
    with reading(request, scope) as connection:
        return answer(request, json_bytes(templates.as_json(templates.template(connection, name))))


@router.put("/{name}", summary="Keep a template under this name", responses=sends(answers.ImportTemplate))
@again
def put_template(request: Request, scope: ReadScope, name: Name, wanted: WantedTemplate) -> Response:
    """It stands in place of the one that was kept under the name before."""
    with recording(request, scope) as connection:
        kept = templates.save_template(
            connection, name, wanted.kind, wanted.source, wanted.columns, sheet=wanted.sheet, handling=wanted.handling
        )
    event("save template", scope.context(), subject="import_template", rows=1)
    return unkept(templates.as_json(kept))


@router.delete("/{name}", summary="Keep a template no longer", status_code=204)
@again
def delete_template(request: Request, scope: ReadScope, name: Name) -> Response:
    with recording(request, scope) as connection:
        templates.remove_template(connection, name)
    event("remove template", scope.context(), subject="import_template", rows=1)
    return unkept(status=204)
