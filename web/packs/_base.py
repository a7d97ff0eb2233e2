"""What a pack is: files of layers for one kind of reader. Standard library only: a pack declares, it never does anything."""

from dataclasses import dataclass
from typing import Literal

Made = Literal["layers", "paper", "atlas", "slides", "brief", "changes"]


@dataclass(frozen=True)
class Part:
    """One file of a pack: layers in one of the export formats, or what is drawn or written of them."""

    stem: str
    """Its name in the pack, without suffix."""
    suffix: str
    """A format of `geoapp.export.formats`, such as `.gpkg`."""
    title: str
    """What it is, for the list of the pack."""
    layers: tuple[str, ...] = ()
    """Names of layers; none means every layer that can leave."""
    made: Made = "layers"
    """By what it is made: `layers` by the export format of its suffix, `paper` a map, `atlas` a map a province, `slides`,
    `brief`, `changes` what differs from the last pack (a map, where it is a PDF)."""
    theme: str = ""
    """Of a map on paper: which."""
    size: str = "a3"


@dataclass(frozen=True)
class Pack:
    """What is handed over together. A new pack is one file in `web/packs/` and one line in PACKS."""

    name: str
    title: str
    question: str
    """What its reader comes with."""
    audience: str
    """The room that it is usually made for."""
    parts: tuple[Part, ...]
    incident_days: int = 90
    """How many days of incidents are in it when no days are asked for. Of everything else it holds what is or comes."""
    only: tuple[str, ...] = ()
    """The layers that somebody chose for it; none where it holds all that it declares."""


OUTWARD = (
    Part("map_overview", ".pdf", "Map, A3", made="paper", theme="overview",
         layers=("areas_of_operation", "overlaps", "risk_zones", "incident_counts")),
    Part("map", ".html", "The map in one file: opens in a browser without a network"),
    Part("layers", ".gpkg", "All layers in their colours, for desktop programs"),
)  # fmt: skip
"""What is in every pack for readers outside the house."""
