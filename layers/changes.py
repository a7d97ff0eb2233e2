"""What changed since the last pack? No layer of the map: its records are what two moments of other layers differ in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._palette import INCIDENT_RULES, INK, RISK, ROAD, WHITE

_GREY = "#6F757A"

KINDS: dict[str, tuple[str, str, str, Symbol]] = {
    "overlap_new": ("Overlap, new", "{n} overlap is new since {since}", "{n} overlaps are new since {since}",
                    Symbol(fill=INK, fill_opacity=0.06, hatch="diagonal", hatch_color=INK, stroke=INK, width=2.2, casing=True)),
    "overlap_ended": ("Overlap, ended", "{n} overlap has ended since {since}", "{n} overlaps have ended since {since}",
                      Symbol(fill=WHITE, fill_opacity=0.3, stroke=_GREY, width=1.6, dash=(3, 4), casing=True)),
    "zone_new": ("Risk zone, new", "{n} risk zone is new since {since}", "{n} risk zones are new since {since}",
                 Symbol(fill=RISK[4].fill, fill_opacity=0.45, hatch="grid", hatch_color=RISK[4].stroke, hatch_px=6,
                        stroke=RISK[4].stroke, width=2, casing=True)),
    "zone_up": ("Risk zone, raised", "{n} risk zone was raised since {since}", "{n} risk zones were raised since {since}",
                Symbol(fill=RISK[3].fill, fill_opacity=0.45, hatch="vertical", hatch_color=RISK[4].stroke, hatch_px=6,
                       stroke=RISK[4].stroke, width=2, casing=True)),
    "zone_down": ("Risk zone, lowered", "{n} risk zone was lowered since {since}",
                  "{n} risk zones were lowered since {since}",
                  Symbol(fill=RISK[2].fill, fill_opacity=0.35, hatch="horizontal", hatch_color=RISK[2].stroke, hatch_px=6,
                         stroke=RISK[2].stroke, width=1.6, dash=(8, 4), casing=True)),
    "zone_ended": ("Risk zone, past its last day", "{n} risk zone has passed its last day since {since}",
                   "{n} risk zones have passed their last day since {since}",
                   Symbol(fill=WHITE, fill_opacity=0.3, stroke=RISK[2].stroke, width=1.6, dash=(2, 4), casing=True)),
    "zone_withdrawn": ("Risk zone, no longer published", "{n} risk zone is no longer published",
                       "{n} risk zones are no longer published",
                       Symbol(fill=WHITE, fill_opacity=0.3, stroke=_GREY, width=1.6, dash=(2, 4), casing=True)),
    "road_closed": ("Road, closed", "{n} road was closed since {since}", "{n} roads were closed since {since}",
                    Symbol(stroke=INK, width=3, glyph="cross", casing=True)),
    "road_restricted": ("Road, restricted", "{n} road is restricted since {since}",
                        "{n} roads are restricted since {since}",
                        Symbol(stroke=ROAD["restricted"].stroke, width=3, dash=(7, 4), casing=True)),
    "road_opened": ("Road, open again", "{n} road was opened since {since}", "{n} roads were opened since {since}",
                    Symbol(stroke=ROAD["open"].stroke, width=3, casing=True)),
    "road_unknown": ("Road, no longer known", "Of {n} road the state is no longer known",
                     "Of {n} roads the state is no longer known",
                     Symbol(stroke=ROAD["unspecified"].stroke, width=2.4, dash=(1.5, 4), casing=True)),
    "incident_new": ("Incident, recorded since", "{n} incident was recorded since {since}",
                     "{n} incidents were recorded since {since}", INCIDENT_RULES[-1].symbol),
    "rough_new": ("Incident known roughly, recorded since", "{n} incident known only roughly was recorded since {since}",
                  "{n} incidents known only roughly were recorded since {since}",
                  Symbol(fill=INK, fill_opacity=0.02, stroke=INK, width=0.8, dash=(4, 3))),
    "incident_withdrawn": ("Incident, taken back", "{n} incident was taken back since {since}",
                           "{n} incidents were taken back since {since}",
                           Symbol(fill=WHITE, stroke=_GREY, width=1.4, marker="ring", size=10)),
    "rough_withdrawn": ("Incident known roughly, taken back", "{n} incident known only roughly was taken back since {since}",
                        "{n} incidents known only roughly were taken back since {since}",
                        Symbol(fill=WHITE, fill_opacity=0.02, stroke=_GREY, width=0.8, dash=(1, 4))),
}  # fmt: skip
"""By kind: its words, the sentence for one and for many, its symbol. In the order in which they are told."""

LAYER = Layer(
    name="changes",
    title="What changed since the last pack",
    question="What is not as it was in the last pack of this kind for this room?",
    group="Coordination",
    shape="polygon",
    subject="changes",
    reads=("overlap", "risk_zone", "road_report", "incident"),
    mixed=True,
    exported=False,
    titled=("{name}",),
    sql="SELECT NULL::bigint AS id, NULL::geometry AS geom WHERE false AND NULL::geometry && :box",
    fields=(
        Field("kind", "Kind", popup=False, hxl="#meta+kind", drawn=True),
        Field("what", "What changed", hxl="#status+change"),
        Field("name", "Record", hxl="#meta+name"),
        Field("was", "Was", hxl="#status+before"),
        Field("now", "Is now", hxl="#status+now"),
        Field("day", "Day", "date", hxl="#date"),
        Field("layer", "Layer", popup=False, hxl="#meta+layer"),
        Field("record", "Record's number", "integer", popup=False, hxl="#meta+id"),
    ),
    style=Style(by="kind", rules=tuple(Rule(kind, told[0], told[3]) for kind, told in KINDS.items())),
    warning="What is not told of is as it was, or is not known.",
)


@dataclass(frozen=True)
class Watched:
    """A layer whose changes are told: what of a row `t` is compared, and which kind of change what is."""

    layer: str
    state: str
    """SQL of what is compared; a row without it is not told of."""
    day: str
    """The field that is a row's day."""
    needs: tuple[str, ...]
    """The fields without which a room is told no changes."""
    gone: str
    """The kind of a record that is there no more."""
    came: str | None = None
    """The kind of one that is new."""
    ended: tuple[str, str] | None = None
    """A field that is a last day, and the kind of what is gone because it has passed."""
    graded: tuple[str, str] | None = None
    """The kinds of a state, a number, that is higher or lower than before."""
    by_state: Mapping[str, str] = field(default_factory=dict)
    """The kind that each state is; two states of one kind are no change."""
    taken_for: str | None = None
    """The state that is taken for granted of what nothing is known of: to hear of it is no change."""
    where: str = "true"
    on_the_day: bool = False
    """Whether it is looked at for its day alone, and not from it on."""
    twin: str | None = None
    """The layer in which its records are when they are known otherwise: to go from one to the other is no change."""
    words: str = "{}"
    code: str | None = None
    """How a state is said: by a list of codes, or within words."""


