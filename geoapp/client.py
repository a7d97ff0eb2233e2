"""How does a notebook ask a served operation? GeoDataFrames and Folium maps over the doors that everybody has.

from geoapp.client import connect

op = connect("http://127.0.0.1:8000").operation("kavarra")
overlaps = op.layer("overlaps", audience="hct")          # a GeoDataFrame
op.map("areas_of_operation", "overlaps").save("map.html")   # opens without a network
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx2
import orjson
import pandas as pd

from geoapp import errors
from geoapp.codes import marking, say
from geoapp.draw.notebook import NotebookMap, drawn
from geoapp.errors import GeoappError
from layers import STACK, get

CRS84 = "OGC:CRS84"
_KINDS = {"integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[s]"}
_ERRORS = {
    kind.status: kind
    for kind in reversed(vars(errors).values())
    if isinstance(kind, type) and issubclass(kind, GeoappError)
}
"""The error of a status: of several the one that the others are kinds of, which stands first."""


def connect(
    url: str = "http://127.0.0.1:8000", *, token: str = "", client: httpx2.Client | None = None, timeout: float = 60
) -> "Service":
    """The service at an address. `token` is what `geoapp member token` gives, where people sign in; `client` an HTTP client of
    your own, with what it takes to be let in.

    What it is asked for raises the errors of `geoapp.errors`: NotFound, BadRequest, Forbidden …, Unavailable without an answer.
    """
    let_in = {"Authorization": f"Bearer {token}"} if token else {}
    return Service(client or httpx2.Client(base_url=url, timeout=timeout, follow_redirects=True, headers=let_in))


@dataclass(frozen=True)
class Service:
    """A served instance."""

    http: httpx2.Client

    def ask(self, method: str, path: str, *, version: int | None = None, **more: Any) -> Any:
        """The JSON that a door answers; `version` is the one that a change is made from. Raises the error that it answered."""
        match = {"If-Match": f'"{version}"'} if version is not None else {}
        try:
            answer = self.http.request(method, path, headers={"Accept": "application/json"} | match, **more)
        except httpx2.HTTPError as error:
            raise errors.Unavailable(f"{self.http.base_url} does not answer.", hint="Is it served?") from error
        if answer.is_success:
            return answer.json()
        said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        kind = _ERRORS.get(answer.status_code, GeoappError)
        raise kind(said.get("detail", f"The service answered {answer.status_code}."), hint=said.get("hint", ""))

    def close(self) -> None:
        """Let its connections go."""
        self.http.close()

    def operations(self) -> pd.DataFrame:
        """Every operation: key, title, exercise, bbox …"""
        return pd.DataFrame(self.ask("GET", "/operations"))

    def operation(self, key: str) -> "Operation":
        """One operation. Raises NotFound."""
        return Operation(self, key, self.ask("GET", f"/operations/{key}", params={"f": "json"})["title"])


@dataclass(frozen=True)
class Operation:
    """One operation of a service. `audience` is who is in the room, at every question."""

    service: Service
    key: str
    title: str

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        return self.service.ask(method, f"/operations/{self.key}/{path}", **more)

    def layers(self, audience: str = "internal") -> pd.DataFrame:
        """Every layer: its name (`id`), its title, the question that it answers."""
        found = self._ask("GET", "collections", params={"audience": audience})["collections"]
        return pd.DataFrame([{name: each[name] for name in ("id", "title", "description")} for each in found])

    def layer(
        self, name: str, *, audience: str = "internal", bbox: Sequence[float] | None = None, datetime: str | None = None,
        as_of: str | None = None, filter: str | None = None, sortby: str | None = None, words: bool = True,  # noqa: A002
    ) -> gpd.GeoDataFrame:  # fmt: skip
        """The records of a layer by their number, in CRS84 degrees, days as days; beside a code, in `…_words`, what it says.

        `bbox` is west, south, east, north; `filter` is CQL2 text. What the room is not told is said in `.attrs["withheld"]`,
        and a licence or a warning that goes with the records beside it. Raises NotFound, BadRequest.
        """
        asked = {"audience": audience, "datetime": datetime, "as_of": as_of, "filter": filter, "sortby": sortby,
                 "bbox": ",".join(map(str, bbox)) if bbox is not None else None}  # fmt: skip
        page = self._ask("GET", f"collections/{name}/items", params={k: v for k, v in asked.items() if v is not None})
        found, said = (
            list(page["features"]),
            {k: page[k] for k in ("withheld", "unknown", "licence", "warning") if k in page},
        )
        while following := next((link["href"] for link in page["links"] if link["rel"] == "next"), None):
            page = self.service.ask("GET", following)
            found += page["features"]
        frame = _frame(name, found, words=words)
        frame.attrs = {"layer": name, "audience": audience, "operation": self.key, **said}
        return frame

    def map(
        self, *layers: str | gpd.GeoDataFrame, audience: str = "internal", ground: bool = True, **asked: Any
    ) -> NotebookMap:
        """A Folium map of layers by name, or of frames that `layer` gave, that works without a network. Further Folium layers are
        added as to any map; what one links to and is not here raises NotVendored when it is drawn. `asked` is as for `layer`."""
        frames = [self.layer(each, audience=audience, **asked) if isinstance(each, str) else each for each in layers]
        panel = self._ask("GET", "panel", params={"audience": audience})
        held = [frame.total_bounds for frame in frames if len(frame) and not frame.geometry.is_empty.all()]
        edges = [list(column) for column in zip(*held, strict=True)] if held else [[v] for v in panel["bbox"]]
        west, south, east, north = (float(pick(edge)) for pick, edge in zip((min, min, max, max), edges, strict=True))
        of = panel["operation"]["title"] + (" · EXERCISE, all data invented" if panel["operation"]["exercise"] else "")
        more = dict.fromkeys(w for f in frames for k in ("licence", "warning", "withheld") if (w := f.attrs.get(k)))
        who = panel["audience"]
        said = " · ".join([of, marking(who["handling"]), f"drawn for {who['title']}", *more])
        made = NotebookMap(said, (west, south, east, north))
        if ground:
            around = (max(west - 2, -180), max(south - 2, -90), min(east + 2, 180), min(north + 2, 90))
            frames.insert(
                0, self.layer(next(each.name for each in STACK if each.fixed), audience=audience, bbox=around)
            )
        for frame in frames:
            layer = get(frame.attrs["layer"])
            told = {f.name: f.title for f in layer.fields if f.popup and f.name in frame}
            drawn(layer, _plain(frame), _worded(told, frame)).add_to(made)
        return made

    def routes(
        self, waypoints: Sequence[tuple[float, float]], *, audience: str = "internal", departure: datetime | str | None = None,
        vehicle_class: int = 4, alternatives: int = 1, forbid: Mapping[str, Any] | None = None,
        weigh: Mapping[str, Any] | None = None,
    ) -> gpd.GeoDataFrame:  # fmt: skip
        """The segments of the ways between places (longitude, latitude), in order; `alternative` counts the ways from 1. What
        blocks it, and what it was not weighed by, is in `.attrs`. A way gives no permission and no protection."""
        wanted: dict[str, Any] = {
            "waypoints": {"type": "MultiPoint", "coordinates": [list(map(float, each)) for each in waypoints]},
            "vehicle_class": vehicle_class, "alternatives": alternatives, "forbid": dict(forbid or {}), "weigh": dict(weigh or {}),
        }  # fmt: skip
        if departure is not None:
            wanted["departure"] = departure.isoformat() if isinstance(departure, datetime) else departure
        found = self._ask("POST", "routes", params={"audience": audience}, json=wanted)
        parts = []
        for number, way in enumerate(found["routes"], 1):
            for each in way["features"]:
                parts.append({**each, "properties": {"alternative": number, **each["properties"]}})
        frame = (
            gpd.GeoDataFrame.from_features(parts, crs=CRS84)
            if parts
            else gpd.GeoDataFrame({"alternative": []}, geometry=[], crs=CRS84)
        )
        frame.attrs = {name: value for name, value in found.items() if name != "routes"}
        return frame

    def overlap_of(
        self, shapes: gpd.GeoDataFrame, *, audience: str = "internal", as_of: str | None = None
    ) -> gpd.GeoDataFrame:
        """What would share ground, and days, with shapes of yours: nothing is recorded. `shape` is the label of yours; where yours
        have `period_start` and `period_end` these count. Raises BadRequest for what is no surface, or has no CRS."""
        if shapes.crs is None:
            raise errors.BadRequest("The shapes have no CRS.", hint="shapes.set_crs(4326)")
        days = [name for name in ("period_start", "period_end") if name in shapes]
        sent = [
            {"type": "Feature", "geometry": geometry.__geo_interface__,
             "properties": {name: value.isoformat()[:10] for name, value in zip(days, said, strict=True) if not pd.isna(value)}}
            for geometry, *said in zip(shapes.geometry.to_crs(CRS84), *(pd.to_datetime(shapes[name]) for name in days), strict=True)
        ]  # fmt: skip
        params = {"audience": audience} | ({"as_of": as_of} if as_of else {})
        found = self._ask("POST", "overlaps-of", params=params, json={"type": "FeatureCollection", "features": sent})
        if not found["features"]:
            columns = (
                "shape",
                "layer",
                "id",
                "actor",
                "domain",
                "period_start",
                "period_end",
                "km2",
                "share",
                "share_theirs",
            )
            frame = gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=CRS84)
        else:
            frame = gpd.GeoDataFrame.from_features(found["features"], crs=CRS84)
            frame["shape"] = [shapes.index[number] for number in frame["shape"]]
            for name in ("period_start", "period_end"):
                frame[name] = pd.to_datetime(frame[name]).astype(_KINDS["date"])
        frame.attrs = {"audience": audience} | ({"withheld": found["withheld"]} if "withheld" in found else {})
        return frame

    def what_if(
        self, shape: Any, actor: str | None = None, *, period_start: date | str | None = None,
        period_end: date | str | None = None, id: int | None = None, audience: str = "internal",  # noqa: A002
    ) -> pd.DataFrame:  # fmt: skip
        """The overlaps that there would be if an area of operation were recorded like this (or the area `id` changed so), largest
        first; nothing is recorded. `shape` is a polygon in CRS84. `.attrs` has its `km2`, the codes of those that `ends`, and
        as a frame what lies `beneath`. Without an actor of the register there is no overlap to be told.

        Raises BadRequest, Refused, Forbidden in a room that only reads."""
        said = {"geometry": shape.__geo_interface__, "actor": actor, "id": id}
        said |= {
            name: str(value)[:10]
            for name, value in (("period_start", period_start), ("period_end", period_end))
            if value
        }
        found = self._ask("POST", "what-if", params={"audience": audience}, json=said)
        frame = pd.DataFrame(
            found["overlaps"] or [], columns=None if found["overlaps"] else ["actor", "domain", "area", "km2"]
        )
        frame.attrs = {"km2": found["km2"], "ends": found["ends"], "beneath": pd.DataFrame(found["beneath"])}
        return frame

    def search(
        self, words: str, *, audience: str = "internal", limit: int = 5, within: bool = False
    ) -> pd.DataFrame:  # fmt: skip
        """What may be meant by a name, a code, a P-code or coordinates: a row a record, with its `kind`, `layer` and `id` on the map,
        `title`, `where`, `period`, `matched` and `bbox`, the likeliest first; with `within` also the incidents in whose notes these
        words stand. Raises BadRequest."""
        asked = {"q": words, "audience": audience, "limit": limit, "within": within}
        found = self._ask("GET", "search", params=asked)
        rows = [{"kind": group["kind"], **each} for group in found["groups"] for each in group["found"]]
        return pd.DataFrame(rows, columns=["kind", "layer", "id", "title", "where", "period", "matched", "bbox"])

    def compare(
        self, then: str | None = None, now: str | None = None, *, then_on: str | None = None, now_on: str | None = None,
        of: Sequence[str] = (), audience: str = "internal",
    ) -> pd.DataFrame:  # fmt: skip
        """What differs between two moments of knowing (`then`, `now`), of being valid (`then_on`, `now_on`), or both: a row a record,
        with its `kind` (new, ended, withdrawn, moved, revised) and whether that was merely `learned`. `of` are the kinds of records.
        `.attrs` has `counts` of each, both moments, and what the room is not told. Raises BadRequest."""
        asked = {"then": then, "now": now, "then_on": then_on, "now_on": now_on, "of": ",".join(of) or None}
        params = {"audience": audience, "limit": 500} | {name: value for name, value in asked.items() if value}
        found: list[dict[str, Any]] = []
        while True:
            page = self._ask("GET", "compare", params=params | {"offset": len(found)})
            found += page["changes"]
            if len(found) >= page["matched"] or not page["changes"]:
                break
        frame = pd.DataFrame(found, columns=None if found else ["of", "kind", "learned", "layer", "id", "name"])
        for name in ("begins", "ends"):
            if name in frame:
                frame[name] = pd.to_datetime(frame[name]).astype(_KINDS["date"])
        frame.attrs = {name: page[name] for name in ("then", "now", "counts", "not_told", "partly")}
        return frame

    def activity(
        self, *, of: Sequence[str] = (), record: int | None = None, who: str | None = None, did: Sequence[str] = (),
        since: str | None = None, until: str | None = None, most: int = 500, audience: str = "internal",
    ) -> pd.DataFrame:  # fmt: skip
        """Who changed what and when, the newest first: a row a change, `text` says it. `of` are kinds of records, such as overlaps, of
        which `record` is one; `did` what was done (added, changed, removed, imported, withdrawn); `who` is told in rooms that record.
        Raises BadRequest."""
        asked = {"of": ",".join(of), "record": record, "who": who, "did": ",".join(did), "since": since, "until": until}
        params = {"audience": audience, "limit": 200} | {name: value for name, value in asked.items() if value}
        found: list[dict[str, Any]] = []
        before = None
        while len(found) < most:
            page = self._ask("GET", "activity", params=params | ({"before": before} if before else {}))
            found += page["lines"]
            if (before := page["next"]) is None:
                break
        frame = pd.DataFrame(found[:most], columns=None if found else ["at", "by", "did", "of", "record", "text"])
        frame["at"] = pd.to_datetime(frame["at"], format="ISO8601", utc=True)
        return frame

    def actors(
        self, q: str = "", *, audience: str = "internal", as_of: str | None = None, domain: str | None = None,
        interlocutor: str | None = None, due: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The register of actors as the room is told of it, by id; `due` is over, month or none. Raises BadRequest."""
        asked = {
            "q": q,
            "audience": audience,
            "as_of": as_of,
            "domain": domain,
            "interlocutor": interlocutor,
            "due": due,
        }
        found = self._ask("GET", "actors/register", params={k: v for k, v in asked.items() if v})
        frame = pd.DataFrame(found["actors"], columns=None if found["actors"] else ["id", "name", "domain"])
        frame = frame.set_index("id")
        frame.attrs = {name: found[name] for name in ("all", "withheld")}
        return frame

    def merge_actors(self, kept: int, other: int, *, check: bool = True, audience: str = "internal") -> dict[str, Any]:
        """Make one actor of two, by their ids: what follows. With `check`, as it is unless said otherwise, nothing is recorded.

        Raises NotFound, Conflict where the two cannot be one, Forbidden in a room that only reads."""
        return self._step(kept, "merge", {"other": other}, check=check, audience=audience)

    def split_actor(
        self, actor: int, name: str, *, areas: Sequence[int] = (), units: Sequence[int] = (), check: bool = True,
        audience: str = "internal",
    ) -> dict[str, Any]:  # fmt: skip
        """Make two actors of one: these areas, claims and units go to a new one of that name. `check` and errors as for
        `merge_actors`, and BadRequest for what is none of its own."""
        said = {"name": name, "areas": list(areas), "units": list(units)}
        return self._step(actor, "split", said, check=check, audience=audience)

    def undo_actor_step(self, actor: int, step: int, *, audience: str = "internal") -> dict[str, Any]:
        """Undo a merging or a splitting, by the `step` that it answered. Raises NotFound, Conflict."""
        made: dict[str, Any] = self._ask("POST", f"actors/{actor}/steps/{step}/undo", params={"audience": audience})
        return made

    def _step(self, actor: int, verb: str, said: dict[str, Any], *, check: bool, audience: str) -> dict[str, Any]:
        asked = {"audience": audience}
        version = self._ask("GET", f"actors/{actor}", params=asked)["actor"]["version"]
        made: dict[str, Any] = self._ask(
            "POST",
            f"actors/{actor}/{verb}",
            params=asked | ({"check": "true"} if check else {}),
            json=said,
            version=version,
        )
        return made

    def save(self, layers: str, path: Path | str, *, audience: str = "internal") -> Path:
        """A file of layers (one, several with commas between, or `all`), its format by its suffix, as Files gives it."""
        to = Path(path)
        answer = self.service.http.get(
            f"/operations/{self.key}/export/{layers}{to.suffix}", params={"audience": audience}
        )
        if not answer.is_success:
            raise _ERRORS.get(answer.status_code, GeoappError)(
                answer.json().get("detail", ""), hint=answer.json().get("hint", "")
            )
        to.write_bytes(answer.content)
        return to


