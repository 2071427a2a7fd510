"""Figures that others published, from ``published.toml`` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("published.toml")

_SETS = {
    "bsd100": "BSD100",
    "bsds100": "BSD100",
    "b100": "BSD100",
    "div2kvalidhr": "DIV2K",
    "div2kval": "DIV2K",
}
"""Other names of the sets, without punctuation."""


@dataclass(frozen=True)
class Published:
    """A method, and what was published of it; nothing of it is measured here.

    Attributes
    ----------
    method : str
        Its name.
    scale : int
        Linear factor.
    parameters : int or None
        As published; None for interpolation.
    multiply_adds : int or None
        Per HR pixel, one direction: counted here, on the network as `build` makes it.
    source : str
        Where it was published.
    figures : mapping of str to tuple of float
        By set, PSNR-Y in dB and SSIM-Y of the restored images.
    """

    method: str
    scale: int
    parameters: int | None
    multiply_adds: int | None
    source: str
    figures: Mapping[str, tuple[float, float]]

    def on(self, folder: str) -> tuple[float, float] | None:
        """Return PSNR-Y and SSIM-Y on the set that a folder is called like, if published."""
        plain = "".join(c for c in folder.lower() if c.isalnum())
        known = {name.lower(): name for name in self.figures}
        return self.figures.get(_SETS.get(plain, known.get(plain, "")))


@cache
def published() -> tuple[Published, ...]:
    """Return all that is known, in the order of the file."""
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    sources: dict[str, str] = document["sources"]
    about = {"method", "scale", "parameters", "multiply_adds", "source"}
    return tuple(
        Published(
            method=row["method"],
            scale=row["scale"],
            parameters=row.get("parameters"),
            multiply_adds=row.get("multiply_adds"),
            source=sources[row["source"]],
            figures={name: (v[0], v[1]) for name, v in row.items() if name not in about},
        )
        for row in document["rows"]
    )