_BY_STATE = {
    "open": "road_opened",
    "restricted": "road_restricted",
    "closed": "road_closed",
    "abandoned": "road_closed",
}
_EVENT = ("occurred_from", "event_type")
WATCHED = (
    Watched("overlaps", "'recorded'", "period_end", ("period_start", "period_end"), "overlap_ended", "overlap_new"),
    Watched("risk_zones", "t.level::text", "valid_to", ("level", "valid_to"), "zone_withdrawn", "zone_new",
            ended=("valid_to", "zone_ended"), graded=("zone_up", "zone_down"), words="level {}"),
    Watched("roads", "t.class", "observed_on", ("class",), "road_unknown", by_state=_BY_STATE, taken_for="open",
            where="t.class IN ('open', 'restricted', 'closed', 'abandoned')", on_the_day=True, code="road_status"),
    Watched("incidents", "t.event_type", "occurred_from", _EVENT, "incident_withdrawn", "incident_new", twin="rough_incidents"),
    Watched("rough_incidents", "t.event_type", "occurred_from", _EVENT, "rough_withdrawn", "rough_new", twin="incidents"),
)  # fmt: skip
ENDED = (
    "overlap_ended",
    "zone_down",
    "zone_ended",
    "zone_withdrawn",
    "road_opened",
    "incident_withdrawn",
    "rough_withdrawn",
)
"""The kinds that are told among what has ended."""
