"""What is a room told of each layer? All of it in one value, for what is handed over."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoapp.audiences.room import Room
from geoapp.audiences.rule import COARSEST, LICENCE, SHOWN, TOLD, Rule
from geoapp.model import DATES
from layers import STACK, Layer


@dataclass(frozen=True)
class LayerRule:
    """What a room is told of one layer."""

    layer: str
    title: str
    subject: str
    precision: str
    """`exact`, `settlement`, `admin2`, `mgrs10`; `count` for nothing but numbers, `withheld` for nothing."""
    withheld: frozenset[str]
    labels: str
    dates: str
    least: int
    as_recorded: bool
    """Whether every record that its clearance shows is told as it is."""
    rules: tuple[Rule, ...]
    """The room's rules that decide about it: one, or those of each domain that has its own."""
    sentence: str
    licence: str = LICENCE


def rules_of(room: Room, layers: Sequence[Layer] = STACK) -> tuple[LayerRule, ...]:
    """What the room is told of each layer, in the layers' order. `room` is one of `rooms`, or that of `room(connection, scope)`."""
    return tuple(_layer_rule(room, layer) for layer in layers)


def _layer_rule(room: Room, layer: Layer) -> LayerRule:
    rules, precision = room.rules_about(layer.subject), room.precision(layer)
    kept = room.withheld(layer)
    hidden = room.hidden(layer) & {each.name for each in layer.fields}
    said = SHOWN[precision] if layer.shape == "point" else TOLD[precision]
    whole = precision == "exact" and (layer.subject not in COARSEST or room.as_recorded(layer.subject))
    if precision == "exact" and not whole:
        said = "in part not as recorded"
    told = [f"{layer.title}: {said}", *([kept] if kept else [])]
    if hidden and precision not in ("withheld", "count"):
        told.append(f"Withheld: {', '.join(layer.field(name).title for name in sorted(hidden))}.")
    return LayerRule(
        layer.name, layer.title, layer.subject, precision, hidden,
        "category" if any(rule.labels == "category" for rule in rules) else "name",
        max((rule.dates for rule in rules), key=DATES.index, default="day"), max((rule.least for rule in rules), default=0),
        whole, rules, told[0] + ". " + " ".join(told[1:]) if told[1:] else told[0] + ".",
    )  # fmt: skip
