"""A store that cannot be written, told apart from a source that cannot be read.

A full disk passes, and the file waits; a damaged image does not. Both come as `OSError` from
below, so each write says which it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from irrm_core.archive.classes.facts import printable
from irrm_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class StoreWriteError(StoreError):
    """The store could not be written; `errno` is that of the file system.

    ``ENOSPC`` and ``EDQUOT`` pass when there is space again.
    """

    def __str__(self) -> str:
        return str(self.args[1]) if len(self.args) > 1 else super().__str__()

    @classmethod
    @contextmanager
    def on(cls, path: Path) -> Iterator[None]:
        """Turn what a file system says of `path` into this error.

        What no error of a file system stands behind passes as it is.
        """
        try:
            yield
        except cls:
            raise
        except OSError as error:
            cause = _cause(error)
            if cause is None:
                raise
            raise cls(
                cause.errno,
                f"{printable(str(path))}: cannot be written ({cause.strerror or cause}); free some "
                "space in the store, or check its disk and permissions",
            ) from error


def _cause(error: BaseException | None) -> OSError | None:
    """Return the error of the system behind an error; None if there is none."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error
        error = error.__cause__
    return None
