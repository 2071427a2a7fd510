"""Everything that can go wrong on purpose.

One base, `IrrmError`; each subclass is also the builtin that a caller would expect, and
carries the exit code with which the `irrm` command ends. A message says what failed, on
which file, and what to do next.
"""

from __future__ import annotations

from typing import ClassVar


class IrrmError(Exception):
    """Base of all errors raised on purpose.

    Attributes
    ----------
    exit_code : int
        With which the `irrm` command ends; documented in ``docs/exit-codes.md``.
    """

    exit_code: ClassVar[int] = 1


class UsageError(IrrmError, ValueError):
    """Arguments that do not fit together or do not fit the data."""

    exit_code = 2


class ImageFileError(IrrmError, OSError):
    """A file that cannot be read as an image: damaged, of an unknown format, or refused."""

    exit_code = 3


class ImageTooLargeError(ImageFileError):
    """An image with more pixels than the limit allows."""

    exit_code = 4


class SourceChangedError(ImageFileError):
    """A file that was written, replaced or removed while it was read; it may be whole soon."""


class OutputExistsError(IrrmError, FileExistsError):
    """The output is already there and `overwrite` was not asked for."""

    exit_code = 5


class ImageDataError(IrrmError, ValueError):
    """Pixels that cannot be rescaled as they are, such as NaN."""

    exit_code = 6


class ModelNotFoundError(IrrmError, LookupError):
    """No model has this name, hash or path."""

    exit_code = 7


class ModelFileError(IrrmError, ValueError):
    """A model card or weights file that is damaged, unsafe or of an unknown layout."""

    exit_code = 8


class NotRestorableError(IrrmError, ValueError):
    """An LR file that cannot be restored; see the subclasses for the four reasons."""

    exit_code = 10


class NoRecordError(NotRestorableError):
    """The file carries no restore record."""

    exit_code = 11


class PixelsChangedError(NotRestorableError):
    """The LR pixels do not match the hash in the record."""

    exit_code = 12


class DigestMismatchError(NotRestorableError):
    """The restoration disagrees with the digest in the record."""

    exit_code = 13


class CatalogueError(IrrmError, OSError):
    """A catalogue that cannot be used: of a newer version, held by another, or in a bad place."""

    exit_code = 14


class CatalogueMissingError(CatalogueError):
    """There is no catalogue where one is named."""


class CatalogueDamagedError(CatalogueError):
    """The file is not a catalogue, or a part of it cannot be read."""


class StoreError(IrrmError, OSError):
    """A folder that is no store, or a store that cannot be used: damaged, newer, unwritable."""

    exit_code = 15


class FindingsError(IrrmError):
    """A check of a store found something wrong; each finding was told by itself."""

    exit_code = 16


class QuarantineError(IrrmError, OSError):
    """An original that cannot be moved into quarantine, or out of it; it stays where it is."""

    exit_code = 17


class UnhealthyError(IrrmError):
    """The watcher is not well; the message says why."""

    exit_code = 18


class OutOfMemoryError(IrrmError, MemoryError):
    """Not even the smallest tile fits into memory."""


class SomeFilesFailedError(IrrmError):
    """Of many files some failed; each was reported by itself, the others are done."""

    exit_code = 20


class Cancelled(IrrmError):
    """The caller cancelled the job; nothing was left behind."""

    exit_code = 130
