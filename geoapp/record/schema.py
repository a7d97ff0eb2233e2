"""What may be written to a collection, as JSON Schema: every limit, list, default, unit and step, from its Noun alone.

The form is that of OGC API Features Part 5 (`x-ogc-…`); what that has no word for begins with `x-geoapp-`.
"""

from dataclasses import asdict
from typing import Any

from geoapp.codes import codes, official
from geoapp.record.fields import Field
from geoapp.record.lifecycle import Lifecycle
from geoapp.record.noun import Noun
from geoapp.record.shapes import MAX_VERTICES
from layers import STACK

_GEOMETRY = {
    "point": "geometry-point", "line": "geometry-linestring-or-multilinestring",
    "polygon": "geometry-polygon-or-multipolygon", "any": "geometry-any",
}  # fmt: skip


def schema(collection: str, noun: Noun) -> dict[str, Any]:
    """JSON Schema 2020-12 of the properties of a record as it is sent, and of its geometry; its order is a form's.

    Titles and units are those of the layer `collection`, where there is one, unless the noun says otherwise.
    """
    layer = next((each for each in STACK if each.name == collection), None)
    drawn = {field.name: field for field in layer.fields} if layer else {}
    properties: dict[str, Any] = {}
    if noun.shape is not None:
        properties["geometry"] = {
            "title": "Shape" if noun.shape == "polygon" else "Place", "x-ogc-role": "primary-geometry",
            "format": _GEOMETRY[noun.shape], "x-geoapp-max-vertices": MAX_VERTICES,
        }  # fmt: skip
    for name, field in noun.fields.items():
        there = drawn.get(name)
        properties[name] = _property(name, field, there.title if there else "", (there and there.unit) or "")
    for name in noun.reads:
        if name not in noun.fields:
            there = drawn.get(name)
            properties[name] = {"title": there.title if there else _said(name), "readOnly": True}
    if noun.period:
        for name, role in zip(noun.period, ("primary-interval-start", "primary-interval-end"), strict=True):
            properties[name]["x-ogc-role"] = role
    for place, each in enumerate(properties.values(), 1):
        each["x-ogc-propertySeq"] = place
    required = [name for name, field in noun.fields.items() if field.required]
    if noun.needs_end and noun.period:
        required.append(noun.period[1])
    found = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "title": noun.one.capitalize(), "description": layer.question if layer else noun.question,
        "properties": properties, "required": (["geometry"] if noun.shape else []) + required,
        "x-geoapp-one": noun.one,
    }  # fmt: skip
    if noun.lasts:
        found["x-geoapp-lasts"] = {"usual_days": noun.lasts[0], "most_days": noun.lasts[1]}
    if noun.lifecycle:
        found["x-geoapp-lifecycle"] = _lifecycle(noun.lifecycle)
    return found


def _said(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _property(name: str, field: Field, title: str, unit: str) -> dict[str, Any]:
    """One field; one that may be left out may be null as well."""
    found: dict[str, Any] = {"title": field.title or title or _said(name), **field.check.schema}
    if field.check.codes:
        number = found["type"] == "integer"
        found["oneOf"] = [
            {"const": int(code) if number else code, "title": words}
            | ({"description": official(field.check.codes)[code]} if code in official(field.check.codes) else {})
            for code, words in codes(field.check.codes).items()
            if code not in field.check.without and (not number or found["minimum"] <= int(code) <= found["maximum"])
        ]
        found["x-ogc-codelist"] = field.check.codes
    if field.check.several:
        found["x-geoapp-several"] = found.pop("oneOf")
    if not field.required:
        found["type"] = [found["type"], "null"]
        if "oneOf" in found:
            found["oneOf"].append({"const": None, "title": "Not said"})
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    if field.default is not None:
        found["default"] = field.default
    if field.hint:
        found["description"] = field.hint
    if unit:
        found["x-ogc-unit"] = unit
    if field.past:
        found["x-geoapp-past"] = True
    if field.named_in:
        found["x-geoapp-named-in"] = field.named_in
    if field.refers_to:
        found |= {"x-ogc-role": "reference", "x-ogc-collectionId": field.refers_to}
    return found


def _lifecycle(life: Lifecycle) -> dict[str, Any]:
    return {
        "state": life.state, "author": life.author, "begins": life.begins, "editable": life.editable,
        "states": [{"const": state, "title": words} for state, words in codes(life.codes).items()],
        "steps": [{"name": name} | asdict(step) for name, step in life.transitions.items()],
    }  # fmt: skip
