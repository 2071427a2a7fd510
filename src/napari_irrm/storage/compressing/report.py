"""What became of the images of a folder, or would."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_irrm.storage.words import printable, saved_text, sizes_text
from napari_irrm.words import count_text, psnr_text, size_text

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = ("file", "outcome", "bytes", "lr_bytes", "psnr", "ssim", "max_error", "bias", "reason")


class Outcome(StrEnum):
    """What became of one image.

    ``lr``: its LR file was written, or would be. ``there``: it was written before. ``stays``: it
    has none, for the reason that is given.
    """

    lr = "lr"
    there = "there"
    stays = "stays"


@dataclass(frozen=True)
class FileOutcome:
    """One image.

    Attributes
    ----------
    path : Path
        Relative to the folder.
    outcome : Outcome
        What became of it.
    size : int
        Its bytes.
    lr_size : int or None
        Bytes of its LR file, also of one that did not pass.
    measured : mapping of str to float
        What the gate measured, of the worst channel: psnr in dB, ssim, and max_error and bias in
        parts of the peak.
    reason : str
        Why it stays.
    """

    path: Path
    outcome: Outcome
    size: int
    lr_size: int | None
    measured: dict[str, float]
    reason: str = ""

    @property
    def taken(self) -> int:
        """Bytes that keep the image: those of its LR file, or its own if it stays."""
        return self.size if self.lr_size is None or self.outcome == Outcome.stays else self.lr_size

    @property
    def facts(self) -> str:
        """What became of it, in one line."""
        if self.outcome == Outcome.stays:
            told = [f"stays · {size_text(self.size)}"]
        else:
            told = [f"LR · {sizes_text(self.size, self.taken)}"]
        if "psnr" in self.measured:
            told.append(psnr_text(self.measured["psnr"]))
        if self.outcome == Outcome.there:
            told.append("there already")
        return " · ".join(told)

    @property
    def details(self) -> str:
        """All that is known of it, in lines."""
        lines = [printable(self.path), self.facts]
        if self.outcome != Outcome.stays:
            lines[1] += f" · {saved_text(self.size, self.taken)}"
        names = {"ssim": "SSIM", "max_error": "largest error", "bias": "bias"}
        told = [f"{names[n]} {value:.4g}" for n, value in self.measured.items() if n in names]
        return "\n".join(line for line in (*lines, ", ".join(told), self.reason) if line)


@dataclass(frozen=True)
class CompressReport:
    """All images that were looked at.

    Attributes
    ----------
    output : Path
        Folder of the LR files.
    dry : bool
        Whether nothing was written.
    found, found_size : int
        Images in the folder, and their bytes; a dry run may try a part of them.
    others : int
        Files that are not called like images.
    files : tuple of FileOutcome
        Those that were looked at, by name.
    """

    output: Path
    dry: bool
    found: int
    found_size: int
    others: int
    files: tuple[FileOutcome, ...]

    @property
    def size(self) -> int:
        """Bytes of the images that were looked at."""
        return sum(file.size for file in self.files)

    @property
    def taken(self) -> int:
        """Bytes that keep them: of LR files, and of images that stay."""
        return sum(file.taken for file in self.files)

    def count(self, outcome: Outcome) -> int:
        """Return how many images came to this."""
        return sum(file.outcome == outcome for file in self.files)

    def __str__(self) -> str:
        lr, there = self.count(Outcome.lr), self.count(Outcome.there)
        stays = self.count(Outcome.stays)
        would = "would become" if self.dry else "became"
        said = [f"{lr:,} {would} LR files, {stays:,} {'would stay' if self.dry else 'stay'}"]
        if there:
            said.append(f"{there:,} were there already")
        told = f"{self._looked_at}: {', '.join(said)}. {self._sizes}"
        if self.others:
            verb = "is" if self.others == 1 else "are"
            told += f" {count_text(self.others, 'other file')} {verb} left alone."
        return told if self.dry else f"{told} Originals are as they were."

    def to_csv(self) -> str:
        """Return a table with a line for each image."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for file in self.files:
            measured = [file.measured.get(name, "") for name in _COLUMNS[4:8]]
            lr_size = "" if file.lr_size is None else file.lr_size
            writer.writerow(
                [printable(file.path), file.outcome, file.size, lr_size, *measured, file.reason]
            )
        return out.getvalue()

    @property
    def _looked_at(self) -> str:
        looked = len(self.files)
        if looked == self.found:
            return f"All {looked:,} images" if looked != 1 else "The image"
        return f"{looked:,} of {self.found:,} images tried"

    @property
    def _sizes(self) -> str:
        saved = saved_text(self.size, self.taken)
        told = f"{size_text(self.size)} take {size_text(self.taken)} ({saved})."
        if len(self.files) == self.found or not self.size:
            return told
        whole = self.found_size * self.taken / self.size
        return f"{told} All {size_text(self.found_size)} would take about {size_text(whole)}."
