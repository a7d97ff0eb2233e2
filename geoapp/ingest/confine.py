"""What does the child give up before it opens a file? Network, other folders, core dumps, memory and time beyond its limits."""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

from geoapp import TOP

ROOT = Path(__file__).resolve().parent.parent.parent
MIB = 1024 * 1024

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWUSER, _NEWNET, _NO_NEW_PRIVS, _SECCOMP, _PARENT_DEATH = 0x10000000, 0x40000000, 38, 22, 1
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ, _WRITE = 0b1101, 0b1111111110010
"""Landlock ABI 1: execute, read file, read folder; and write, remove, make."""


def _landlock(readable: list[str], writable: str) -> bool:
    """Let this process and its children see only these folders; False where the kernel has no Landlock."""
    handled = _READ | _WRITE
    attributes = struct.pack("Q", handled)
    ruleset = _LIBC.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    for folder, rights in [*((path, _READ) for path in readable), (writable, handled)]:
        if not Path(folder).exists():
            continue
        handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        allowed = rights if Path(folder).is_dir() else rights & 0b101
        _LIBC.syscall(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, handle), 0)
        os.close(handle)
    return bool(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)


_CPUS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The kernel's name of a processor and the number of its call `socket`."""


def _no_sockets() -> bool:
    """Let this process and its children make no socket of any kind; True when it holds.

    A filter on system calls needs no right that an ordinary user lacks, where a network namespace may: user namespaces
    are switched off on many servers, and within every chroot. See the kernel's seccomp_filter.rst.
    """
    if platform.machine() not in _CPUS:
        return False
    cpu, call = _CPUS[platform.machine()]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EACCES
    steps = [
        (load, 0, 0, 4), (equal, 0, 5, cpu),
        (load, 0, 0, 0), (at_least, 3, 0, 0x40000000),  # the other numbering of the same processor
        (equal, 2, 0, 425),  # io_uring, which makes sockets by another way
        (equal, 1, 0, call),
        (answer, 0, 0, allow), (answer, 0, 0, refuse),
    ]  # fmt: skip
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    return bool(_LIBC.prctl(_SECCOMP, 2, program, 0, 0) == 0)


def ends_with_its_parent() -> None:
    """Have the kernel kill this process when the one that started it ends, however that ends."""
    _LIBC.prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)


def confine(folder: str, memory_bytes: int, seconds: int) -> dict[str, bool]:
    """Give up, in the child and for good, everything that reading a file does not need; what the machine allowed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * MIB, 512 * MIB))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    no_network = _LIBC.unshare(_NEWNET) == 0 or _LIBC.unshare(_NEWUSER | _NEWNET) == 0
    _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    no_network = _no_sockets() or no_network
    readable = [sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self",
                "/proc/meminfo", "/sys/fs/cgroup", "/dev/urandom", "/dev/null", str(ROOT / "geoapp"),
                str(TOP / "data" / "codes")]  # fmt: skip
    return {"no_network": no_network, "own_files_only": _landlock(readable, folder)}
