"""Which files are left alone whatever a rule says, unless it asks for them.

RAW files are negatives: people keep them for what no restoration has. A file of a multi-file
format means nothing without its companions, which may be found by name and place only; stored
one by one, half of an acquisition could be in the store and half in the folder.

Judged by name here, and for TIFF by content in `parts`: nothing needs to be decoded.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def _all(suffixes: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(suffixes.split(), reason)


_RAW = "is a RAW file of a camera"

_SUFFIXES = {
    **_all(
        ".3fr .ari .arw .bay .cap .cr2 .cr3 .crw .dcr .dng .eip .erf .fff .gpr .iiq .k25 .kdc .mef"
        " .mos .mrw .nef .nrw .orf .pef .ptx .r3d .raf .rw2 .rwl .rwz .sr2 .srf .srw .x3f",
        _RAW,
    ),
    **_all(".mrxs", "is the head of a slide in many files (MIRAX)"),
    **_all(".vsi .ets", "is a part of a slide in many files (Olympus)"),
    **_all(".ndpis", "is the head of a slide in many files (Hamamatsu)"),
    **_all(".afi", "is the head of a slide in many files (Aperio)"),
    **_all(".xdce .xaml .xlog", "is a part of a plate in many files (IN Cell)"),
    **_all(".htd", "is the head of a plate in many files (MetaXpress)"),
    **_all(".mea .res", "is a part of a plate in many files (Opera)"),
    **_all(".oif .pty .lut .roi", "is a part of an acquisition in many files (FluoView)"),
    **_all(".nd .stk", "is a part of an acquisition in many files (MetaMorph)"),
    **_all(".mdb", "is a database beside the images that it describes"),
    **_all(".mhd .nhdr .hdr .img", "is a part of an image in two files"),
    **_all(".dcm .dicom", "is a part of a DICOM series"),
    **_all(
        ".xmp .thm .aae .pp3 .dop .cos .arp .nksc .on1 .rawdevel",
        "is a sidecar, which belongs to the file that it describes",
    ),
}

_ENDINGS = {
    ".companion.ome": "is the head of an acquisition in many files (OME)",
    ".ome.xml": "is the head of an acquisition in many files (OME)",
}

_NAMES = {
    **dict.fromkeys(
        (".zarray", ".zgroup", ".zattrs", ".zmetadata", "zarr.json"), "is a part of a Zarr array"
    ),
    "dicomdir": "is the directory of a DICOM series",
    "slidedat.ini": "is a part of a slide in many files (MIRAX)",
    "ndtiff.index": "is a part of an acquisition in many files (NDTiff)",
}

# Folders that are one image, whatever lies within.
_FOLDERS = {
    ".zarr": "is a part of a Zarr array",
    ".n5": "is a part of an N5 array",
    ".files": "is a part of an acquisition in many files (FluoView)",
}

# A head beside a file: with it the file is a part, without it is a file like any other.
_HEADS = {
    ".lsm": (".mdb",),
    ".tif": (".xdce", ".nd", ".htd", ".companion.ome"),
    ".tiff": (".xdce", ".nd", ".htd", ".companion.ome"),
    ".jpg": (".ndpis",),
    ".ndpi": (".ndpis",),
    ".svs": (".afi",),
    ".raw": (".mhd", ".nhdr"),
    ".dat": (".ini",),
}


def exclusion(path: bytes, beside: Iterable[bytes] = ()) -> str | None:
    """Return why a file is left alone, as the end of a sentence; None if it is not.

    Parameters
    ----------
    path : bytes
        Relative to the watched folder, with ``/``.
    beside : iterable of bytes, optional
        Names of the files in the same folder, such as `neighbours` gives: the head of a
        multi-file format makes parts of the images beside it. Looked at only where it may matter.
    """
    *folders, name = PurePosixPath(os.fsdecode(path).lower()).parts or ("",)
    for ending, reason in _ENDINGS.items():
        if name.endswith(ending):
            return reason
    for folder in folders:
        reason_of_folder = _FOLDERS.get(PurePosixPath(folder).suffix)
        if reason_of_folder:
            return reason_of_folder
    suffix = PurePosixPath(name).suffix
    return _NAMES.get(name) or _SUFFIXES.get(suffix) or _part(suffix, beside)


def neighbours(folder: Path) -> Iterator[bytes]:
    """Yield the names of the files in a folder, which is read when the first is asked for."""
    with suppress(OSError), os.scandir(os.fsencode(folder)) as found:
        for item in found:
            yield item.name


def _part(suffix: str, beside: Iterable[bytes]) -> str | None:
    heads = _HEADS.get(suffix)
    if heads is None:
        return None
    for other in beside:
        if os.fsdecode(other).lower().endswith(heads):
            return f"lies beside {other.decode('utf-8', 'replace')}, whose parts are kept together"
    return None
