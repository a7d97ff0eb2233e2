"""Are the pages whole, from this house only, and deaf to what records try to say to the browser?"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import mapbox_vector_tile
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from geoapp.api.guard import policy
from geoapp.draw import page
from geoapp.draw.assets import LOCK, STATIC, address
from geoapp.draw.panel import declared
from layers import STACK, get
from web.pages import PAGES

WEB = Path(__file__).parents[2] / "web"
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
HOST = "http://geoapp.test"
NONCE = "n0nce"
ATTACKS = [
    "</script><script>window.CANARY=1</script>",
    "${globalThis.CANARY=1}",
    "`+(window.CANARY=1)+`",
    "<img src=x onerror=window.CANARY=1>",
    "{{ 7*7 }}{% raw %}",
    "\"'><svg/onload=window.CANARY=1>",
    "javascript:window.CANARY=1",
    "\u202egnp.exe\u2066",
]
HOSTILE = " ".join(ATTACKS)


def a_panel(text: str = "Kavarra 2026") -> dict[str, Any]:
    """What `…/panel` answers, with a text put wherever a person can write one."""
    return {
        "operation": {
            "key": "kavarra", "title": text, "exercise": True, "organisation": text, "copy_of": None,
        },
        "audience": {
            "key": "hct", "title": text, "clearance": "AMBER", "handling": "AMBER", "sentence": text, "may_write": True
        },
        "audiences": [{"key": "hct", "title": text}, {"key": "public", "title": "Public"}],
        "bbox": [84.0, -15.0, 89.0, -11.0], "as_of": "2026-10-18", "as_of_text": "18 Oct 2026", "today": "2026-10-18",
        "period": ["2026-07-20", "2026-10-18"], "disclaimer": text, "max_upload_mb": 50,
        "records": [{"collection": "hazards", "title": text}],
        "layers": [
            (told := declared(layer))
            | {"count": 3, "access": "exact"}
            | {"style": told["style"] | {"rules": [rule | {"count": 1} for rule in told["style"]["rules"]]}}
            for layer in STACK
        ],
    }  # fmt: skip


@pytest.fixture(params=[each.name for each in PAGES])
def html(request: pytest.FixtureRequest) -> str:
    return page.render(request.param, a_panel(HOSTILE), nonce=NONCE)


def test_pages_ask_nobody_else(html: str) -> None:
    assert re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//[^\"']*", html) == []
    assert "cdn" not in html.replace("\\u", "").lower()


def test_every_inline_script_has_the_nonce_and_no_handler_is_inline(html: str) -> None:
    own = [tag for tag in re.findall(r"<script[^>]*>", html) if "src=" not in tag and "application/json" not in tag]
    assert all(f'nonce="{NONCE}"' in tag for tag in own)
    assert len(own) == html.count("L.map(")
    assert re.findall(r"<[a-z][^>]*\son[a-z]+=", re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)) == []


def test_texts_stay_texts(html: str) -> None:
    assert "</script><script>" not in html
    assert "<img src=x" not in html
    panel = json.loads(re.findall(r'<script type="application/json" id="panel">(.*?)</script>', html)[0])
    assert panel["operation"]["title"] == HOSTILE


def test_folium_gets_names_and_addresses_only() -> None:
    parts = page.map_page(a_panel(HOSTILE), nonce=NONCE)
    everything = parts.header + parts.html + parts.script
    assert not any(attack in everything for attack in ATTACKS)
    assert "CANARY" not in everything
    assert [layer.name for layer in STACK] == json.loads(re.findall(r"mount\(\w+, (\[.*?\])", parts.script)[0])


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_quoted_text_is_one_string_and_nothing_else(attack: str) -> None:
    written = page.quoted(attack)
    assert json.loads(written) == attack
    assert not set("<>&{}`$'") & set(written)


def test_the_viewport_may_be_enlarged(html: str) -> None:
    assert "user-scalable" not in html
    assert "maximum-scale" not in html


def test_handling_and_exercise_are_on_every_page(html: str) -> None:
    assert "TLP:AMBER" in html
    assert "#FFC000" in html
    assert "EXERCISE" in html


def test_everything_that_pages_name_is_here(html: str) -> None:
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    vendored = {f"vendor/{file['as']}" for package in packages for file in package["files"]}
    for name in re.findall(rf'(?:src|href)="{address()}/([^"]+)"', html):
        assert name in vendored or (STATIC / name).is_file(), name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_own_scripts_never_write_markup_and_import_what_exists(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"):
        assert way not in source, way
    for name in re.findall(r'from "(\.[^"]+)"', source):
        assert (script.parent / name).is_file(), name
    # the name of SVG's namespace looks like an address and is never asked
    assert not re.search(r"https?://(?!www\.w3\.org/)", source)


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'id="i-([a-z]+)"', (WEB / "templates" / "icons.html").read_text(encoding="utf-8")))
    files = [*SCRIPTS, *(WEB / "templates").glob("*.html")]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r'(?:icon\("|href="#i-|icon: "|"bare",[^)]*icon\(")([a-z]+)"', sources))
    assert used <= drawn, used - drawn


# ---- in a browser ------------------------------------------------------------------------------------------------

OVERLAP = {
    "id": 7, "code": HOSTILE, "also": None, "places": 2, "actor_a": HOSTILE, "actor_b": HOSTILE, "domain_a": "military",
    "domain_b": "civil", "domains": "civil|military", "relation": "civil_military", "sector": HOSTILE,
    "districts": HOSTILE, "period_start": "2026-09-12", "period_end": "2026-12-31", "days": 111, "km2": 2384.0,
    "share_a": 0.14, "share_b": 0.45, "incidents": 9, "risk": 4, "status": "new", "strategy": "coexistence",
    "liaison": "none", "owner": HOSTILE, "due": None, "note": HOSTILE, "version": 3, "handling": "AMBER",
}  # fmt: skip
SQUARE = {"type": "Polygon", "coordinates": [[[86, -13], [87, -13], [87, -12], [86, -12], [86, -13]]]}


def answer(path: str, query: str = "") -> Any:
    """What the service would say, with an attack in every text."""
    feature = {"type": "Feature", "id": 7, "geometry": SQUARE, "properties": OVERLAP}
    record = {
        "layer": "overlaps", "layer_title": HOSTILE, "id": 7, "title": HOSTILE, "bbox": [86, -13, 87, -12],
        "rows": [{"name": "note", "title": HOSTILE, "value": HOSTILE, "text": HOSTILE}], "properties": OVERLAP,
    }  # fmt: skip
    other = record | {"layer": "risk_zones", "id": 8, "properties": {"level": 4}}
    if path.endswith("/identify"):
        return {"features": [record, other]}
    if path.endswith("/labels"):
        label = {"layer": "areas_of_operation", "id": 1, "lon": 86.5, "lat": -12.5, "text": HOSTILE, "class": "civil"}
        return {"labels": [label]}
    if path.endswith("/histogram"):
        return {"bars": [{"month": "2026-09", "n": 4}, {"month": "2026-10", "n": 2}]}
    if path.endswith("/places"):
        days = [{"period_start": "2026-09-01", "period_end": None}]
        told = {"kind": HOSTILE, "sector": HOSTILE, "source": HOSTILE, "reliability": "B", "credibility": "2"}
        place = {
            "id": 3,
            "km2": 4.5,
            "ended": None,
            "handling": "AMBER",
            "period_start": "2026-09-01",
            "period_end": None,
        }
        told |= {"name": HOSTILE, "positioning": HOSTILE, "disputed": False, "periods": days}
        return {"id": 7, "code": HOSTILE, "joined": [HOSTILE], "places": [place | {"a": told, "b": None}]}
    if path.endswith("/notes"):
        note = {"id": 1, "text": HOSTILE, "written_by": HOSTILE, "written_at": "2026-10-01T08:00:00Z", "withdrawn_by": None,
                "withdrawn_at": None, "reason": None}  # fmt: skip
        taken_back = note | {
            "id": 2,
            "withdrawn_by": HOSTILE,
            "withdrawn_at": "2026-10-02T08:00:00Z",
            "reason": HOSTILE,
        }
        return {"notes": [note, taken_back], "count": 1}
    if "/lists/" in path:
        row = OVERLAP | {"bbox": [86, -13, 87, -12], "outline": "M6 5l9 0 0 9Z"}
        rows = [] if "q=" in query else [row]
        numbers = {"open": 1, "new": 1, "unowned": 0}
        groups = {name: {HOSTILE: 1} for name in ("relation", "status", "sector")}
        return {"all": 1, "matched": len(rows), "counts": numbers, "groups": groups, "rows": rows}
    if path.endswith("/jobs"):
        return []
    if path.endswith("/counts"):
        return {"layers": {each.name: {"count": 3, "classes": [1] * len(each.style.rules)} for each in STACK}}
    if path.endswith("/evidence"):
        return {
            "incidents": [
                {
                    "id": 1, "source": HOSTILE, "event": HOSTILE, "event_type": HOSTILE, "sub_event_type": HOSTILE,
                    "occurred_from": "2026-10-01", "location": HOSTILE, "verification": HOSTILE, "fatalities": 0,
                }
            ]
        }  # fmt: skip
    if path.endswith("/imports/templates"):
        return [
            {
                "name": HOSTILE, "kind": "areas", "source": HOSTILE, "sheet": HOSTILE, "columns": {"actor": HOSTILE},
                "handling": "AMBER", "saved_by": HOSTILE, "saved_at": "2026-10-01T00:00:00Z",
            }
        ]  # fmt: skip
    if path.endswith("/imports"):
        return [
            {
                "batch": 1, "kind": "areas", "file_name": HOSTILE, "landed_at": "2026-10-01", "landed_by": HOSTILE,
                "withdrawn_at": None, "rows": 1, "created": 1, "updated": 0, "rejected": 0, "handling": "AMBER",
            }
        ]  # fmt: skip
    if path.endswith("/items"):
        return {"type": "FeatureCollection", "numberMatched": 1, "features": [feature]}
    if "/collections/" in path:
        return feature
    raise AssertionError(path)


SHAPES = {
    "point": "POINT (2048 2048)",
    "line": "LINESTRING (100 100, 2048 3000, 4000 500)",
    "polygon": "POLYGON ((100 100, 4000 100, 4000 4000, 100 4000, 100 100))",
}


def a_tile(name: str) -> bytes:
    """A tile of a layer with one feature of every class it declares, so that every symbol has to be drawn."""
    layer = get(name)
    features = [
        {"geometry": SHAPES[layer.shape], "id": place,
         "properties": {"_id": place, "name": HOSTILE, layer.style.by or "none": rule.value or "else"}}
        for place, rule in enumerate(layer.style.rules, 1)
    ]  # fmt: skip
    data: bytes = mapbox_vector_tile.encode([{"name": name, "features": features}])
    return data


@pytest.fixture
def opened(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A browser page at a service that answers with attacks, and what went wrong in it."""
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)

    def serve(route: Route) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != HOST:
            wrong.append(f"asked {url.netloc}")
            route.abort()
            return
        name = url.path.rsplit("/", 1)[-1]
        found = [each.name for each in PAGES if each.path == name]
        if url.path.startswith(address()):
            route.fulfill(path=STATIC / url.path.removeprefix(f"{address()}/"))
        elif found and route.request.resource_type == "document":
            body = page.render(found[0], a_panel(HOSTILE), nonce=NONCE)
            route.fulfill(body=body, content_type="text/html", headers={"Content-Security-Policy": policy(NONCE)})
        elif "/tiles/" in url.path:
            asked = parse_qs(url.query)["collections"][0].split(",")
            body_ = b"".join(map(a_tile, asked))
            route.fulfill(body=body_, content_type="application/vnd.mapbox-vector-tile")
        else:
            route.fulfill(json=answer(url.path, url.query))

    tab.route("**/*", serve)
    yield tab, wrong
    assert tab.evaluate("window.CANARY") is None
    tab.close()


