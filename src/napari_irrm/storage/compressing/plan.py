"""What is to be made of a folder: pure, but for the look whether the two folders may be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from irrm_core.archive.classes import Rule
from irrm_core.errors import UsageError
from napari_irrm.storage.browser import is_store
from napari_irrm.storage.to_folder import watched_above
from napari_irrm.storage.words import printable

SAMPLE = 8
"""Images that are tried before a folder is compressed, unless somebody asks for more."""


def output_of(folder: Path) -> Path:
    """Return where LR files of a folder go unless another place is named: beside it."""
    # Nothing lies beside a whole disk.
    return folder.with_name(f"{folder.name} LR") if folder.name else folder / "LR"


@dataclass(frozen=True)
class CompressPlan:
    """A folder of images, and how their LR files are made.

    Attributes
    ----------
    folder : Path
        The images, in all folders below; they are only read.
    output : Path
        The same tree of LR files; made when there is something to put into it.
    rule : Rule
        Model, floors, and the saving that is asked for.
    sample : int or None
        How many images a dry run tries, spread over all folders; None for all.
    """

    folder: Path
    output: Path
    rule: Rule = field(default_factory=Rule)
    sample: int | None = SAMPLE

    def target_folder(self, source: Path) -> Path:
        """Return the folder that the LR file of an image goes into."""
        return self.output / source.relative_to(self.folder).parent

    def check(self) -> None:
        """Raise `UsageError` if one of the two folders is none to use."""
        if not self.folder.is_dir():
            raise UsageError(f"{printable(self.folder)}: is no folder; choose one with images")
        if self.output.exists() and not self.output.is_dir():
            raise UsageError(f"{printable(self.output)}: is a file; choose a folder for LR files")
        real, out = self.folder.resolve(), self.output.resolve()
        if out == real:
            raise UsageError(
                f"{printable(self.output)}: LR files need a folder of their own; choose another"
            )
        if real.is_relative_to(out):
            raise UsageError(
                f"{printable(self.output)}: the images lie in it; choose a folder beside them"
            )
        for place in (real, out):
            store = next((above for above in (place, *place.parents) if is_store(above)), None)
            if store is not None:
                raise UsageError(
                    f"{printable(place)}: lies in the store {printable(store)}, which only the "
                    "watcher changes; choose another folder"
                )
        watched = watched_above(out)
        if watched is not None:
            raise UsageError(
                f"{printable(self.output)}: lies in the watched folder {printable(watched)}, which "
                "would take LR files for new ones; choose a folder outside"
            )
