"""What `/openapi.json` says: every door with the errors it may answer, as Problem Details, made from the error tree."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from geoapp import errors
from geoapp.api import answers
from geoapp.errors import GeoappError

PROBLEM = "application/problem+json"
_REF = "#/components/schemas/"


def sends(
    model: Any = None, *, media: str | tuple[str, ...] = "application/json", status: int = 200, refuses: bool = False
) -> dict[Any, Any]:
    """The `responses` of a door that sends this model as JSON, or (without one) bytes of these media types; `refuses`
    when a question that is understood may have no answer (422)."""
    kinds = (media,) if isinstance(media, str) else media
    refused = {422: _response(errors.Refused)} if refuses else {}
    if model is not None and kinds == ("application/json",):
        return {status: {"model": model}} | refused
    schema = {"$ref": f"{_REF}{model.__name__}"} if model is not None else {"type": "string", "format": "binary"}
    return {status: {"content": {kind: {"schema": schema} for kind in kinds}}} | refused


class Described(FastAPI):
    """An application that describes itself by this module: FastAPI's own errors of validation are not what is sent."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _described(self)
        return self.openapi_schema


def _described(app: FastAPI) -> dict[str, Any]:
    body = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    parts = body.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in _models():
        schemas.setdefault(model.__name__, model.model_json_schema(ref_template=_REF + "{model}"))
        for name, nested in schemas[model.__name__].pop("$defs", {}).items():
            schemas.setdefault(name, nested)
    parts["responses"] = {kind.__name__: _response(kind) for kind in errors_of(GeoappError)}
    for path, operations in body["paths"].items():
        for method, operation in operations.items():
            for response in operation["responses"].values():
                # FastAPI lists JSON without a schema beside what a door says that it sends
                said = {kind: body for kind, body in response.get("content", {}).items() if body.get("schema")}
                if said:
                    response["content"] = said
            refused = operation["responses"].get("422")
            if refused is not None and "HTTPValidationError" in str(refused):
                del operation["responses"]["422"]
            for kind in _may(method, path, operation):
                operation["responses"].setdefault(str(kind.status), {"$ref": f"#/components/responses/{kind.__name__}"})
    return body


def _models() -> Iterator[Any]:
    for value in vars(answers).values():
        if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel:
            yield value


def errors_of(kind: type[GeoappError]) -> Iterator[type[GeoappError]]:
    """An error and everything below it in the tree."""
    yield kind
    for each in kind.__subclasses__():
        yield from errors_of(each)


def _response(kind: type[GeoappError]) -> dict[str, Any]:
    headers = {name: {"schema": {"type": "string"}} for name in kind.headers}
    return {
        "description": f"{kind.title}.",
        "content": {
            PROBLEM: {
                "schema": {"$ref": f"{_REF}{answers.Problem.__name__}"},
                "example": {"type": "about:blank", "title": kind.title, "status": kind.status, "detail": "…", "hint": "…"},
            }
        },
    } | ({"headers": headers} if headers else {})  # fmt: skip


_FOR_WRITERS = ("/record", "/actors", "/field-copies", "/edits/{edit}")
"""How the paths end of what is read in order to be written: as now, and only in rooms that record."""


def _may(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[type[GeoappError]]:
    """The errors that a door may answer, by what it is."""
    yield from (errors.GeoappError, errors.Unavailable)
    if "{operation}" in path:
        yield from (errors.BadRequest, errors.NotFound)
    if method in ("post", "put", "patch", "delete") or path.endswith(_FOR_WRITERS):
        yield from (errors.Forbidden, errors.Conflict)
    if path.startswith("/account"):
        yield from (errors.BadRequest, errors.Unauthorized, errors.Forbidden, errors.NotFound, errors.TooMany)
    if path.endswith("/audit"):
        yield errors.Forbidden
    if "requestBody" in operation:
        yield from (errors.TooLarge, errors.Refused)
    if any(each.get("name") == "if-match" for each in operation.get("parameters", ())):
        yield from (errors.PreconditionFailed, errors.PreconditionRequired)
    if "{suffix}" in path:
        yield errors.NotAcceptable
