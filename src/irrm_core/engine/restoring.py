"""LR planes back to HR planes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.latent import gaussian_latent
from irrm_core.engine.layout import ArrayLike, Layout, PlaneIndex
from irrm_core.engine.mapping import FullRangeMapping, IntensityMapping, mapping_of
from irrm_core.engine.measure import Digest, digest_difference, digest_tolerance
from irrm_core.engine.passes import NetworkPass
from irrm_core.engine.record import PlaneDone, RestoreRecord
from irrm_core.engine.runtime import Runtime
from irrm_core.engine.sidedata import SideData, check_side_data, hash_pixels
from irrm_core.engine.source import LRSource
from irrm_core.engine.sweep import reported, sweep
from irrm_core.engine.tiling import Tile
from irrm_core.errors import DigestMismatchError, ModelNotFoundError, PixelsChangedError
from irrm_core.progress import Cancel, Progress

SeePlane = Callable[[PlaneIndex, NDArray[Any]], None]


def check_model(runtime: Runtime, record: RestoreRecord) -> None:
    """Raise `ModelNotFoundError` unless the runtime's model is the one that the record names."""
    card = runtime.card
    if card.weights_hash != record.weights_hash:
        raise ModelNotFoundError(
            f"the image was downscaled by {record.model} (weights {record.weights_hash[:12]}), "
            f"not by {card.id} (weights {card.weights_hash[:12]}); "
            "name no model, so that the right one is looked up (Rescaler.for_record), or fetch it"
        )
    if card.scale != record.scale:
        raise PixelsChangedError(
            f"the restore record is damaged: it names x{record.scale} and a model of "
            f"x{card.scale}; take another copy of the LR file"
        )
    colours = Layout(record.lr_axes, record.lr_shape).colours
    if card.channels != colours:
        raise PixelsChangedError(
            f"the restore record is damaged: its LR has {colours} colour samples and that of "
            f"{card.id} has {card.channels}; take another copy of the LR file"
        )


def check_pixels(lr: ArrayLike, record: RestoreRecord, *, check: bool) -> None:
    """Raise `PixelsChangedError` unless these are the LR pixels of the record.

    Shape and dtype always count; the hash only with `check`. Nothing is allocated before:
    a restoration is at most scale² times as large as an LR that is really there.
    """
    shape, dtype = tuple(lr.shape), np.dtype(lr.dtype).name
    if shape != record.lr_shape or dtype != record.lr_dtype:
        raise PixelsChangedError(
            f"the LR is {dtype} of shape {shape}, the record is of {record.lr_dtype} of shape "
            f"{record.lr_shape}; the file was edited or converted: find the unedited file"
        )
    if check and hash_pixels(lr) != record.lr_hash:
        raise PixelsChangedError(
            "the LR pixels are not those that were written: the file was edited or "
            "recompressed; find the unedited file"
        )


def check_digest(digest: Digest, record: RestoreRecord) -> None:
    """Raise `DigestMismatchError` if a restoration has other block means than the record's."""
    if not record.digest:
        return
    difference = digest_difference(digest.to_bytes(), record.digest)
    if difference > digest_tolerance(record):
        raise DigestMismatchError(
            f"the restoration is not the one that was measured when {record.model} downscaled "
            f"the image (block means differ by {difference:.2g} of the range); try device='cpu' "
            "and precision='fp32', or take another copy of the file and the model"
        )


def restore(
    runtime: Runtime,
    lr: ArrayLike,
    record: RestoreRecord,
    side_data: SideData,
    *,
    out: Any,
    see: SeePlane | None = None,
    what: str = "restore",
    first: int = 0,
    plane_done: PlaneDone | None = None,
    progress: Progress,
    cancel: Cancel,
) -> Digest:
    """Restore the planes of an LR whose pixels and model were checked.

    Parameters
    ----------
    out : array or None
        Takes the restoration; without it planes are only shown to `see`.
    see : callable, optional
        Called with each restored plane, (H, W, S), before pixels kept exactly are put in.
    first : int
        Number of the plane to begin with.
    plane_done : callable, optional
        Called after each plane, when it is in `out`.

    Returns
    -------
    Digest
        Of the restoration.
    """
    layout = Layout(record.axes, record.hr_shape)
    alpha, exact = check_side_data(record, layout, side_data)
    lr_layout = Layout(record.lr_axes, record.lr_shape)
    card = runtime.card
    rows, columns = runtime.paddings(layout)
    grid = runtime.grid(layout, card.halo.restore)
    network = runtime.network_pass(8 if record.dtype == "uint8" else 16)
    digest = Digest(layout)
    side = runtime.side
    steps = len(grid.plan(side))
    with reported(progress, what, layout.plane_count * steps):
        for plane, lr_plane in zip(layout.planes(first), lr_layout.planes(first), strict=True):
            source = LRSource(
                lr_layout.read(lr, lr_plane)[..., : card.channels],
                rows.lr_rows(),
                columns.lr_rows(),
            )
            pixels = (
                np.empty(layout.plane_shape, record.dtype)
                if out is None
                else layout.target(out, plane)
            )
            mapping = mapping_of(record.mappings, plane.channel)
            step = _Step(
                network, source, pixels[..., : layout.colours], mapping, record, plane.number
            )
            side = sweep(grid, side, step, steps=steps, progress=progress, cancel=cancel)
            digest.add(plane.number, pixels[..., : layout.colours], mapping)
            if see is not None:
                see(plane, pixels)
            if exact is not None:
                exact.put_into(pixels, plane.number)
            if layout.has_alpha:
                pixels[..., -1] = record.alpha if alpha is None else alpha[plane.number]
            if out is not None:
                layout.store(out, plane, pixels)
            if plane_done is not None:
                plane_done(plane, record)
    return digest


@dataclass(frozen=True)
class _Step:
    """One tile from LR to HR."""

    network: NetworkPass
    source: LRSource
    target: NDArray[Any]
    mapping: IntensityMapping | FullRangeMapping
    record: RestoreRecord
    plane: int

    def __call__(self, tile: Tile) -> None:
        scale = self.record.scale
        lr = self.source.window(tile.outer_rows.scaled(1), tile.outer_columns.scaled(1))
        latent = None
        if self.record.latent_std:
            latent = gaussian_latent(
                tile.outer_rows,
                tile.outer_columns,
                lr.shape[2] * (scale**2 - 1),
                std=self.record.latent_std,
                seed=self.record.seed,
                plane=self.plane,
            )
        hr = self.network.restore(lr, latent)
        core = hr[
            tile.rows.within(tile.outer_rows, scale), tile.columns.within(tile.outer_columns, scale)
        ]
        place = self.target[tile.rows.scaled(scale), tile.columns.scaled(scale)]
        core = core[: place.shape[0], : place.shape[1]]
        if self.record.tripled:
            core = core.mean(axis=2, keepdims=True)
        place[...] = self.mapping.from_unit(core, place.dtype)
