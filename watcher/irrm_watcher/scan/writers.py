"""Whether somebody still has a file open for writing."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

_WRITING = os.O_WRONLY | os.O_RDWR


def held_for_writing(path: bytes) -> bool:
    """Return whether a process has this file open, or mapped, for writing.

    Linux grants a read lease only on a file that nobody writes, whoever that is, and the file's
    owner may ask; for files of others the open files of the processes that may be looked at are
    searched. Where neither is possible the answer is no, and the stability delay stands alone.
    Ask only on local file systems: others refuse leases for reasons of their own.

    Raises
    ------
    OSError
        The file cannot be opened.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        # Whoever wants to write while the lease lasts has us notified: by a signal that is
        # ignored unless asked for, instead of one that ends the process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as why:
        if why.errno == errno.EAGAIN:
            return True
        return _open_in_some_process(os.fstat(handle))
    finally:
        os.close(handle)
    return False


def _open_in_some_process(file: os.stat_result) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            handles = list((process / "fd").iterdir())
        except OSError:
            continue
        for handle in handles:
            try:
                if os.path.samestat(handle.stat(), file) and _writes(process, handle.name):
                    return True
            except (OSError, ValueError, LookupError):
                continue  # closed meanwhile
    return False


def _writes(process: Path, handle: str) -> bool:
    lines = (process / "fdinfo" / handle).read_text().splitlines()
    flags = next(line.split()[1] for line in lines if line.startswith("flags:"))
    return bool(int(flags, 8) & _WRITING)
