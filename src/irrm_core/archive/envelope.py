"""What is embedded in a file, as bytes: a line of JSON, then side data when there are any.

The JSON line says what the file is (an LR file, a restoration) and holds the record; it is
plain text, so that `strings` shows it and a reader in any language is ten lines. Side data,
which restoring needs and the LR cannot hold (an alpha plane, outliers), follow as an npz
archive, which has names, shapes, dtypes and checksums of its own. No input or output here.
"""

from __future__ import annotations

import io
import json
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.errors import NotRestorableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_KIND = "irrm"

# All that the JSON and npz readers raise on damaged bytes.
_DAMAGE = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    OSError,
    EOFError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    SyntaxError,
    tokenize.TokenError,
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
        JSON values: the record of an LR file, the mark of a restoration.
    side : bytes
        Side data as `pack_side_data` gives them; empty for nearly all files.
    """

    kind: str
    fields: Mapping[str, Any]
    side: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the blob; the same content gives the same bytes."""
        text = json.dumps({_KIND: self.kind, **self.fields}, separators=(",", ":"), allow_nan=False)
        line = text.encode("ascii")
        return line + b"\n" + self.side if self.side else line

    @classmethod
    def from_bytes(cls, blob: bytes) -> Envelope:
        """Read what `to_bytes` returned; the side data stay packed.

        Raises
        ------
        NotRestorableError
            The blob is no such thing. The message names no file; the caller knows it.
        """
        line, _, side = blob.partition(b"\n")
        try:
            fields = json.loads(line.decode("ascii"))
            kind = fields.pop(_KIND)
        except _DAMAGE as why:
            raise NotRestorableError(
                "the embedded restore record is damaged; take another copy of the file"
            ) from why
        return cls(str(kind), fields, side)


def pack_side_data(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as bytes; nothing for no arrays."""
    if not arrays:
        return b""
    import numpy as np

    archive = io.BytesIO()
    np.savez_compressed(archive, allow_pickle=False, **dict(arrays))
    return archive.getvalue()


def unpack_side_data(side: bytes, *, max_bytes: int) -> dict[str, NDArray[Any]]:
    """Read what `pack_side_data` returned.

    Parameters
    ----------
    side : bytes
        Packed arrays.
    max_bytes : int
        Arrays that claim more than this are refused before they are decompressed.

    Raises
    ------
    NotRestorableError
        The bytes are damaged or claim too much.
    """
    if not side:
        return {}
    import numpy as np

    try:
        with zipfile.ZipFile(io.BytesIO(side)) as members:
            size = sum(member.file_size for member in members.infolist())
        if size > max_bytes:
            raise ValueError(f"{size} bytes claimed, {max_bytes} possible")
        with np.load(io.BytesIO(side), allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except _DAMAGE as why:
        raise NotRestorableError(
            f"the data beside the LR pixels (alpha, outliers) are damaged ({why}); take another "
            "copy of the file"
        ) from why
