"""The pictures of the HTML page: crops of original, LR, restored, difference and AVIF."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from irrm_core.archive.assess.crops import GAIN
from irrm_core.archive.assess.markup import element, text
from irrm_core.archive.assess.tables import relative
from irrm_core.archive.assess.words import bytes_in_words, decibels_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from irrm_core.archive.assess.crops import Crop, CropRow
    from irrm_core.archive.assess.values import FileAssessment, Trial


def gallery(files: Sequence[FileAssessment], folder: Path) -> str:
    """Return the pictures of those files that have any."""
    note = (
        "The part of each picture that has most detail, pixel for pixel; the LR is enlarged to "
        f"the same size, differences are amplified {GAIN} times."
    )
    parts = [element("p", text(note), cls="quiet")]
    for file in files:
        if file.crops:
            parts.append(element("h3", text(str(relative(file.path, folder)))))
            pairs = zip(file.trials, file.crops, strict=True)
            parts += [
                element("div", "\n".join(_figures(file, trial, crops)), cls="crops")
                for trial, crops in pairs
            ]
    return "\n".join(parts)


def _figures(file: FileAssessment, trial: Trial, crops: CropRow) -> Iterator[str]:
    psnr = decibels_in_words(trial.quality.psnr)
    yield _figure(crops.original, "Original", bytes_in_words(file.size))
    yield _figure(
        crops.lr, "LR file", f"{trial.model}, {bytes_in_words(trial.size)}", cls="lr-picture"
    )
    yield _figure(crops.restored, "Restored", f"{psnr} dB")
    yield _figure(crops.difference, "Difference", f"amplified {GAIN} times")
    same = trial.at_size
    if crops.equal is not None and same is not None and same.size and same.quality:
        reached = decibels_in_words(same.quality.psnr)
        yield _figure(
            crops.equal,
            "AVIF of the same bytes" if same.size <= trial.size else "AVIF at its smallest",
            f"{bytes_in_words(same.size)}, {reached} dB",
        )


def _figure(crop: Crop, title: str, words: str, *, cls: str = "") -> str:
    data = base64.b64encode(crop.webp).decode("ascii")
    named = f' class="{cls}"' if cls else ""
    return (
        f'<figure><img{named} src="data:image/webp;base64,{data}" width="{crop.width}" '
        f'height="{crop.height}" alt="{text(title)}: {text(words)}" loading="lazy">'
        f"<figcaption><b>{text(title)}</b>{text(words)}</figcaption></figure>"
    )