def test_the_map_opens_identifies_and_shows_an_overlap(opened: tuple[Page, list[str]]) -> None:
    tab, wrong = opened
    tab.goto(f"{HOST}/operations/kavarra/map")
    tab.wait_for_selector("#layer-areas_of_operation")
    expect(tab.locator("#days")).not_to_be_empty()
    tab.mouse.click(760, 400)
    tab.wait_for_selector("#drawer .keys")
    assert "2,384" in tab.inner_text("#drawer .keys")
    assert tab.locator("#drawer img, #drawer script").count() == 0
    tab.keyboard.press("]")
    tab.wait_for_selector("#drawer .facts")
    tab.keyboard.press("Escape")
    assert tab.locator("#drawer").is_hidden()
    tab.keyboard.press("t")
    tab.wait_for_selector("#drawer .in-view")
    assert wrong == []


def test_every_symbol_of_every_layer_is_drawn(opened: tuple[Page, list[str]]) -> None:
    tab, wrong = opened
    for zoom in (6, 11):
        names = ",".join(layer.name for layer in STACK)
        tab.goto(f"{HOST}/operations/kavarra/map?layers={names}&at={zoom}/-12.5/86.5")
        tab.wait_for_selector("#layer-incidents")
        tab.wait_for_load_state("networkidle")
        tab.wait_for_timeout(200)
        colors = tab.evaluate(
            """() => [...document.querySelectorAll(".leaflet-tile-pane canvas")].map((canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return new Set(new Uint32Array(data.buffer)).size;
            })"""
        )
        assert colors
        assert max(colors) > 20, "the tiles are almost empty"
        assert tab.is_hidden("#trouble")
    assert wrong == []


