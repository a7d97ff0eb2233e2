"""What is withheld from a room, and by which of its rules, in a sentence."""

from typing import TYPE_CHECKING

from geoapp.audiences.rule import COARSEST, SHORT, SHOWN
from geoapp.model import HANDLING
from geoapp.model.subjects import CLAIMS
from layers import Layer

if TYPE_CHECKING:
    from geoapp.audiences.room import Room


def sentence(room: "Room") -> str:
    """What a room sees and what it does not, in one sentence."""
    parts, told = [f"records up to {room.clearance}"], dict[str, list[str]]()
    for subject, rule in room.rules.items():
        if rule != "exact":
            shown = SHOWN[rule] if subject in ("incidents", "sites") else SHORT[rule]
            of, _, domain = subject.replace("_", " ").partition(".")
            told.setdefault(shown, []).append(f"{domain} {of}".strip())
    parts += [
        f"{' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)} {shown}"
        for shown, names in told.items()
    ]
    parts += [f"{domain.replace('_', ' ')} actors withheld" for domain in room.withheld_domains]
    return ", ".join(parts)


def withheld(room: "Room", of: str | Layer, *, recorders: bool) -> str | None:
    """What is kept from a room of a layer, and by which of its rules, in a sentence; None when nothing is."""
    subject = of.subject if isinstance(of, Layer) else of
    if (recorders or (isinstance(of, Layer) and of.recorders)) and not room.may_write:
        return "This is withheld from this room: only rooms that record are shown it."
    access = room.precision(of)
    if subject == "counted_records":
        why = "they are counted as of now" if room.then else "by its rules"
        return f"Counted records are withheld from this room: {why}." if access == "withheld" else None
    rules, rule = room.rules_about(subject), room.finest(subject)
    name = "incidents" if subject == "incident_counts" else subject.replace("_", " ")
    by = f"by its rule “{rule.words}”"
    if access == "withheld" and subject == "incident_counts" and rule.precision != "withheld":
        return f"Counts are kept as of now, and single incidents are withheld from this room {by}: what was known on another day cannot be counted for it."
    if access == "withheld" and room.then and rule.precision != "withheld" and isinstance(of, Layer) and of.coarse:
        return f"{name.capitalize()} are told to this room {by}, as of now: what was known on another day is withheld from it."
    if access == "withheld":
        return f"{name.capitalize()} are withheld from this room {by}."
    if access == "count":
        counted = "how many each district had" if name == "incidents" else "how many there are, in Counted records"
        return f"Single {name} are withheld from this room {by}; it is told {counted}."
    parts = []
    if room.clearance != HANDLING[-1]:
        parts.append(f"records above {room.clearance} by its clearance")
    if room.withheld_domains and subject in (*CLAIMS.values(), "overlaps"):
        domains = " and ".join(domain.replace("_", " ") for domain in room.withheld_domains)
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
