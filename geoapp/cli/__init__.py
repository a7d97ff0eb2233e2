"""The shell's door: the same verbs as over HTTP. Exit 0 done, 1 refused with the reason, 2 wrongly asked."""


def main() -> None:
    """Run the command line."""
    from geoapp.cli.__main__ import main as run

    run()
