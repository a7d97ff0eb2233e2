"""A record in words: what it is called, and its fields as people read them."""

from collections.abc import Collection
from string import Formatter
from typing import Any

from geoapp.codes import marking, say
from geoapp.scope import say_date
from layers import Field, Layer

NAMES = Formatter()


def coded(layer: Layer) -> dict[str, str]:
    """The lists of codes of the fields that a record of the layer is called by."""
    named = {name for form in layer.titled for _, name, *_ in NAMES.parse(form) if name}
    return {field.name: field.code for field in layer.fields if field.name in named and field.code}


def title(layer: Layer, record: dict[str, Any]) -> str:
    """What a record is called."""
    for form in layer.titled:
        names = [name for _, name, *_ in NAMES.parse(form) if name]
        if len(names) > 1 or record.get(names[0]):
            said = form.format_map({name: _said(layer, name, record.get(name)) for name in names})
            return "Withheld" + said[8:] if said.startswith("withheld ") else said
    value = record.get(layer.style.by) if layer.style.by else None
    return next((rule.label for rule in layer.style.rules if value is not None and rule.value == value), layer.title)


def _said(layer: Layer, name: str, value: Any) -> str:
    code = coded(layer).get(name)
    return "withheld" if not value else say(code, value) if code else str(value)


def spoken(layer: Layer, record: dict[str, Any], hidden_fields: Collection[str]) -> list[dict[str, Any]]:
    """A record's fields as a person reads them; empty ones are left out, withheld ones are named as such."""
    rows = []
    for field in layer.fields:
        if not field.popup or (record[field.name] is None and field.name not in hidden_fields):
            continue
        hidden = field.name in hidden_fields
        value = None if hidden else record[field.name]
        rows.append(
            {
                "name": field.name,
                "title": field.title,
                "value": value,
                "text": "withheld" if hidden else words(field, value),
            }
        )
    return rows


def words(field: Field, value: Any) -> str:
    """One value in words: the code's label, a date with its month, a number with its unit, a marking as `TLP:AMBER`."""
    if value is None:
        return "unknown"
    if field.name == "handling":
        return marking(value)
    if field.kind == "boolean":
        return "yes" if value else "no"
    if field.kind == "date":
        return say_date(value)
    if field.code and field.kind == "list":
        return "; ".join(say(field.code, code) for code in str(value).split(", "))
    if field.code:
        return say(field.code, value)
    if field.name.startswith("share_"):
        return f"{value:.0%}"
    if field.kind == "number":
        text_ = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")
        return f"{text_} {field.unit}" if field.unit else text_
    if field.kind == "integer":
        return f"{value:,} {field.unit}" if field.unit else f"{value:,}"
    return str(value)
