"""The named sizes of IRRM, so that recipes and tables mean the same networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Blocks of each Residual Downscaling Module. S, M and L at x4, 32 wide, keep the paper's ratios to
# IRN: M a quarter of parameters and multiply-adds, L 60 % and 50 %. At x8 the same holds; at x2,
# with one module, both ratios are tied and the parameters decide. `fast` stays under 0.085 M
# multiply-adds per HR pixel; at x2 that takes blocks one Haar level deeper. Fewer blocks, 48 wide,
# learn more in the same time than more blocks, 32 wide (benchmarks/training.md).
_SIZES: Mapping[str, Mapping[int, Mapping[str, Any]]] = {
    "fast": {
        2: {"blocks": (1,), "width": 48, "deeper_blocks": 4},
        4: {"blocks": (1, 4), "width": 48},
        8: {"blocks": (1, 2, 3), "width": 48},
    },
    "S": {
        2: {"blocks": (4,), "width": 32},
        4: {"blocks": (4, 4), "width": 32},
        8: {"blocks": (4, 4, 4), "width": 32},
    },
    "M": {
        2: {"blocks": (6,), "width": 32},
        4: {"blocks": (6, 7), "width": 32},
        8: {"blocks": (6, 7, 8), "width": 32},
    },
    "L": {
        2: {"blocks": (15,), "width": 32},
        4: {"blocks": (10, 20), "width": 32},
        8: {"blocks": (10, 20, 18), "width": 32},
    },
}

SIZES: tuple[str, ...] = tuple(_SIZES)
SCALES: tuple[int, ...] = (2, 4, 8)


def size_parameters(size: str, scale: int, channels: int = 3) -> dict[str, Any]:
    """Return the keyword arguments of `IRRM` for a named size.

    Parameters
    ----------
    size : str
        ``"fast"``, ``"S"``, ``"M"`` or ``"L"``.
    scale : int
        2, 4 or 8.
    channels : int
        3 for RGB, 1 for single-channel images.

    Raises
    ------
    ValueError
        There is no such size or scale.
    """
    if size not in _SIZES or scale not in _SIZES[size]:
        raise ValueError(f"no IRRM {size!r} at x{scale}; there are fast, S, M, L at x2, x4, x8")
    chosen = _SIZES[size][scale]
    return {"scale": scale, "channels": channels, **chosen, "blocks": list(chosen["blocks"])}
