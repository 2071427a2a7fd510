"""What is embedded in a file, as bytes: a line of JSON, then arrays when there are any.

The JSON line says what the file is (an LR file, a restoration) and holds the record; it is
plain text, so that `strings` shows it and a reader in any language is ten lines. Arrays that
restoring needs and the LR cannot hold (an alpha plane, outliers) follow as an npz archive,
which has names, shapes, dtypes and checksums of its own. No input or output happens here.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.errors import NotRestorableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_KIND = "irrm"

# All that the JSON and npz readers raise on damaged bytes.
_DAMAGE = (
    ValueError,
    LookupError,
    AttributeError,
    OSError,
    EOFError,
    RecursionError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Envelope:
    """The content of an embedded blob.

    Attributes
    ----------
    kind : str
        What the file is: ``"lr"`` or ``"restored"``.
    fields : mapping
        JSON values; the record of an LR file, the mark of a restoration.
    arrays : mapping of str to ndarray
        Side data by name; empty for nearly all files.
    """

    kind: str
    fields: Mapping[str, Any]
    arrays: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return the blob; the same content gives the same bytes."""
        text = json.dumps({_KIND: self.kind, **self.fields}, separators=(",", ":"))
        line = text.encode("ascii")
        if not self.arrays:
            return line
        archive = io.BytesIO()
        np.savez_compressed(archive, allow_pickle=False, **dict(self.arrays))
        return line + b"\n" + archive.getvalue()

    @classmethod
    def from_bytes(cls, blob: bytes, *, max_side_bytes: int = 1 << 33) -> Envelope:
        """Read a blob.

        Parameters
        ----------
        blob : bytes
            As `to_bytes` gave it.
        max_side_bytes : int
            Refuse arrays that decompress to more than this, before they are decompressed.

        Raises
        ------
        NotRestorableError
            The blob is damaged. The message names no file; the caller knows it.
        """
        line, _, archive = blob.partition(b"\n")
        try:
            fields = json.loads(line)
            kind = fields.pop(_KIND)
            arrays = _read_arrays(archive, max_side_bytes) if archive else {}
        except _DAMAGE as why:
            raise NotRestorableError(f"the embedded record is damaged ({why})") from why
        return cls(kind, fields, arrays)


def _read_arrays(archive: bytes, max_bytes: int) -> dict[str, NDArray[np.generic]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        size = sum(member.file_size for member in members.infolist())
    if size > max_bytes:
        raise ValueError(f"its side data claim {size} bytes, more than the {max_bytes} allowed")
    with np.load(io.BytesIO(archive), allow_pickle=False) as loaded:
        return {name: loaded[name] for name in loaded.files}
