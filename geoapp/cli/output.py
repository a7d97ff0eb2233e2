"""What people read in a shell: an import's report, tables of a layer, a route. Names are printed as they are written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from geoapp.codes import say
from geoapp.scope import say_date
from layers import Layer

if TYPE_CHECKING:
    from geoapp.access.network import Built
    from geoapp.ingest.report import Report


def report(out: Console, found: "Report") -> None:
    """What an import did: numbers first, then findings from worst to least."""
    would = "would land" if found.lands else "would NOT land"
    verb = would if found.check else f"landed as batch {found.batch}" if found.landed else "did NOT land"
    out.print(
        f"[bold]{found.kind}[/] {verb}: {found.rows:,} {'row' if found.rows == 1 else 'rows'}, {found.created:,} new, {found.updated:,} changed,"
        f" {found.unchanged:,} as before, {found.rejected:,} rejected"
    )
    if found.removed:
        out.print(f"  {found.removed:,} records are taken back")
    if found.matched:
        out.print("  place by " + ", ".join(f"{how} {number:,}" for how, number in found.matched.items()))
    if found.overlaps:
        told = found.overlaps
        out.print(f"  {told['arise']:,} overlaps arise, {told['change']:,} change, {told['end']:,} end")
    unused = [f"{c['header']} ({c['cell']})" if c["cell"] else c["header"] for c in found.understood if not c["name"]]
    if unused:
        out.print(f"  not used: {', '.join(unused)}", markup=False)
    groups = found.as_dict()["groups"]
    for group in groups:
        rows = f"{group['rows']:,} row{'s' * (group['rows'] != 1)}" if group["rows"] else "file"
        where = rows + (f", {group['column']}" if group["column"] else "")
        out.print(f"  {group['severity']:<8} {where}: {group['cause']} {group['hint']}", markup=False)
        shown = [
            f"row {each['row']}" + (f" {each['value']!r}" if each["value"] else "") for each in group["examples"]
        ]  # fmt: skip
        if shown:
            more = f" and {group['rows'] - len(shown):,} more" if group["rows"] > len(shown) else ""
            out.print(f"           {', '.join(shown)}{more}", markup=False)


def table(out: Console, layer: Layer, rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows of a layer. A pair of fields shares a column, one below the other: it is read in 80 columns too."""
    from geoapp.draw.wording import words

    made = Table(box=None, pad_edge=False, header_style="bold")
    for title, *names in layer.printed:
        numeric = all(layer.field(name).kind in ("number", "integer") for name in names)
        made.add_column(title, justify="right" if numeric else "left", no_wrap=numeric or names[0] == "code")
    for row in rows:
        said = {f.name: "–" if row[f.name] is None else escape(words(f, row[f.name])) for f in layer.fields}
        made.add_row(*("\n".join(said[name] for name in names) for _, *names in layer.printed))
    out.print(made)


def comparison(out: Console, found: Mapping[str, Any]) -> None:
    """Two moments: how many records there were and are of each kind, what differs, and what of it was merely learned."""
    from layers.compared import KINDS

    counts = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "Then", "New", "Ended", "No longer recorded", "Now", "Moved", "Revised", "Learned"):
        counts.add_column(title, justify="right" if title else "left")
    for n in found["counts"].values():
        order = ("then", "new", "ended", "withdrawn", "now", "moved", "revised", "learned")
        counts.add_row(n["many"].capitalize(), *(f"{n[name]:,}" for name in order))
    out.print(counts)
    listed = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("What", "Record", "From what to what", "True since", "Recorded"):
        listed.add_column(title)
    for each in found["changes"]:
        fields = "\n".join(f"{field['title']}: {field['was']} → {field['now']}" for field in each["fields"])
        by = f"\n{each['by']}" if each["by"] else ""
        day = each["ends"] if each["kind"] == "ended" else each["begins"]
        listed.add_row(
            KINDS[each["kind"]] + ("\nlearned" if each["learned"] else ""), escape(each["name"]), escape(fields),
            "–" if day is None else say_date(day), "–" if not each["recorded"] else escape(say_date(datetime.fromisoformat(each["recorded"])) + by),
        )  # fmt: skip
    out.print(listed)
    out.print(f"{len(found['changes']):,} of {found['matched']:,} records that differ.")
    for words in (*found["not_told"], *found["partly"]):
        out.print(words, markup=False)


