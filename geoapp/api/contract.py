"""What `/openapi.json` says: every door with the errors it may answer, as Problem Details, made from the error tree."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from geoapp import errors
from geoapp.api.answers import Problem
from geoapp.errors import GeoappError

PROBLEM = "application/problem+json"
_REF = "#/components/schemas/"


def answers(model: Any = None, *, media: str | tuple[str, ...] = "application/json", status: int = 200) -> dict[Any, Any]:
    """The `responses` of a door that sends this model as JSON, or (without one) bytes of these media types."""
    media = (media,) if isinstance(media, str) else media
    if model is not None and media == ("application/json",):
        return {status: {"model": model}}
    schema = {"$ref": f"{_REF}{model.__name__}"} if model is not None else {"type": "string", "format": "binary"}
    return {status: {"content": {kind: {"schema": schema} for kind in media}}}


def describe(app: FastAPI) -> None:
    """Let the application describe itself by this module: FastAPI's own errors of validation are not what is sent."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]


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
            operation["responses"].pop("422", None)
            for kind in _may(method, path, operation):
                operation["responses"].setdefault(
                    str(kind.status), {"$ref": f"#/components/responses/{kind.__name__}"}
                )
    return body


def _models() -> Iterator[Any]:
    from pydantic import BaseModel

    from geoapp.api import answers as sent

    for value in vars(sent).values():
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
                "schema": {"$ref": f"{_REF}{Problem.__name__}"},
                "example": {"type": "about:blank", "title": kind.title, "status": kind.status, "detail": "…", "hint": "…"},
            }
        },
    } | ({"headers": headers} if headers else {})  # fmt: skip


def _may(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[type[GeoappError]]:
    """The errors that a door may answer, by what it is."""
    yield from (errors.GeoappError, errors.Unavailable)
    if "{operation}" in path:
        yield from (errors.BadRequest, errors.NotFound)
    if method in ("post", "put", "patch", "delete"):
        yield from (errors.Forbidden, errors.Conflict)
    if "requestBody" in operation:
        yield from (errors.TooLarge, errors.Refused)
    if any(each.get("name") == "if-match" for each in operation.get("parameters", ())):
        yield from (errors.PreconditionFailed, errors.PreconditionRequired)
    if "{suffix}" in path:
        yield errors.NotAcceptable
