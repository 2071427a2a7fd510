"""The candidate of class ``exact``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.imagefile.atomic import atomic_output, temporary_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from irrm_core.archive.classes.facts import SourceFacts
    from irrm_core.archive.classes.rule import Rule
    from irrm_core.archive.store import Provenance, Store
    from irrm_core.progress import Cancel


@dataclass(frozen=True)
class Lossless:
    """An exact archive file, decoded and compared with the original already.

    Attributes
    ----------
    temporary, target : Path
        Where it lies, synced, and where it shall be.
    size : int
        Its bytes, record included.
    form : str
        How it is packed, such as ``"jxl-jpeg"`` or ``"zstd"``.
    provenance : Provenance
        As it is embedded.
    """

    temporary: Path
    target: Path
    size: int
    form: str
    provenance: Provenance


def make_lossless(
    spooled: Path,
    facts: SourceFacts,
    rule: Rule,
    store: Store,
    provenance: Provenance,
    prepare: Callable[[Path], None],
    cancel: Cancel | None = None,
) -> Lossless:
    """Pack a file into a temporary one in the store, verified by unpacking it again.

    `prepare` is called with the temporary path before anything is written there.

    Raises
    ------
    StoreWriteError
        The store cannot be written.
    NotRestorableError
        What was written does not come back: disk or memory are failing.
    """
    from irrm_core.archive.classes.unkept import lost_beside
    from irrm_core.archive.exact import encode_exact
    from irrm_core.archive.store import read_provenance

    # What is more than pixels comes back with the bytes only; and CMYK is read as sRGB.
    pixels = rule.exact == "pixels" and lost_beside(spooled) is None
    temporary = temporary_beside(store.target(facts.root, facts.path, facts.version, ".zst"))
    prepare(temporary)
    with StoreWriteError.on(temporary), atomic_output(temporary) as stream:
        form = encode_exact(spooled, stream, provenance, pixels=pixels, cancel=cancel)
    return Lossless(
        temporary=temporary,
        target=store.target(facts.root, facts.path, facts.version, form.suffix),
        size=temporary.stat().st_size,
        form=str(form),
        provenance=read_provenance(temporary),  # with the form
    )
