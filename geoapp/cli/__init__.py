"""The shell's door: the same verbs as over HTTP. Exit 0 done, 1 refused with the reason, 2 wrongly asked.

One file a topic. A command imports its verb when it runs, so that `--help` and small commands do not load what only
others need (`tests/cli/test_start.py`).
"""


def main() -> None:
    """Run the command line."""
    from geoapp.cli.__main__ import main as run

    run()
