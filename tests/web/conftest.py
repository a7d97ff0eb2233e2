"""One browser for the tests of a worker: the system's Chromium, else the one that Playwright keeps (Ubuntu has only a snap)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        found = shutil.which("chromium") or play.chromium.executable_path
        if not Path(found).exists():
            pytest.skip("there is no Chromium on this machine: `./run test` installs one where it can")
        started = play.chromium.launch(executable_path=found, args=QUIET)
        yield started
        started.close()
