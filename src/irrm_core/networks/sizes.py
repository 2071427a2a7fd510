"""The named sizes of IRRM, so that recipes and tables mean the same networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Blocks of each Residual Downscaling Module, width 32. S, M and L at x4 keep the paper's
# ratios to IRN: M a quarter of parameters and multiply-adds, L 60 % and 50 %. At x8 the same
# holds; at x2, with one module, both ratios are tied and the parameters decide. `fast` stays
# under 0.07 M multiply-adds per HR pixel; at x2 that takes blocks one Haar level deeper.
_BLOCKS: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "fast": {2: (1,), 4: (2, 6), 8: (2, 4, 3)},
    "S": {2: (4,), 4: (4, 4), 8: (4, 4, 4)},
    "M": {2: (6,), 4: (6, 7), 8: (6, 7, 8)},
    "L": {2: (15,), 4: (10, 20), 8: (10, 20, 18)},
}
_DEEPER_BLOCKS = {("fast", 2): 8}
_WIDTH = 32

SIZES: tuple[str, ...] = tuple(_BLOCKS)
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
    if size not in _BLOCKS or scale not in _BLOCKS[size]:
        raise ValueError(f"no IRRM {size!r} at x{scale}; there are fast, S, M, L at x2, x4, x8")
    parameters = {
        "scale": scale,
        "blocks": list(_BLOCKS[size][scale]),
        "channels": channels,
        "width": _WIDTH,
    }
    if (size, scale) in _DEEPER_BLOCKS:
        parameters["deeper_blocks"] = _DEEPER_BLOCKS[size, scale]
    return parameters
