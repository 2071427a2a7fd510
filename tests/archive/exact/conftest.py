"""Files, and what is known of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from irrm_core.archive.exact import ExactForm, encode_exact
from irrm_core.archive.store import Provenance


@pytest.fixture(scope="session", autouse=True)
def codecs() -> None:
    """Skip without the extra that this class needs."""
    pytest.importorskip("imagecodecs")
    pytest.importorskip("zstandard")


def provenance_of(path: Path, **changes: Any) -> Provenance:
    content = path.read_bytes()
    values: dict[str, Any] = {
        "root": "photos",
        "path": path.name.encode(),
        "version": 1,
        "size": len(content),
        "mtime_ns": 1_700_000_000_123_456_789,
        "mode": 0o640,
        "sha256": hashlib.sha256(content).hexdigest(),
        "archived_at": 1_700_000_000.25,
        "storage": "exact",
    }
    return Provenance(**{**values, **changes})


def stored_exactly(source: Path, *, pixels: bool = False) -> tuple[Path, ExactForm]:
    archive = source.with_name(f"{source.name}.archive")
    with archive.open("w+b") as target:
        form = encode_exact(source, target, provenance_of(source), pixels=pixels)
    return archive, form


@pytest.fixture(scope="session")
def provenance() -> Callable[..., Provenance]:
    """What is known of a file, with changes."""
    return provenance_of


@pytest.fixture(scope="session")
def exactly() -> Callable[..., tuple[Path, ExactForm]]:
    """Store a file exactly, beside it; the archive file and its form."""
    return stored_exactly
