"""HR planes to LR planes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.alpha import block_means, constant, read_alpha
from irrm_core.engine.layout import ArrayLike, Layout
from irrm_core.engine.mapping import mapping_of
from irrm_core.engine.passes import NetworkPass
from irrm_core.engine.record import DTYPES, PlaneDone, RestoreRecord
from irrm_core.engine.runtime import Runtime
from irrm_core.engine.scan import NonFinite, scan
from irrm_core.engine.sidedata import SideData, exact_pixels, hash_pixels, hash_side_data
from irrm_core.engine.source import HRSource, quantised
from irrm_core.engine.sweep import reported, sweep
from irrm_core.engine.tiling import Tile
from irrm_core.errors import UsageError
from irrm_core.progress import Cancel, Progress


@dataclass(frozen=True)
class Downscaled:
    """An LR image with all that restores it.

    Attributes
    ----------
    image : ndarray
        The LR, uint8 for uint8 originals, else uint16. Axes as the original's, plus a last
        one of RGB samples where an RGB model downscaled single-channel planes. Alpha is the
        mean over each block.
    record : RestoreRecord
        How to restore it.
    side_data : mapping of str to ndarray
        What the LR cannot hold: an alpha plane, outliers, NaN. Empty for most images.
    """

    image: NDArray[Any]
    record: RestoreRecord
    side_data: SideData = field(default_factory=dict)


def downscale(
    runtime: Runtime,
    image: ArrayLike,
    *,
    axes: str | None,
    seed: int,
    nonfinite: NonFinite,
    progress: Progress,
    cancel: Cancel,
    out: Any,
    first: int = 0,
    plane_done: PlaneDone | None = None,
) -> Downscaled:
    """Downscale an image; see `Rescaler.downscale`."""
    layout = Layout.of(tuple(image.shape), axes)
    dtype = np.dtype(image.dtype).name
    if dtype not in DTYPES:
        raise UsageError(
            f"{dtype} images cannot be rescaled; convert to one of {', '.join(DTYPES)}"
        )
    if not 0 <= seed < 2**64:
        raise UsageError(f"seed {seed} is not in 0 to 2**64 - 1")
    if nonfinite not in ("error", "fill"):
        raise UsageError(f"nonfinite={nonfinite!r} is unknown; choose 'error' or 'fill'")
    card = runtime.card
    record = RestoreRecord(
        model=card.id,
        weights_hash=card.weights_hash,
        scale=card.scale,
        hr_shape=layout.shape,
        axes=layout.axes,
        dtype=dtype,
        lr_hash="",
        tripled=runtime.tripled(layout),
        latent_std=card.latent.std if card.latent.kind == "gaussian" else 0.0,
        seed=seed if card.latent.kind == "gaussian" else 0,
    )
    side_data: dict[str, NDArray[Any]] = {}
    if dtype != "uint8":
        found = scan(image, layout, nonfinite, cancel)
        record = replace(record, mappings=found.mappings)
        side_data |= exact_pixels(found.positions, found.values)
    if layout.has_alpha:
        alpha = read_alpha(image, layout)
        record = replace(record, alpha=constant(alpha))
        if record.alpha is None:
            side_data["alpha"] = alpha
    lr = prepare_out(out, record.lr_shape, record.lr_dtype)
    _downscale_planes(runtime, image, layout, record, lr, progress, cancel, first, plane_done)
    record = replace(
        record,
        lr_hash=hash_pixels(lr),
        side_hash=hash_side_data(side_data) if side_data else None,
    )
    return Downscaled(lr, record, side_data)


def _downscale_planes(
    runtime: Runtime,
    image: ArrayLike,
    layout: Layout,
    record: RestoreRecord,
    lr: Any,
    progress: Progress,
    cancel: Cancel,
    first: int,
    plane_done: PlaneDone | None,
) -> None:
    card = runtime.card
    lr_layout = Layout(record.lr_axes, record.lr_shape)
    rows, columns = runtime.paddings(layout)
    grid = runtime.grid(layout, card.halo.downscale)
    network = runtime.network_pass(8 if record.dtype == "uint8" else 16)
    side = runtime.side
    steps = len(grid.plan(side))
    with reported(progress, "downscale", layout.plane_count * steps):
        for plane, lr_plane in zip(layout.planes(first), lr_layout.planes(first), strict=True):
            pixels = layout.read(image, plane)
            target = lr_layout.target(lr, lr_plane)
            source = HRSource(
                pixels[..., : layout.colours],
                mapping_of(record.mappings, plane.channel),
                rows.hr_rows(),
                columns.hr_rows(),
                card.channels,
            )
            step = _Step(network, source, target[..., : card.channels], card.scale)
            side = sweep(grid, side, step, steps=steps, progress=progress, cancel=cancel)
            if layout.has_alpha:
                target[..., -1] = block_means(pixels[..., -1], rows, columns, target.dtype)
            lr_layout.store(lr, lr_plane, target)
            if plane_done is not None:
                plane_done(plane, record)


@dataclass(frozen=True)
class _Step:
    """One tile from HR to LR."""

    network: NetworkPass
    source: HRSource
    target: NDArray[Any]
    scale: int

    def __call__(self, tile: Tile) -> None:
        hr = self.source.window(
            tile.outer_rows.scaled(self.scale), tile.outer_columns.scaled(self.scale)
        )
        lr = self.network.downscale(hr)
        core = lr[tile.rows.within(tile.outer_rows), tile.columns.within(tile.outer_columns)]
        # The last tiles may reach into the padding, which is cut off.
        place = self.target[tile.rows.scaled(1), tile.columns.scaled(1)]
        place[...] = quantised(core[: place.shape[0], : place.shape[1]], place.dtype)


def prepare_out(out: Any, shape: tuple[int, ...], dtype: str) -> Any:
    """Return the caller's array if it fits, or a new one."""
    if out is None:
        return np.empty(shape, dtype)
    if tuple(out.shape) != shape or np.dtype(out.dtype) != np.dtype(dtype):
        raise UsageError(
            f"out is {out.dtype} of shape {tuple(out.shape)}; "
            f"the result is {dtype} of shape {shape}"
        )
    return out
