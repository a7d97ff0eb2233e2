"""On paper the map says what it is, of when, for whom, with its legend and scale, and every row of what is listed."""

from collections.abc import Callable

from playwright.sync_api import Browser, expect

from tests.gridland import HEAD, incident


def test_the_page_of_the_map_is_complete_on_paper(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/map?datetime=2026-01-01/2026-06-30&at=9/5.3/10.3", wait_until="networkidle")
    page.keyboard.press("t")
    page.locator("#drawer .in-view").wait_for()
    rows = page.locator("#drawer .in-view tbody tr").count()
    open_before = page.locator("#layer-list .legend-line:visible").count()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    head = page.locator(".printed")
    for words in ("Gridland", "As of", "1 Jan – 30 Jun 2026", "TLP:"):
        expect(head).to_contain_text(words)
    expect(page.locator("#scale-text")).to_be_visible()
    expect(page.locator("#layer-list").get_by_text("Civil", exact=True)).to_be_visible()
    assert page.locator("#layer-list .legend-line:visible").count() >= open_before
    for gone in ("#tools", ".top", "#time", ".zoom", "#layer-list input"):
        assert page.locator(gone).locator("visible=true").count() == 0, gone
    assert page.locator("#drawer .in-view tbody tr").count() == rows > 0
    table = page.locator("#drawer .in-view").bounding_box()
    drawer = page.locator("#drawer").bounding_box()
    assert drawer["height"] >= table["height"], "nothing is cut off"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("#layer-list .legend-line:visible").count() == open_before
    page.close()


def test_every_row_of_the_open_table_goes_on_paper(browser: Browser, address: str, gridded: Callable) -> None:
    lines = [incident(4000 + n, "2026-03-01", 3, 3) for n in range(90)]
    assert gridded("incidents", "\n".join([HEAD, *lines]), "more.csv", source="crowd", handling="GREEN").created == 90
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.add_init_script(
        "window.print = () => { document.body.dataset.printed = document.querySelectorAll('#drawer .in-view tbody tr').length; }"
    )
    page.goto(f"{address}/map?datetime=2026-01-01/2026-06-30&at=9/5.3/10.3&layers=incidents", wait_until="networkidle")
    page.keyboard.press("t")
    rows = page.locator("#drawer .in-view tbody tr")
    expect(rows).to_have_count(60)
    expect(page.locator("#drawer .drawer-foot")).to_contain_text("The first 60 of each layer")
    told = int(page.locator("#drawer h2").inner_text().split()[0])
    assert told > 60
    page.keyboard.press("Control+p")
    expect(page.locator("body")).to_have_attribute("data-printed", str(told))
    expect(page.locator("#drawer .drawer-foot")).to_contain_text("Every record")
    page.close()
