"""Who is in the room: what is it shown, what is withheld from it, and which rooms would see a record?

What a room sees is decided by the policies in the database. This says it in words, and asks nothing for layers of which
single records are not shown. For everything that is handed over (packs, papers, slides, manifests) one call answers:

    rules_of(room: Room, layers: Sequence[Layer] = STACK) -> tuple[LayerRule, ...]

with `room(connection, scope) -> Room` for the room that asks. A `LayerRule` says of one layer how precisely it is told
(`precision`), which fields are withheld, how actors are called (`labels`), how well days are told (`dates`), how many
organisations a district must have (`least`), the licence rule, and all of it in one `sentence`. It asks no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, NotFound
from geoapp.model import BANNER, DATES, DOMAINS, HANDLING, PRECISIONS
from geoapp.model.subjects import CLAIMS, SINGLY, SUBJECTS
from geoapp.scope import Scope
from layers import STACK, Layer

SHOWN = {
    "exact": "as recorded", "settlement": "to settlement", "admin2": "counted by district", "mgrs10": "counted",
    "count": "counted", "withheld": "withheld",
}  # fmt: skip
"""How precisely records are shown under each rule, in words."""
TOLD = SHOWN | {"admin2": "as the districts they touch", "mgrs10": "as the 10-km cells they touch"}
"""The same of layers whose records are shapes."""
SHORT = SHOWN | {"admin2": "by district", "mgrs10": "by 10-km cell"}
"""The same in the fewest words."""
COARSEST = {each.key: each.coarsest for each in SUBJECTS if each.key and each.coarsest} | dict.fromkeys(
    CLAIMS.values(), "exact"
)
"""The coarsest rule under which each subject's own rows are shown; incidents have forms for all but the last."""
LICENCE = "Rows whose licence forbids passing them on, such as ACLED's, are in no file."
"""The licence rule of every room: it holds whatever else a room is told."""
HIGHEST = f"""greatest({", ".join(f"(SELECT max(handling) FROM facts.{table})" for table in BANNER)},
    (SELECT max(f.handling) FROM facts.form AS f WHERE f.audience = calc.audience()))::text"""
"""SQL for the highest handling of what the room is shown, which the banner of its picture says; NULL when it is shown nothing."""


@dataclass(frozen=True)
class Rule:
    """What a room is told of one subject, or of what is recorded there about actors of one domain (`presence.civil`)."""

    subject: str
    precision: str = "exact"
    labels: str = "name"
    dates: str = "day"
    least: int = 0
    withheld: frozenset[str] = frozenset()
    id: int | None = None
    """Its number where it was recorded for this operation; None for what the room began with."""
    version: int = 0
    reason: str | None = None

    @property
    def as_recorded(self) -> bool:
        """Whether records are shown as they are: exactly, with every name and day, and every field but those that the lock
        withholds singly."""
        singly = SINGLY.get(self.subject.partition(".")[0], frozenset())
        return self.precision == "exact" and self.labels == "name" and self.dates == "day" and self.withheld <= singly

    @property
    def words(self) -> str:
        """How the rule is named where something is withheld by it."""
        more = [self.precision]
        more += ["actors by category"] if self.labels == "category" else []
        more += [f"days to the {self.dates}"] if self.dates != "day" else []
        more += [f"without {', '.join(sorted(self.withheld))}"] if self.withheld else []
        more += [f"{self.least} organisations at least"] if self.least else []
        return f"{self.subject.replace('_', ' ').replace('.', ' of ')}: {', '.join(more)}"


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