def _frame(name: str, features: Sequence[Mapping[str, Any]], *, words: bool) -> gpd.GeoDataFrame:
    fields = {field.name: field for field in get(name).fields}
    names = list(features[0]["properties"]) if features else ["id", *fields]
    columns = {column: [each["properties"].get(column) for each in features] for column in names}
    frame = (
        gpd.GeoDataFrame.from_features(features, crs=CRS84) if features else gpd.GeoDataFrame(geometry=[], crs=CRS84)
    )
    frame = frame[["geometry"]]
    for column, values in columns.items():
        field = fields.get(column)
        kind = "integer" if column == "id" else field.kind if field else "text"
        made = pd.to_datetime(pd.Series(values, dtype="str")) if kind == "date" else pd.Series(values, dtype="object")
        frame[column] = (
            made.astype(_KINDS.get(kind, "str")).to_numpy()
            if kind not in ("integer", "boolean")
            else pd.array(values, dtype=_KINDS[kind])
        )
        if words and field and field.code:
            frame[f"{column}_words"] = [None if value is None else say(field.code, value) for value in values]
    return frame.set_index("id")


def _plain(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """A frame as GeoJSON in CRS84 whose values are JSON: days as they are written, nothing as null."""
    plain = frame.to_crs(CRS84)
    for name, kind in plain.dtypes.items():
        if name != plain.geometry.name:
            values = plain[name].dt.strftime("%Y-%m-%d") if kind.kind == "M" else plain[name]
            plain[name] = values.astype("object").where(values.notna(), None)
    made: dict[str, Any] = (
        orjson.loads(plain.to_json()) if len(plain) else {"type": "FeatureCollection", "features": []}
    )
    return made


def _worded(told: Mapping[str, str], frame: gpd.GeoDataFrame) -> dict[str, str]:
    """The fields that a click tells: words in place of codes."""
    return {f"{name}_words" if f"{name}_words" in frame else name: title for name, title in told.items()}
