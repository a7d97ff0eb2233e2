"""The text of a page of HTML and the data in it, without its programs."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class _Page(HTMLParser):
    """What was fed to it: `out` are texts, `data` the contents of scripts that are JSON."""

    out: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    into: str = "text"

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.into = "data" if "json" in (dict(attrs).get("type") or "") else "none"
        self.out += [value for name, value in attrs if name in ("title", "alt", "aria-label") and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.into = "text"

    def handle_data(self, data: str) -> None:
        if self.into != "none" and data.strip():
            (self.out if self.into == "text" else self.data).append(data.strip())


def parsed(markup: str) -> tuple[list[str], list[str]]:
    """The texts of a page, and the contents of its scripts that are JSON."""
    page = _Page()
    page.feed(markup)
    return page.out, page.data
