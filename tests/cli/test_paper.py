"""Does the shell print what the verb draws, and name its maps rightly?"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from geoapp.cli import paper as command
from geoapp.cluster import Urls
from geoapp.draw import paper


def test_the_help_names_every_map() -> None:
    assert (*paper.THEMES, "atlas") == command.MAPS


def run(urls: Urls, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ) | {"GEOAPP_DATABASE_URL": urls.app, "GEOAPP_MIGRATE_URL": urls.owner}
    return subprocess.run(
        [sys.executable, "-m", "geoapp.cli", *arguments], capture_output=True, text=True, env=environment, check=False
    )


def test_print_writes_a_map(gridded: Callable, urls: Urls, tmp_path: Path) -> None:
    made = tmp_path / "map.pdf"
    said = run(urls, "print", "-o", str(made), "--map", "overlaps", "--datetime", "2026-01-01/2026-06-30", "--json")
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert told["number"] == "GRD002_overlaps_a3_20261018"
    assert told["layers"]["overlaps"] > 0
    assert made.read_bytes().startswith(b"%PDF-")
    refused = run(urls, "print", "-o", str(tmp_path / "map.pdf"), "--map", "nothing")
    assert refused.returncode == 1
    assert "There is no map 'nothing'" in refused.stderr
    assert "Traceback" not in refused.stderr