def test_the_address_bar_opens_the_same_map_again(opened: tuple[Page, list[str]]) -> None:
    tab, wrong = opened
    tab.goto(f"{HOST}/operations/kavarra/map?layers=overlaps,sites&at=9/-12.5/86.5&datetime=2026-09-01/2026-09-30")
    tab.wait_for_selector("#layer-sites")
    assert tab.is_checked("#layer-sites")
    assert not tab.is_checked("#layer-areas_of_operation")
    assert tab.inner_text("#days") == "1 – 30 Sep 2026"
    tab.uncheck("#layer-sites")
    expect(tab).to_have_url(re.compile("layers=overlaps&"))
    assert "at=9/-12.5" in tab.url
    assert wrong == []


def test_the_register_lists_and_opens(opened: tuple[Page, list[str]]) -> None:
    tab, wrong = opened
    tab.goto(f"{HOST}/operations/kavarra/overlaps")
    tab.wait_for_selector("#table tbody tr")
    tab.focus("#table .row-open")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#drawer .keys")
    tab.click("#tab-overlaps")
    tab.fill("#filters [name=q]", "no such thing")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("text=Nothing was removed")
    assert wrong == []


def test_withdrawing_needs_the_number_typed(opened: tuple[Page, list[str]]) -> None:
    tab, wrong = opened
    tab.goto(f"{HOST}/operations/kavarra/import")
    tab.click(".batch .danger")
    assert tab.is_disabled(".confirm [type=submit]")
    tab.fill(".confirm .input", "B-0001")
    assert tab.is_enabled(".confirm [type=submit]")
    assert wrong == []


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (-12.6722, 86.2213, "45L VF 1544 9898"),
        (48.8584, 2.2945, "31U DQ 4825 1195"),
        (60.39, 5.32, "32V KN 9723 0051"),
        (-33.8568, 151.2153, "56H LH 3490 5228"),
        (85.0, 0.0, ""),
    ],
)
def test_grid_references(opened: tuple[Page, list[str]], lat: float, lon: float, expected: str) -> None:
    tab, _ = opened
    tab.goto(f"{HOST}/operations/kavarra/import")
    assert tab.evaluate(f"import('{address()}/lib/mgrs.js').then(({{ mgrs }}) => mgrs({lat}, {lon}))") == expected


def test_what_a_reader_of_screens_meets_is_named(html: str) -> None:
    assert re.search(r'<section class="banner" role="region" aria-label="Handling">', html)
    for label, words in re.findall(
        r'<button[^>]*aria-label="([^"]+)"[^>]*>(?:<svg.*?</svg>)?\s*([^<]*?)\s*</button>', html
    ):
        assert words.lower() in label.lower(), f"{label!r} is not heard under the words that are seen: {words!r}"
    for strip in re.findall(r'<section class="strip"[^>]*>', html):
        assert 'tabindex="0"' in strip
