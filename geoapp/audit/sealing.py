"""Who seals? A thread of the process that serves, every few seconds; the shell's commands on the audit do it before they look."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from geoapp import db
from geoapp.audit.chain import seal
from geoapp.audit.key import keys_of
from geoapp.errors import GeoappError
from geoapp.settings import Settings

EVERY_S = 2.0
_log = logging.getLogger("geoapp")


def seal_now(settings: Settings, serving_url: str) -> int:
    """Seal what waits; how many entries. Raises SetupError, Refused where the end of a chain was cut off, and psycopg's errors."""
    keys = keys_of(settings)
    assert keys is not None
    with psycopg.connect(serving_url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=5) as connection:
        return seal(connection, db.key_of(serving_url), keys)


@contextmanager
def sealing(settings: Settings, serving_url: str) -> Iterator[None]:
    """Within it entries are sealed, in a thread. Raises SetupError when there is no key and none can be made."""
    keys = keys_of(settings)
    assert keys is not None
    ended = threading.Event()
    url, proof = serving_url.replace("+psycopg", "", 1), db.key_of(serving_url)

    def run() -> None:
        said = ""
        while not ended.is_set():
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=5, prepare_threshold=None) as connection:
                    while not ended.is_set():
                        seal(connection, proof, keys_of(settings) or keys)
                        said = ""
                        ended.wait(EVERY_S)
            except (GeoappError, psycopg.Error) as error:
                words = error.line() if isinstance(error, GeoappError) else str(error).strip().split("\n")[0]
                if words != said:  # once, not every two seconds
                    _log.error("The audit could not be sealed: %s", words)
                said = words
                ended.wait(EVERY_S)

    thread = threading.Thread(target=run, name="audit", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)
