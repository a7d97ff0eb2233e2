"""One name for one class: forms, legends, tables and files say the same word for the same code."""

import pytest

from geoapp.codes import codes
from geoapp.draw.page import LISTS
from geoapp.record import DRAWN, NOUNS, schema
from layers import STACK, get
from layers._palette import CONSTRAINT_RULES, INCIDENT_RULES


def choices(property_: dict) -> dict[str, str]:
    """Code → word of a field of a form."""
    found = property_.get("oneOf") or property_.get("x-geoapp-several") or []
    return {str(each["const"]): each["title"] for each in found if each["const"] is not None}


@pytest.mark.parametrize("collection", NOUNS)
def test_a_form_says_what_legend_and_table_and_file_say(collection: str) -> None:
    written = schema(collection, NOUNS[collection])
    drawn = {field.name: field for field in get(collection).fields} if collection in DRAWN else {}
    for name, each in written["properties"].items():
        words = choices(each)
        assert each["title"][0].isupper(), (name, each["title"])
        assert each.get("description", "A")[0].isupper(), (name, each["description"])
        assert all(word[0].isupper() or word[0].isdigit() for word in words.values()), (name, words)
        if not words:
            continue
        # tables and files say codes by the list of the layer's field; pages by the lists that they are given
        assert words.items() <= {str(code): word for code, word in codes(each["x-ogc-codelist"]).items()}.items()
        if name in drawn and name != "handling":
            assert drawn[name].code == each["x-ogc-codelist"], name
        if collection in DRAWN and name == get(collection).style.by:
            rules = get(collection).style.rules
            assert {str(rule.value): rule.label for rule in rules if rule.value is not None} == words, name


@pytest.mark.parametrize("layer", STACK, ids=lambda layer: layer.name)
def test_a_legend_says_what_table_and_file_say(layer) -> None:
    by = next((field for field in layer.fields if field.name == layer.style.by), None)
    if by is not None and by.code:
        known = codes(by.code)
        for rule in layer.style.rules:
            assert rule.value is None or rule.label == known[str(rule.value)], rule.label
    for rule in layer.style.rules:
        assert rule.label[0].isupper() or rule.label[0].isdigit(), rule.label
    for field in layer.fields:
        assert field.title[0].isupper(), field.title
        if field.code:
            assert all(word[0].isupper() or word[0].isdigit() for word in codes(field.code).values()), field.code


def test_what_is_reported_is_called_alike_wherever_it_stands() -> None:
    named = {rule.value: rule.label for rule in INCIDENT_RULES if rule.value is not None}
    assert named == dict(codes("event_types"))
    for layer in STACK:
        for field in layer.fields:
            if field.name == "event_type":
                assert field.code == "event_types", layer.name
    assert "event_types" in LISTS
    assert {rule.value: rule.label for rule in CONSTRAINT_RULES} == dict(codes("constraint_categories"))