def found(out: Console, groups: Sequence[Mapping[str, Any]]) -> None:
    """What was found, kind by kind: what it is called, where and when, and by which field it was found."""
    if not groups:
        out.print("Nothing of that name, code or place is known in this room.")
    for group in groups:
        made = Table(box=None, pad_edge=False, header_style="bold")
        for header in (group["title"], "Where", "Days", "Found by"):
            made.add_column(header)
        for each in group["found"]:
            made.add_row(*(escape(each[name]) for name in ("title", "where", "period", "matched")))
        out.print(made)


def not_shown(out: Console, said: Mapping[str, str]) -> None:
    """What is withheld from the room, and what was not known yet."""
    for words in said.values():
        out.print(words, markup=False)


def route(out: Console, found: Mapping[str, Any], names: Sequence[str]) -> None:
    """Each way that was found, piece by piece, and whom to inform; or where every way is blocked."""
    season = "" if found["season"] == "now" else f", roads as in the {found['season']} season"
    vehicle = say("vehicle_classes", found["vehicle_class"])
    out.print(" – ".join(names) + f", {vehicle}, {found['day']}{season}", markup=False)
    for words in found["not_weighed"]:
        out.print(words, markup=False)
    if found["lead"]["short"] and found["routes"]:
        out.print(
            f"Lead time is short: {found['lead']['hours']:.0f} h until it leaves; {found['lead']['usual_hours']:.0f} h are usual,"
            f" {found['lead']['emergency_hours']:.0f} h in an emergency."
        )
    for number, way in enumerate(found["routes"], 1):
        out.print(
            f"\n[bold]Way {number}[/]: {way['km']:,.1f} km, {_time(way['hours'])}, {way['km_in_zones']:,.1f} km in risk zones"
            f" (highest level {way['highest_risk'] or 'none'}), {way['night_km']:,.1f} km by night; leaves {_clock(way['leaves'])},"
            f" arrives {_clock(way['arrives'])} UTC"
        )
        made = _columns(">From km", ">At", "Road", "Ground of", "On it")
        for feature in way["features"]:
            piece = feature["properties"]
            status = (
                ""
                if piece["status"] == "unspecified"
                else f"\n{say('road_status', piece['status'])}, {'seen' if piece['reported'] else 'recorded'}"
                f" {piece['status_recorded']}{', stale' if piece['stale'] else ''}"
            )
            danger = [f"{z['level']} {z['name']}" for z in piece["zones"]] + [str(h["name"]) for h in piece["hazards"]]
            danger += [f"constraint {c['severity']}: {c['name']}" for c in piece["constraints"]]
            danger += [f"{a['type']}: {a['name']}" for a in piece["arrangements"]]
            danger += [f"checkpoint expected: {c['name']}" for c in piece["checkpoints"]]
            made.add_row(
                f"{piece['from_km']:,.1f}", _clock(piece["arrives"])[-5:],
                escape((piece["road"] or say("road_classes", piece["road_class"])) + status),
                escape(", ".join(a["name"] for a in piece["actors"]) or "–"), escape(", ".join(danger) or "–"),
            )  # fmt: skip
        out.print(made)
        for stop in way["stops"]:
            lon, lat = stop["at"]
            out.print(
                f"Night at km {stop['km']:,.0f}, {lat:.4f}, {lon:.4f}, from {_clock(stop['from'])} to {_clock(stop['until'])} UTC",
                markup=False,
            )
        near = way["incidents"]
        if near["count"] is not None:
            newest = f", the newest on {near['newest']}" if near["newest"] else ""
            out.print(
                f"{near['count']:,} incidents within {near['within_km']:g} km in {near['days']} days{newest}",
                markup=False,
            )
        out.print(
            "Whom to inform: " + (", ".join(a["name"] for a in way["notify"]) or "nobody is recorded on this way"),
            markup=False,
        )
    if not found["routes"]:
        out.print(f"\nNo way was found. {found['blocked']['what']}", markup=False)
        for stop in found["blocked"]["would_open"]:
            name = f" ({', '.join(stop['names'])})" if stop["names"] else ""
            lon, lat = stop["at"]
            out.print(
                f"  {stop['road'] or 'a road without a name'}: {stop['reason']}{name}, at {lat:.4f}, {lon:.4f}",
                markup=False,
            )
    out.print("\nThis describes a way on the roads as recorded. Absence of data is not absence of risk.")


