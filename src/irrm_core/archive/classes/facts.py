"""What is known of an original beside its content."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SourceFacts:
    """An original as it lay in its folder when its bytes were taken.

    Attributes
    ----------
    root : str
        Name of the watched folder.
    path : bytes
        Within it, with ``/``; need not be UTF-8.
    version : int
        Counts the contents that this path had, from 1.
    size, mtime_ns, mode : int
        As `os.stat` gives them.
    sha256 : str
        Of its bytes, hexadecimal.
    xattrs : mapping of str to bytes
        Extended attributes.
    """

    root: str
    path: bytes
    version: int
    size: int
    mtime_ns: int
    mode: int
    sha256: str
    xattrs: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Root and path for people: printable, whatever the bytes are."""
        return f"{self.root}/{printable(os.fsdecode(self.path))}"


def printable(text: str) -> str:
    """Return a text that every log, JSON file and database takes."""
    return text.encode("utf-8", "backslashreplace").decode()
