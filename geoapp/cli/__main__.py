"""The topics in the order in which `geoapp --help` lists them, and what becomes of an error."""

import sys
from importlib import import_module

from geoapp.cli.app import app, err
from geoapp.errors import GeoappError

TOPICS = (
    "operations",
    "members",
    "audiences",
    "imports",
    "actors",
    "overlaps",
    "compare",
    "finding",
    "incidents",
    "routes",
    "exports",
    "paper",
    "serving",
    "jobs",
    "audit",
    "backup",
    "field",
    "upkeep",
)

for topic in TOPICS:
    import_module(f"geoapp.cli.{topic}")


def main() -> None:
    """Run the command line; errors become one clear line and an exit code."""
    import logging

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app()
    except GeoappError as error:
        err().print(error.line(), markup=False, style="bold")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