@dataclass(frozen=True)
class Room:
    """An audience: its clearance, its rules by subject, and the domains of actors that are withheld from it."""

    key: str
    title: str
    clearance: str
    rules: Mapping[str, str]
    withheld_domains: tuple[str, ...]
    may_write: bool
    more: Mapping[str, Rule] = field(default_factory=dict)
    """Rules that say more than how precisely."""
    then: bool = False
    """Whether it is shown what was known on another day. Counts are kept as of now: of another day only a room that is shown
    single incidents has any."""

    @property
    def sentence(self) -> str:
        """What the room sees and what it does not, in one sentence."""
        parts, told = [f"records up to {self.clearance}"], dict[str, list[str]]()
        for subject, rule in self.rules.items():
            if rule != "exact":
                shown = SHOWN[rule] if subject in ("incidents", "sites") else SHORT[rule]
                of, _, domain = subject.replace("_", " ").partition(".")
                told.setdefault(shown, []).append(f"{domain} {of}".strip())
        parts += [
            f"{' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)} {shown}"
            for shown, names in told.items()
        ]
        parts += [f"{domain.replace('_', ' ')} actors withheld" for domain in self.withheld_domains]
        return ", ".join(parts)

    def rule(self, subject: str) -> Rule:
        """The room's rule of a subject; of one with a domain (`presence.civil`) that of the subject where there is none."""
        subject = "incidents" if subject == "incident_counts" else subject
        for key in (subject, subject.partition(".")[0]):
            if key in self.more:
                return self.more[key]
            if key in self.rules:
                return Rule(key, self.rules[key])
        return Rule(subject)

    def rules_about(self, subject: str) -> tuple[Rule, ...]:
        """Those that decide about a subject's records: overlaps are told no better than what lies on either side of them."""
        claims = CLAIMS.values() if subject == "overlaps" else (subject,) if subject in CLAIMS.values() else ()
        keys = [subject] if subject not in CLAIMS.values() else []
        keys += [f"{claim}.{domain}" for claim in claims for domain in DOMAINS if domain not in self.withheld_domains]
        return tuple(dict.fromkeys(self.rule(key) for key in keys))

    def finest(self, subject: str) -> Rule:
        """The rule by which a subject's records are told at best: of overlaps the stricter of their own and of the sides'."""
        rules = self.rules_about(subject)
        own, sides = (rules[0], rules[1:]) if subject == "overlaps" else (None, rules)
        best = min(sides, key=_strictness) if sides else Rule(subject, "withheld")
        return max(own, best, key=_strictness) if own else best

    def as_recorded(self, subject: str) -> bool:
        """Whether every record of a subject is shown as it is recorded, as far as the room's clearance goes. Of overlaps that is so
        where all that could share ground is."""
        claims = [self.rule(f"{claim}.{domain}") for claim in CLAIMS.values() for domain in DOMAINS]
        return all(rule.as_recorded for rule in self.rules_about(subject)) and (
            subject != "overlaps" or not (self.withheld_domains or any(not rule.as_recorded for rule in claims))
        )

    def hidden(self, of: str | Layer) -> frozenset[str]:
        """The fields of a layer, or of a subject's layers, that are withheld from the room: of every record, whomever it is about."""
        subject = of.subject if isinstance(of, Layer) else of
        if isinstance(of, Layer) and of.units and "name" in self.rule("boundaries").withheld:
            return self.hidden(subject) | frozenset(of.units)
        rules = self.rules_about(subject)
        own, rules = (rules[0].withheld, rules[1:]) if subject == "overlaps" else (frozenset(), rules)
        by_all = frozenset.intersection(*(rule.withheld for rule in rules)) if rules else frozenset()
        return _with_it(own | by_all)

    @property
    def untold(self) -> frozenset[str]:
        """The fields that the rules withhold, each as subject/field, as `calc.untold()` has them."""
        return frozenset(f"{subject}/{name}" for subject, rule in self.more.items() for name in rule.withheld)

    def hidden_of(self, layers: Iterable[Layer]) -> dict[str, frozenset[str]]:
        """The same of each layer, by its name."""
        return {layer.name: self.hidden(layer) for layer in layers}

    def precision(self, of: str | Layer, *, recorders: bool = False) -> str:
        """How precisely a layer, or a subject's own rows, are shown: incidents that are coarser than their settlement are
        counted, and where incidents are withheld their counts are too. `recorders` says that it is for rooms that record."""
        if isinstance(of, Layer):
            return self._of_layer(of)
        if recorders and not self.may_write:
            return "withheld"
        rule = self.rule(of)
        if rule.precision == "withheld" or (of in COARSEST and not self._as_recorded(rule, of)):
            return "withheld"
        if of == "incident_counts":
            return "withheld" if self.then and _coarser(rule.precision, "settlement") else "exact"
        return "count" if of == "incidents" and _coarser(rule.precision, "settlement") else rule.precision

    def _as_recorded(self, rule: Rule, subject: str) -> bool:
        return rule.as_recorded or (COARSEST[subject] != "exact" and not _coarser(rule.precision, COARSEST[subject]))

    def _of_layer(self, layer: Layer) -> str:
        if layer.recorders and not self.may_write:
            return "withheld"
        if layer.counting:
            return "withheld" if (self.then and self.counts) or self._tells_nothing() else "exact"
        rule = self.finest(layer.subject)
        if self.then and layer.subject == "overlaps" and not self.as_recorded("overlaps"):
            return "withheld"
        if layer.subject not in COARSEST or self._as_recorded(rule, layer.subject):
            return self.precision(layer.subject) if layer.subject not in CLAIMS.values() else "exact"
        finest = rule.precision
        if self.then or layer.coarse is None or finest == "withheld":
            return "withheld"
        if layer.coarse.counts is not None:
            return "withheld" if finest == "mgrs10" else "exact"
        if layer.shape == "point":
            return finest if finest in ("exact", "settlement") else "count"
        if layer.shape == "line":
            return finest if finest == "exact" else "count"
        return "admin2" if finest == "settlement" else finest

    @property
    def counts(self) -> bool:
        """Whether records of some layer are counted in place of being shown."""
        return any(self.precision(layer) == "count" for layer in STACK if layer.held)

    def _tells_nothing(self) -> bool:
        """Whether no layer that can be counted in place of being shown is told at all."""
        return all(self.finest(layer.subject).precision == "withheld" for layer in STACK if layer.held)

    def shows(self, of: str | Layer, *, recorders: bool = False) -> bool:
        """Whether a layer, or one of that subject, has something to draw in this room."""
        return self.precision(of, recorders=recorders) not in ("withheld", "count")

    def withheld(self, of: str | Layer, *, recorders: bool = False) -> str | None:
        """What is kept from this room of a layer, and by which of its rules, in a sentence; None when nothing is.
        `recorders` says that the layer is for rooms that record."""
        subject = of.subject if isinstance(of, Layer) else of
        if (recorders or (isinstance(of, Layer) and of.recorders)) and not self.may_write:
            return "This is withheld from this room: only rooms that record are shown it."
        access = self.precision(of)
        if subject == "counted_records":
            why = "they are counted as of now" if self.then else "by its rules"
            return f"Counted records are withheld from this room: {why}." if access == "withheld" else None
        rules, rule = self.rules_about(subject), self.finest(subject)
        name = "incidents" if subject == "incident_counts" else subject.replace("_", " ")
        by = f"by its rule “{rule.words}”"
        if access == "withheld" and subject == "incident_counts" and rule.precision != "withheld":
            return f"Counts are kept as of now, and single incidents are withheld from this room {by}: what was known on another day cannot be counted for it."
        if access == "withheld" and self.then and rule.precision != "withheld" and isinstance(of, Layer) and of.coarse:
            return f"{name.capitalize()} are told to this room {by}, as of now: what was known on another day is withheld from it."
        if access == "withheld":
            return f"{name.capitalize()} are withheld from this room {by}."
        if access == "count":
            counted = "how many each district had" if name == "incidents" else "how many there are, in Counted records"
            return f"Single {name} are withheld from this room {by}; it is told {counted}."
        parts = []
        if self.clearance != HANDLING[-1]:
            parts.append(f"records above {self.clearance} by its clearance")
        if self.withheld_domains and subject in (*CLAIMS.values(), "overlaps"):
            domains = " and ".join(domain.replace("_", " ") for domain in self.withheld_domains)
            parts.append(f"{domains} actors by its rule")
        said = " and ".join(parts)
        sentences = [f"{said[0].upper()}{said[1:]} are withheld from this room."] if parts else []
        narrowed = [each for each in rules if subject != "incident_counts" and not each.as_recorded]
        if narrowed and subject in COARSEST:
            words = " and ".join(f"“{each.words}”" for each in narrowed)
            sentences.append(
                f"What is told of {name} is not as recorded, by {'its rule' if len(narrowed) == 1 else 'its rules'} {words}."
            )
        return " ".join(sentences) or None

    def sees(self, subject: str, handling: str) -> tuple[str, str]:
        """How the room would see a record of a subject with a handling, and by which rule."""
        rule = self.rule(subject)
        reads = f"reads up to {self.clearance}"
        if HANDLING.index(self.clearance) < HANDLING.index(handling):
            return "withheld", reads
        if subject == "incidents":
            return SHOWN[rule.precision], reads
        shown = {self.precision(layer) for layer in STACK if layer.subject == subject and layer.coarse}
        told = min(shown or {self.precision(subject)}, key=PRECISIONS.index)
        if told == "withheld":
            return "withheld", f"{subject.replace('_', ' ')} are {SHOWN[rule.precision]} for this room"
        return "as drawn" if rule.as_recorded else TOLD[told], reads


