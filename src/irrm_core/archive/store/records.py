"""What an archive file tells of its original, whichever class it is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.provenance import KEY, Provenance
from irrm_core.errors import NoRecordError, NotRestorableError

if TYPE_CHECKING:
    import os


def read_provenance(archive_file: str | os.PathLike[str]) -> Provenance:
    """Return what an archive file tells of its original; its content, not its name, is looked at.

    Raises
    ------
    NoRecordError
        It is a file of another kind, or an LR file that was not made for a store.
    NotRestorableError
        The record is damaged or from a newer version.
    ImageFileError
        The file cannot be read.
    """
    from irrm_core.archive.exact import read_exact_envelope
    from irrm_core.archive.lrfile import LR, naming, read_envelope

    path = Path(archive_file)
    envelope = read_exact_envelope(path)
    if envelope is None:
        envelope = read_envelope(path)
        if envelope is None or envelope.kind != LR or KEY not in envelope.fields:
            raise NoRecordError(
                f"{path}: carries no record of an original; it is no archive file, or a program "
                "that edited it dropped the record: take another copy of it"
            )
    with naming(path):
        found = Provenance.from_fields(envelope.fields.get(KEY))
    if (found.storage == "lr") != (envelope.kind == LR):
        raise NotRestorableError(
            f"{path}: is not of the class that its record says; take another copy of the file"
        )
    return found
