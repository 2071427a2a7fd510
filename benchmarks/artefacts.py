"""Artefacts on folders of pictures: ``python -m benchmarks.artefacts FOLDER... --model MODEL...``.

Counts what `irrm_core.metrics.artefacts` finds in restored and LR pictures of 8 bits, beside what
bicubic interpolation leaves, and names the picture that suffers most. Prints Markdown.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irrm_core import Rescaler, read_image
from irrm_core.archive import is_image_name
from irrm_core.metrics import bicubic_lr, bicubic_roundtrip, modcrop
from irrm_core.metrics.artefacts import Artefacts, artefacts

FIGURES = "dots", "ringing", "noise", "tint", "grid", "clipped"


@dataclass(frozen=True)
class Found:
    """What was found in one picture: restored, by bicubic, and in the LR against bicubic's."""

    name: str
    restored: Artefacts
    bicubic: Artefacts
    lr: Artefacts


def look(path: Path, rescaler: Rescaler) -> Found | str:
    """Return what is found in a picture, or why it cannot be looked at."""
    image, info = read_image(path)
    card = rescaler.model.card
    if image.dtype != np.uint8 or info.axes not in ("YX", "YXS"):
        return f"{path.name}: is no picture of 8 bits"
    if image.ndim == 2 and card.channels == 3:
        image = np.repeat(image[:, :, None], 3, axis=2)
    if image.shape[2:] != (3,) * (card.channels == 3):
        return f"{path.name}: has not the {card.channels} channels of {card.id}"
    hr: NDArray[np.uint8] = modcrop(image, card.scale).astype(np.uint8)
    trip = rescaler.roundtrip(hr, axes=info.axes if card.channels == 1 else "YXS")
    return Found(
        path.name,
        artefacts(hr, trip.restored, period=card.scale),
        artefacts(hr, bicubic_roundtrip(hr, card.scale), period=card.scale),
        artefacts(bicubic_lr(hr, card.scale), trip.downscaled.image),
    )


def row(model: str, folder: str, what: str, found: list[tuple[str, Artefacts]]) -> str:
    """Return a line of the table: means, the largest, and whose it is."""
    cells = []
    for figure in FIGURES:
        factor = 100 if figure == "clipped" else 1
        values = [(factor * float(getattr(artefact, figure)), name) for name, artefact in found]
        worst, name = max(values)
        mean = sum(value for value, _ in values) / len(values)
        cells.append(f"{mean:.2f}; {worst:.1f} {Path(name).stem}" if worst else "0")
    shift = [max(map(abs, artefact.shift)) for _, artefact in found]
    cells.append(f"{sum(shift) / len(shift):.2f}; {max(shift):.2f}")
    return f"| {model} | {folder} | {what} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", action="append", required=True, help="may be repeated")
    given = parser.parse_args()
    print("Mean over the pictures; the largest, and in which picture. Clipped in %.\n")
    head = ["model", "folder", "picture", *FIGURES, "shift"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    left_out: dict[str, None] = {}
    for model in given.model:
        rescaler = Rescaler(model, precision="fp32")
        for folder in given.folders:
            paths = sorted(path for path in folder.iterdir() if is_image_name(path))
            looked = [look(path, rescaler) for path in paths]
            left_out |= {reason: None for reason in looked if isinstance(reason, str)}
            all_found = [found for found in looked if isinstance(found, Found)]
            for what in ("restored", "bicubic", "lr") if all_found else ():
                pairs = [(found.name, getattr(found, what)) for found in all_found]
                print(row(rescaler.model.card.id, folder.name, what, pairs), flush=True)
    for reason in left_out:
        print(f"\nLeft out: {reason}")


if __name__ == "__main__":
    main()
