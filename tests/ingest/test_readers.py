"""The process that files are read in: forked for one file, with nothing of its parent's, gone with it or when it is told."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from geoapp.ingest import readers
from geoapp.ingest.readers import Reader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = readers.start(str(tmp_path))
    yield made
    made.close()


def forks() -> list[int]:
    """The readers that wait: processes whose parent is the one they are forked from, and that have come to their folder."""
    parent = readers._now[0].process.pid
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in found if str(Path(f"/proc/{pid}/cwd").readlink()) != "/"]


def waiting(folder: Path) -> int:
    """The number of the reader of that folder, as soon as it is there."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            for pid in forks():
                if str(Path(f"/proc/{pid}/cwd").readlink()) == str(folder):
                    return pid
        time.sleep(0.1)
    raise AssertionError("no reader came")


def gone(pid: int) -> bool:
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_it_has_nothing_of_its_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAPP_DATABASE_URL", "postgresql://owner:secret@somewhere/geoapp")
    monkeypatch.setattr(readers, "_now", [])
    with (tmp_path / "open in the parent").open("w") as held:
        first, second = (tmp_path / "first", tmp_path / "second")
        first.mkdir()
        second.mkdir()
        made = [readers.start(str(first)), readers.start(str(second))]
        pid = waiting(second)
        assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        held_open = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
        assert held.name not in held_open
        # its own two pipes, what is thrown away, tables of projections, and no socket: neither the one it was asked by
        # nor another reader's
        assert {name.split(":")[0] for name in held_open if not name.endswith("/proj.db")} <= {"pipe", "/dev/null"}
        assert sum(name.startswith("pipe") for name in held_open) == 2
        assert os.getpgid(pid) == pid
        for each in made:
            each.close()
    readers._now[0].leave()
    assert gone(pid)


def test_it_ends_with_its_channel_and_says_how_it_ended(tmp_path: Path, reader: Reader) -> None:
    pid = waiting(tmp_path)
    reader.kill()
    assert reader.wait() == -signal.SIGKILL
    assert reader.wait() == -signal.SIGKILL
    reader.close()
    assert gone(pid)


def test_a_request_that_is_none_ends_it_with_a_code(reader: Reader) -> None:
    reader.stdin.write(b"no request")
    reader.stdin.close()
    assert reader.stdout.read() == b""
    assert reader.wait() == 1


def test_one_more_is_read_after_the_process_they_are_forked_from_was_killed(tmp_path: Path, reader: Reader) -> None:
    pid, parent = waiting(tmp_path), readers._now[0].process.pid
    os.kill(parent, signal.SIGKILL)
    assert reader.wait() == -signal.SIGKILL
    reader.stdin.close()
    assert gone(pid), "a reader outlived the process it was forked from"
    another = readers.start(str(tmp_path))
    another.stdin.write(orjson.dumps({}))
    another.stdin.close()
    assert another.wait() == 1
    assert readers._now[0].process.pid != parent
    another.close()


def test_after_many_another_process_forks_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "FRESH_AFTER", 1)
    first = readers.start(str(tmp_path))
    former = readers._now[0]
    second = readers.start(str(tmp_path))
    assert readers._now[0] is not former
    second.close()
    first.close()
    assert former.process.wait(30) == 0
