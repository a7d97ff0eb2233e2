"""geoapp: who operates where, where that overlaps in space and time, and what may be shown of it to whom."""

import sys
from pathlib import Path

__version__ = "0.1.0"

# A wheel has data, layers, migrations and web in geoapp/_top (pyproject.toml maps them), because names as common as
# these would collide with other packages in site-packages. They are importable in processes of geoapp alone, and first:
# whoever has a folder `data` or `web` of their own on the path keeps it out of here.
_installed = Path(__file__).resolve().parent / "_top"
TOP = _installed if _installed.is_dir() else Path(__file__).resolve().parent.parent
"""The folder of data, layers, migrations and web: the source tree's, or the one in the installed package."""
if _installed.is_dir():
    sys.path.insert(0, str(_installed))
