"""How does an OpenAPI 3.1 description read as 3.0? OGC API Features names no later one (`conf/oas30`), and many tools read none.

Schemas of 3.0 are of an older draft of JSON Schema: what it has no word for is said by its nearest wider one, so that
whatever the description of 3.1 allows is allowed by this one too. A box alone is said more closely, as that standard has it.
"""

from collections.abc import Mapping
from typing import Any

MEDIA = "application/vnd.oai.openapi+json;version=3.0"
_LISTS, _ONE = ("anyOf", "oneOf", "allOf"), ("items", "not")
_NULL = {"type": "null"}
_BOX = {
    "style": "form", "explode": False,
    "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
}  # fmt: skip
"""How OGC API Features has a box described: numbers with commas between, which is the text that is read."""


def openapi30(described: Mapping[str, Any]) -> dict[str, Any]:
    """The description as OpenAPI 3.0.3; the one that is given stays as it is."""
    found = _document(described)
    for operations in found["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if (parameter["name"], parameter["in"]) == ("bbox", "query"):
                    parameter |= _BOX
    return {**found, "openapi": "3.0.3"}


def _document(part: Any) -> Any:
    """A part of the description, with each schema in it rewritten."""
    if isinstance(part, list):
        return [_document(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    found = {}
    for name, value in part.items():
        if name == "schema":
            found[name] = _schema(value)
        elif name == "schemas":
            found[name] = {key: _schema(each) for key, each in value.items()}
        elif name in ("example", "examples"):
            found[name] = value
        else:
            found[name] = _document(value)
    return found


def _schema(schema: Any) -> dict[str, Any]:
    """A schema of JSON Schema 2020-12 in the words of OpenAPI 3.0."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if "$ref" in schema:
        # beside a reference nothing else is read there
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        return {**_schema(beside), "allOf": [{"$ref": schema["$ref"]}]} if beside else dict(schema)
    found = {name: _value(name, value) for name, value in schema.items()}
    found.pop("propertyNames", None)  # 3.0 has no word for what a key may be
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "examples" in found:
        found["example"] = found.pop("examples")[0]
    if found.pop("contentMediaType", None):
        found["format"] = "binary"
    for bound, side in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in found:
            found |= {side: found[bound], bound: True}
    if "prefixItems" in found:
        found["items"] = {"anyOf": [_schema(each) for each in found.pop("prefixItems")]}
    return _nullable(found)


def _value(name: str, value: Any) -> Any:
    if name == "properties":
        return {key: _schema(each) for key, each in value.items()}
    if name in _LISTS:
        return [each if each == _NULL else _schema(each) for each in value]
    if name in _ONE or (name == "additionalProperties" and not isinstance(value, bool)):
        return _schema(value)
    return value


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be null says so by a word of its own: there is no type of that name."""
    for name in ("anyOf", "oneOf"):
        some = [each for each in schema.get(name, ()) if each != _NULL]
        if len(some) < len(schema.get(name, ())):
            rest = {key: value for key, value in schema.items() if key != name}
            only = some[0] if len(some) == 1 else {name: some}
            said = {**({"allOf": [only]} if "$ref" in only else only), **rest, "nullable": True}
            return said | ({"enum": [*said["enum"], None]} if "enum" in said else {})
    return schema
