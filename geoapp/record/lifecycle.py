"""From which state a record may go to which, who may take the step and what it needs: said once, for rules, doors and forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geoapp.errors import BadRequest, Conflict


@dataclass(frozen=True)
class Transition:
    """One step of a record's life. It is always known by name who takes it."""

    title: str
    """What the step is called, on buttons and in messages."""
    before: tuple[str, ...]
    after: str
    says: str = ""
    """What follows from it, for whoever is about to take it."""
    done: str = ""
    """What has happened; `{by}` stands for who took it."""
    second_person: str | None = None
    """The step as a noun ("publishing") where somebody else than the author must take it."""
    requires: Mapping[str, str] = field(default_factory=dict)
    """Fields that must be given with it, each with what it is called in a sentence."""
    confirmed: bool = False
    """Whether the record's number is typed before it: others see at once what follows."""
    ends: bool = False
    """Whether the record leaves maps by it."""
    opens: bool = False
    """Whether the one who takes it goes on writing."""


@dataclass(frozen=True)
class Lifecycle:
    """The states of a noun's records and the steps between them."""

    codes: str
    """The list of `data/codes/` with a word for each state."""
    begins: str
    editable: tuple[str, ...]
    """The states in which a record's fields may be changed."""
    transitions: Mapping[str, Transition]
    state: str = "status"
    author: str = "author"
    """The fields that hold the state, and who wrote it."""

    def begin(self, step: str) -> Transition:
        """The step of this name. Raises BadRequest."""
        if step not in self.transitions:
            raise BadRequest(f"There is no step {step[:40]!r}.", hint=f"One of {', '.join(self.transitions)}.")
        return self.transitions[step]

    def check(self, one: str, now: Mapping[str, Any], step: str, by: str | None, given: Mapping[str, Any]) -> str:
        """The name of who takes the step, when the record `now` (of the noun `one`) may take it.

        Raises BadRequest for no such step, for nobody's name and for a field that is missing, Conflict when the record
        is not where the step begins or when author and second person are one.
        """
        wanted = self.begin(step)
        if now[self.state] not in wanted.before:
            raise Conflict(
                f"The {one} {now['id']} is {now[self.state]}; “{wanted.title}” begins at {' or '.join(wanted.before)}.",
                hint="Look at what is there now.",
            )
        name = " ".join((by or "").split())[:200]
        missing = [each for each in wanted.requires if given.get(each) is None]
        if missing or not name:
            needs = " and ".join(wanted.requires[each] for each in missing)
            raise BadRequest(
                f"“{wanted.title}” needs {needs}." if missing else "It must be known who does this.",
                hint=f"Give {', '.join(f'`{each}`' for each in missing)}." if missing else "Give your name.",
                errors=[{"where": each, "what": "is required"} for each in [*missing, *([] if name else ["by"])]],
            )
        if wanted.second_person and same_person(name, now[self.author]):
            raise Conflict(
                f"{name} wrote this {one}; {wanted.second_person} takes a second person.",
                hint="Let another adviser look at it.",
            )
        return name

    def changed(self, one: str, now: Mapping[str, Any], hint: str) -> None:
        """Raises Conflict when a record's fields may not be changed any more where it stands."""
        if now[self.state] not in self.editable:
            raise Conflict(f"The {one} {now['id']} is {now[self.state]}: it is not changed any more.", hint=hint)


def same_person(name: str, other: str | None) -> bool:
    """Whether two names are one, whatever their letters' case and spaces."""
    return " ".join(name.casefold().split()) == " ".join((other or "").casefold().split())