def _strictness(rule: Rule) -> tuple[int, bool]:
    return PRECISIONS.index(rule.precision), not rule.as_recorded


def _coarser(rule: str, than: str) -> bool:
    return PRECISIONS.index(rule) > PRECISIONS.index(than)


def _with_it(fields: Iterable[str]) -> frozenset[str]:
    """The fields that are withheld: how many notes there are, and since when, is withheld with the note."""
    withheld = frozenset(fields)
    return withheld | {"note_count", "noted_on"} if "note" in withheld else withheld


_ROOMS = text("""
    SELECT a.key, a.title, a.clearance::text, a.rules, a.withheld_domains, a.may_write,
        coalesce((SELECT jsonb_object_agg(r.subject, to_jsonb(r)) FROM facts.audience_rule AS r
            WHERE r.operation_id = a.operation_id AND r.audience = a.key), '{}') AS own
    FROM facts.audience AS a ORDER BY a.position
""")


def rooms(connection: Connection) -> list[Room]:
    """The rooms of the operation, in their order; none when there is no such operation. A room that only reads is told the
    rules that were recorded for itself alone."""
    return [_room(dict(row)) for row in connection.execute(_ROOMS).mappings()]


def _room(row: Mapping[str, Any]) -> Room:
    said: dict[str, Any] = {
        subject: rule if isinstance(rule, dict) else {"precision": rule} for subject, rule in row["rules"].items()
    }
    if not row["may_write"]:
        said |= row["own"]
    rules = {subject: _rule(subject, rule) for subject, rule in said.items()}
    return Room(
        row["key"], row["title"], row["clearance"], {subject: rule.precision for subject, rule in rules.items()},
        tuple(row["withheld_domains"]), row["may_write"], rules,
    )  # fmt: skip


