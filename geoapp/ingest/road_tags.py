"""What do OpenStreetMap's tags say of whether, and by what, a road can be used? One reading for every format.

A status is said by what the road is (`highway`), who may drive (`access` and what is narrower) and whether anybody can
(`impassable`, `smoothness`). The heaviest class of vehicles (UNSDI-T, 1 to 6) is the lowest that any tag allows.
What it comes to is told of each road.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geoapp.ingest.columns import Wanted
from geoapp.ingest.parse import mapped, number
from geoapp.ingest.reading import Reading

TAGS = ("motorcar", "motor_vehicle", "vehicle", "access", "hgv", "4wd_only", "impassable", "smoothness", "maxweight",
        "winter_road", "ice_road", "ford")  # fmt: skip
"""The tags that are read here beside `highway`."""
WANTED = tuple(Wanted(tag, (tag,)) for tag in TAGS)

NOT_YET = {"proposed", "planned", "construction"}
NO_MORE = {"abandoned", "disused", "razed", "demolished", "removed"}
NO_ROAD = {"no", "platform", "corridor", "elevator", "via_ferrata", "raceway"}
"""Values of `highway` for what is drawn where no road is, or none of the public: it is closed, or abandoned."""
ON_FOOT = {"footway": 1, "steps": 1, "cycleway": 1, "bridleway": 1, "pedestrian": 1, "path": 2}
"""Values of `highway` for ways that carts or motorcycles use at most, unless a tag admits motor vehicles."""
WHO = ("motorcar", "motor_vehicle", "vehicle", "access")
"""The first of these that a road has decides, for it is the narrowest (OpenStreetMap wiki, Key:access)."""
BARRED = {"no"}
ADMITTED = {"yes", "designated", "permissive"}
LIMITED = {
    "private",
    "military",
    "permit",
    "customers",
    "delivery",
    "destination",
    "agricultural",
    "forestry",
    "permissive",
}
"""Values of those four: nobody may drive there, everybody, not everybody."""
SMOOTHNESS = {"horrible": 3, "very_horrible": 2}
"""Ways for off-road cars only, and for less (OpenStreetMap wiki, Key:smoothness); `impassable` is for no wheels at all."""
HEAVY, OFF_ROAD = 3, 3
"""What remains where `hgv=no` bars all above 3.5 tonnes, and where `4wd_only=yes`."""
TONNES = ((10.0, 3), (20.0, 4), (40.0, 5))
"""Below so many tonnes that a road bears, the heaviest class of vehicles that may use it: a light truck has up to 10,
a heavy one up to 20, one with a trailer 40 (WFP's words for the classes)."""


def read_tags(reading: Reading) -> None:
    """Refine the staged `op_status`, `practicability` and `seasonal` by the tags that the file has, and tell it.

    What the file says in UNSDI-T's own columns stands, but a road that is not there, barred or impassable is closed.
    """
    if not any(map(reading.has, ("highway", *TAGS))):
        return
    cells = {name: _words(reading, name) for name in ("highway", *TAGS)}
    rows = [dict(zip(cells, values, strict=True)) for values in zip(*cells.values(), strict=True)]
    _status(reading, rows)
    _vehicles(reading, rows)
    _season(reading, rows)


def _words(reading: Reading, name: str) -> list[str]:
    return [(cell or "").strip().lower() for cell in reading.raw(name).to_pylist()]


def _who(tags: dict[str, str]) -> str:
    return next((tags[name] for name in WHO if tags[name]), "")


def _impassable(tags: dict[str, str]) -> bool:
    return tags["impassable"] == "yes" or tags["smoothness"] == "impassable"


_STATUS = (
    ("no-road-there", "highway", "{value}: there is no road yet, or no more; it is not driven.",
     "Import it again when it is open."),
    ("road-barred", "access", "Motor vehicles are not allowed; the road is held as closed.",
     "Report it as open if it is."),
    ("road-impassable", "smoothness", "No vehicle on wheels can pass; the road is held as closed.",
     "Report it as open if it is."),
    ("road-limited", "access", "Not everybody may use the road; it is held as restricted.",
     "Report it as open if it is."),
)  # fmt: skip


def _status(reading: Reading, rows: list[dict[str, str]]) -> None:
    status = reading.out["op_status"].to_pylist()
    told: dict[str, list[int]] = {code: [] for code, *_ in _STATUS}
    for row, tags in enumerate(rows):
        who = _who(tags)
        if tags["highway"] in NOT_YET | NO_MORE | NO_ROAD:
            status[row] = "abandoned" if tags["highway"] in NO_MORE else "closed"
            told["no-road-there"].append(row)
        elif who in BARRED:
            status[row] = "closed"
            told["road-barred"].append(row)
        elif _impassable(tags):
            status[row] = "closed"
            told["road-impassable"].append(row)
        elif who in LIMITED and status[row] == "unspecified":
            status[row] = "restricted"
            told["road-limited"].append(row)
    reading.out["op_status"] = pa.array(status, pa.string())
    for code, column, message, hint in _STATUS:
        reading.tell(_mask(reading, told[code]), "warning", column, code, message, hint)


def _vehicles(reading: Reading, rows: list[dict[str, str]]) -> None:
    bears, failed = mapped(reading.raw("maxweight"), _tonnes, pa.float64())
    reading.tell(
        failed, "warning", "maxweight", "unknown-weight", "{value} is no weight; taken as not said.", "Write tonnes."
    )
    classes = reading.out["practicability"].to_pylist()
    limited: list[int] = []
    for row, (tags, tonnes) in enumerate(zip(rows, bears.to_pylist(), strict=True)):
        if classes[row] == 0 and (heaviest := _heaviest(tags, tonnes)):
            classes[row] = heaviest
            limited.append(row)
    reading.out["practicability"] = pa.array(classes, pa.int64())
    reading.tell(
        _mask(reading, limited), "warning", "highway", "road-for-light-vehicles",
        "By its tags the road is not for every vehicle (a weight limit, hgv=no, 4wd_only, smoothness, a way for feet);"
        " heavier ones are not sent over it.", "Report what can use it if that is more.",
    )  # fmt: skip


def _heaviest(tags: dict[str, str], tonnes: float | None) -> int:
    """The heaviest class that may and can use a road by its tags; 0 where they say nothing."""
    found = [0 if tonnes is None else next((vehicles for below, vehicles in TONNES if tonnes < below), 0)]
    found.append(HEAVY if tags["hgv"] == "no" else 0)
    found.append(OFF_ROAD if tags["4wd_only"] == "yes" else 0)
    found.append(SMOOTHNESS.get(tags["smoothness"], 0))
    found.append(0 if _who(tags) in ADMITTED else ON_FOOT.get(tags["highway"], 0))
    return min((each for each in found if each), default=0)


def _season(reading: Reading, rows: list[dict[str, str]]) -> None:
    frozen = [row for row, tags in enumerate(rows) if "yes" in (tags["winter_road"], tags["ice_road"])]
    seasonal = reading.out["seasonal"].to_pylist()
    for row in frozen:
        seasonal[row] = seasonal[row] or 1
    reading.out["seasonal"] = pa.array(seasonal, pa.int64())
    reading.tell(
        _mask(reading, frozen), "warning", "winter_road", "road-of-a-season",
        "The road is there in winter only; it is held as seasonal, and driven all the year.",
        "Report it as closed while it is.",
    )  # fmt: skip
    fords = [row for row, tags in enumerate(rows) if tags["ford"] not in ("", "no")]
    reading.tell(
        _mask(reading, fords), "warning", "ford", "road-with-a-ford", "The road goes through water; it is driven.",
        "Report it as closed, or what can pass, while the water is high.",
    )  # fmt: skip


def _mask(reading: Reading, rows: list[int]) -> NDArray[np.bool_]:
    mask = np.zeros(len(reading.batch), dtype=bool)
    mask[rows] = True
    return mask


def _tonnes(cell: str) -> float:
    """A weight limit in tonnes: a bare number, or one in kilograms or short tons; a thousand where none is set.

    Raises ValueError when it is no weight.
    """
    word = cell.lower().strip()
    if word in ("none", "unsigned", "default"):
        return 1000.0
    if word.endswith("kg"):
        return number(word.removesuffix("kg")) / 1000
    return number(word.removesuffix("st")) * 0.9072 if word.endswith("st") else number(word.removesuffix("t"))