def reach(out: Console, found: Mapping[str, Any], hub: str) -> None:
    """What is reached in time, later, or not at all, and what holds up most."""
    out.print(
        f"From {hub}, {say('vehicle_classes', found['vehicle_class'])}, {found['day']}: {found['reached']:,} places within"
        f" {found['within_hours']:g} h, {found['later']:,} later, {found['cut_off']:,} cut off.\n", markup=False,
    )  # fmt: skip
    for words in found["not_weighed"]:
        out.print(words, markup=False)
    made = _columns("Place", "What", ">Hours")
    cut = [p for p in found["places"] if p["hours"] is None]
    for place in [*(p for p in found["places"] if p["hours"] is not None), *cut]:
        made.add_row(
            escape(place["name"]), place["what"], "cut off" if place["hours"] is None else f"{place['hours']:.1f}"
        )
    out.print(made)
    if found["hold_up"]:
        out.print("\nLost alone, these pieces of road would cut off most:")
    for piece in found["hold_up"]:
        lon, lat = piece["at"]
        out.print(
            f"  {piece['road'] or 'a road without a name'} at {lat:.4f}, {lon:.4f}: {piece['places']:,} places",
            markup=False,
        )
    out.print("\nReckoned on the roads as recorded. Absence of data is not absence of risk.")


def trends(out: Console, found: Mapping[str, Any], limit: int) -> None:
    """What happened where, and how that differs from the months before."""
    out.print(
        f"{found['n']:,} incidents from {found['from']} to before {found['until']}; {found['before']:,} in the months before."
        f" {found['unplaced']:,} are known to their district at best, {found['nowhere']['n']:,} lie in no district on record.\n",
        markup=False,
    )
    made = _columns("District", "P-code", "What", ">Now", ">Before", ">Change", ">Deaths reported")
    for row in found["rows"][:limit]:
        made.add_row(
            escape(row["district"] or "–"), escape(row["pcode"]), escape(row["event_type"]), f"{row['n']:,}", f"{row['before']:,}",
            f"{row['change']:+,}", f"{row['fatalities']:,}",
        )  # fmt: skip
    out.print(made)
    out.print(
        f"\n{min(limit, len(found['rows'])):,} of {len(found['rows']):,} rows. Fewer reports may mean less reporting."
    )


def network(out: Console, built: "Built") -> None:
    """A network in one sentence for each of its facts."""
    from geoapp.access.network import SNAP_M

    out.print(f"{built.roads:,} roads, {built.length_km:,.0f} km: {built.edges:,} edges between {built.nodes:,} nodes")
    out.print(f"{built.islands:,} islands; the largest has {built.largest_island_share:.1%} of the length")
    out.print(
        f"{built.snapped:,} ends joined that missed by less than {SNAP_M:g} m, {built.crossings:,} crossings without a shared point"
    )


def _columns(*titles: str) -> Table:
    """An empty table; a title that begins with > stands over numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        made.add_column(title.removeprefix(">"), justify="right" if title.startswith(">") else "left")
    return made


def _clock(moment: str) -> str:
    """The day and time of an ISO moment."""
    return moment[:16].replace("T", " ")


def _time(hours: float) -> str:
    return f"{int(hours)}:{round(hours % 1 * 60) % 60:02} h"
