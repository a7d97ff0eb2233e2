"""Which process opens a file? A fork, for this file alone, of one that has loaded the libraries already.

To start Python and load them costs ten times what reading a small file does. So one process, `geoapp.ingest.forker`, does
it once for as long as this process lives. It never opens a file itself: each of its forks gives up its rights, reads one
file and ends. It has the small environment of a reader, and holds no password.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from geoapp.ingest.confine import ROOT

COMMAND = (sys.executable, "-m", "geoapp.ingest.forker")
FRESH_AFTER = 200
"""Forks have the addresses of their libraries from the process they come from; after so many it is another one."""
SKIPPED = "OGR_VRT,VRT,HTTP,WFS,OAPIF,CSW,GTFS,GDALG,GTI,PLSCENES,CARTO,AMIGOCLOUD,ELASTIC,NGW,PostgreSQL"
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "PYTHONPATH": str(ROOT),
    "GDAL_SKIP": SKIPPED, "OGR_SKIP": SKIPPED, "OMP_NUM_THREADS": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO", "GDAL_HTTP_MAX_RETRY": "0", "OGR_GEOJSON_MAX_OBJ_SIZE": "100",
    "GDAL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
}  # fmt: skip
KILL = b"k"


@dataclass
class Reader:
    """A process that was forked for one file. `close` ends it, and so does the end of this process."""

    stdin: BinaryIO
    stdout: BinaryIO
    channel: socket.socket
    _ended: int | None = None

    def kill(self) -> None:
        """End it and whatever it has started; how it ended can still be asked."""
        try:
            self.channel.send(KILL)
        except OSError:
            return  # nobody listens any more: with the forker its readers ended

    def wait(self) -> int:
        """How it ended: its exit code, or the number of the signal that ended it with a minus before it."""
        if self._ended is None:
            said = self.channel.recv(16)
            self._ended = int(said) if said else -signal.SIGKILL
        return self._ended

    def close(self) -> None:
        """End it, if it has not ended: afterwards it touches nothing any more."""
        self.kill()
        self.wait()
        for each in (self.stdin, self.stdout, self.channel):
            each.close()


class _Forker:
    """The process that readers are forked from, and the socket on which it is asked."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                (*COMMAND, str(theirs.fileno())), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, cwd="/", env=ENVIRONMENT, pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        self.control, self.asked, self.of = ours, 0, os.getpid()

    def fork(self, folder: str, files: list[int]) -> None:
        self.asked += 1
        socket.send_fds(self.control, [os.fsencode(folder)], files)

    def leave(self) -> None:
        """It ends as soon as its last reader has."""
        self.control.close()
        # whoever started a process must ask how it ended, or its number is never free again
        threading.Thread(target=self.process.wait, daemon=True).start()

    def end(self) -> None:
        """It ends now, and with it its readers."""
        self.control.close()
        self.process.kill()
        self.process.wait()


_alone = threading.Lock()
_now: list[_Forker] = []


@atexit.register
def _end() -> None:
    while _now:
        forker = _now.pop()
        if forker.of == os.getpid():
            forker.end()


def start(folder: str) -> Reader:
    """A reader whose own folder is `folder`: it waits for its request on its standard input."""
    input_, stdin = os.pipe()
    stdout, output = os.pipe()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with _alone:
            _ask(folder, [input_, output, theirs.fileno()])
    finally:
        os.close(input_)
        os.close(output)
        theirs.close()
    return Reader(os.fdopen(stdin, "wb", 0), os.fdopen(stdout, "rb", 0), ours)


def _ask(folder: str, files: list[int]) -> None:
    if _now and (_now[0].asked >= FRESH_AFTER or _now[0].of != os.getpid()):
        _now.pop().leave()
    if _now:
        try:
            _now[0].fork(folder, files)
        except OSError:  # it was killed: another one does
            _now.pop().leave()
        else:
            return
    _now.append(_Forker())
    _now[0].fork(folder, files)
