"""What does a room see, and what not and by which of its rules, in words?"""

from dataclasses import dataclass

from geoapp.audiences.access import Access
from geoapp.audiences.rule import COARSEST, SHORT, SHOWN, TOLD
from geoapp.model import HANDLING, PRECISIONS
from geoapp.model.subjects import CLAIMS
from layers import STACK, Layer


@dataclass(frozen=True)
class Room(Access):
    """An audience, and how it is told what it is shown."""

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