def _rule(subject: str, said: Mapping[str, Any]) -> Rule:
    """A rule as it is stored; what nobody can read is the strictest."""
    precision = said.get("precision")
    return Rule(
        subject, precision if precision in PRECISIONS else "withheld", said.get("labels", "name"), said.get("dates", "day"),
        int(said.get("least", 0)), frozenset(said.get("withheld", ())), said.get("id"), said.get("version", 0), said.get("reason"),
    )  # fmt: skip


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


def pick(found: list[Room], scope: Scope) -> Room:
    """The scope's room among those of its operation. Raises NotFound for no such operation, BadRequest for no such room."""
    if not found:
        raise NotFound(f"There is no operation {scope.operation!r}.", hint="`GET /operations` lists them.")
    for each in found:
        if each.key == scope.audience:
            return replace(each, then=scope.as_of is not None)
    known = ", ".join(each.key for each in found)
    raise BadRequest(f"There is no audience {scope.audience!r}.", hint=f"One of {known}.")


def room(connection: Connection, scope: Scope) -> Room:
    """The room that asks. Raises NotFound for no such operation, BadRequest for no such room."""
    return pick(rooms(connection), scope)


def seen_by(connection: Connection, subject: str, handling: str | None) -> list[dict[str, str]]:
    """Which rooms would see a record of a subject with this handling, how, and by which rule; in the rooms' order."""
    found = []
    for each in rooms(connection):
        how, why = each.sees(subject, handling or "AMBER")
        found.append({"key": each.key, "title": each.title, "how": how, "why": why})
    return found
