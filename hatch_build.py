"""No wheel without the browser's files: the repository has only their lock, and an installed geoapp fetches nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).parent / "web"


class BrowserFiles(BuildHookInterface):
    """Refuses to build when a file of `web/assets.lock.json` is missing or is not the one that was locked."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs. Raises RuntimeError."""
        if version == "editable":
            return
        packages = json.loads((WEB / "assets.lock.json").read_text(encoding="utf-8"))["packages"]
        wrong = [file["as"] for package in packages for file in package["files"] if not _is_locked(file)]
        if wrong:
            raise RuntimeError(
                f"Browser files are missing or changed: {', '.join(wrong)}. python -m geoapp.draw.assets"
            )


def _is_locked(file: dict[str, Any]) -> bool:
    path = WEB / "static" / "vendor" / file["as"]
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
