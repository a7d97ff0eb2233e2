"""The process that readers of files are forked from (see `readers`): it loads what they need, once, and opens no file.

It listens on one socket. A message is the path of a job's folder, with three open files: the reader's standard input, its
standard output, and a channel. On the channel it says how the reader ended, and is told to end it; a channel that was
closed ends its reader, so that none outlives who asked for it.
"""

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import tempfile
from contextlib import suppress

from geoapp.ingest import child, kinds
from geoapp.ingest.confine import ends_with_its_parent

LIBRARIES = (
    "_strptime", "charset_normalizer", "fiona", "openpyxl", "osmium", "pyarrow.csv", "pyogrio", "python_calamine", "shapely",
    "xml.etree.ElementTree", "geoapp.ingest.opening", "geoapp.ingest.unlanded",
)  # fmt: skip


def serve(control: socket.socket) -> None:
    """Fork a reader for each message until the other end is closed and the last reader has ended."""
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as events:
        ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        events.register(ended, selectors.EVENT_READ)
        events.register(control, selectors.EVENT_READ)
        asking = True
        while asking or running:
            for key, _ in events.select():
                if key.fileobj == ended:
                    os.read(ended, 4096)
                    _tell_ends(running)
                elif key.fileobj is control:
                    asking = _fork(control, running, events, (ended, wake))
                    if not asking:
                        events.unregister(control)
                else:
                    _told(key.data, running, events)


def _fork(
    control: socket.socket, running: dict[int, socket.socket], events: selectors.BaseSelector, pipe: tuple[int, int]
) -> bool:
    """Fork one reader; False when nobody asks any more."""
    folder, files, _, _ = socket.recv_fds(control, 4096, 3)
    if not folder:
        return False
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            events.close()
            for other in (control, *running.values()):
                other.close()
            for end in pipe:
                os.close(end)
            _read(os.fsdecode(folder), files)
            code = 0
        finally:
            os._exit(code)
    for each in files[:2]:
        os.close(each)
    running[pid] = socket.socket(fileno=files[2])
    events.register(running[pid], selectors.EVENT_READ, pid)
    return True


def _read(folder: str, files: list[int]) -> None:
    """What the fork does: its folder and its pipes are all it has, then it reads its request as `child` says."""
    ends_with_its_parent()
    os.setsid()
    os.dup2(files[0], 0)
    os.dup2(files[1], 1)
    for each in files:
        os.close(each)
    os.chdir(folder)
    os.environ |= {"HOME": folder, "TMPDIR": folder}
    tempfile.tempdir = None
    child.main()


def _tell_ends(running: dict[int, socket.socket]) -> None:
    """Say of each reader that has ended how. It is reaped when its channel is closed: until then its number is its own."""
    for pid, channel in running.items():
        end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if end is not None:
            code = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
            with suppress(OSError):  # nobody asks any more, or it was said before and nobody has read it yet
                channel.send(b"%d" % code, socket.MSG_DONTWAIT)


def _told(pid: int, running: dict[int, socket.socket], events: selectors.BaseSelector) -> None:
    """Its channel says to end a reader, or was closed: then it is also forgotten."""
    said = running[pid].recv(16)
    os.kill(pid, signal.SIGKILL)  # it may have no group of its own yet
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if not said:
        os.waitpid(pid, 0)
        events.unregister(running[pid])
        running.pop(pid).close()


def main() -> None:
    """Load what readers need, then serve the socket whose number is the first argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in LIBRARIES:
        importlib.import_module(name)
    kinds.every()
    gc.freeze()
    serve(control)


if __name__ == "__main__":
    main()
