"""What is one room shown of a layer or a subject, and how precisely?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from geoapp.audiences.rule import COARSEST, Rule, coarser, strictness, with_it
from geoapp.model import DOMAINS
from geoapp.model.subjects import CLAIMS
from layers import STACK, Layer


@dataclass(frozen=True)
class Access:
    """An audience's clearance, its rules by subject, and the domains of actors that are withheld from it."""

    key: str
    title: str
    clearance: str
    rules: Mapping[str, str] = field(hash=False)
    withheld_domains: tuple[str, ...]
    may_write: bool
    more: Mapping[str, Rule] = field(default_factory=dict, hash=False)
    """Rules that say more than how precisely."""
    may_record: bool = False
    """Whether who asks may record in it: a room that records (`may_write`) is shown what it has recorded to those who only read, too."""
    then: bool = False
    """Whether it is shown what was known on another day. Counts are kept as of now: of another day only a room that is shown
    single incidents has any."""

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
        best = min(sides, key=strictness) if sides else Rule(subject, "withheld")
        return max(own, best, key=strictness) if own else best

    def as_recorded(self, subject: str) -> bool:
        """Whether every record of a subject is shown as it is recorded, as far as the room's clearance goes. Of overlaps that is so
        where all that could share ground is."""
        return all(rule.as_recorded for rule in self.rules_about(subject)) and (
            subject != "overlaps" or not (self.withheld_domains or any(not rule.as_recorded for rule in self._claims()))
        )

    def _claims(self) -> Iterator[Rule]:
        return (self.rule(f"{claim}.{domain}") for claim in CLAIMS.values() for domain in DOMAINS)

    def hidden(self, of: str | Layer) -> frozenset[str]:
        """The fields of a layer, or of a subject's layers, that are withheld from the room: of every record, whomever it is about."""
        subject = of.subject if isinstance(of, Layer) else of
        if isinstance(of, Layer) and of.units and "name" in self.rule("boundaries").withheld:
            return self.hidden(subject) | frozenset(of.units)
        rules = self.rules_about(subject)
        own, rules = (rules[0].withheld, rules[1:]) if subject == "overlaps" else (frozenset(), rules)
        by_all = frozenset.intersection(*(rule.withheld for rule in rules)) if rules else frozenset()
        return with_it(own | by_all)

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
            return "withheld" if self.then and coarser(rule.precision, "settlement") else "exact"
        return "count" if of == "incidents" and coarser(rule.precision, "settlement") else rule.precision

    def _as_recorded(self, rule: Rule, subject: str) -> bool:
        return rule.as_recorded or (COARSEST[subject] != "exact" and not coarser(rule.precision, COARSEST[subject]))

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
