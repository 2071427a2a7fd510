"""The record of a layer that another reader opened from an LR file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.engine import RestoreRecord, hash_pixels
from irrm_core.errors import IrrmError
from napari_irrm.layers import Provenance, level_zero, refusal

if TYPE_CHECKING:
    from napari.layers import Layer


def recover(layer: Layer) -> Provenance | None:
    """Return what restores a layer, from the file that it was opened from; None if nothing does.

    The file is opened anew. A layer whose shape or dtype are no longer those of the record, such
    as a part cut out of it, has none, nor has one whose colours are shown as a stack. The pixels
    are not compared here: restoring does it first of all, and tells.

    Readers drop axes of length 1. The record that is returned is of the layer as it is.
    """
    path = layer.source.path
    if path is None or refusal(layer) is not None or not Path(path).is_file():
        return None
    from napari_irrm.files.opened import provenance_in

    try:
        provenance = provenance_in(Path(path))
    except IrrmError:  # no LR file, or one that cannot be restored
        return None
    data = level_zero(layer)
    if layer.rgb != ("S" in provenance.record.lr_axes):
        return None  # napari takes colours of less than 30 pixels for a stack
    record = _fitted(provenance.record, data)
    return None if record is None else replace(provenance, record=record)


def _fitted(record: RestoreRecord, data: Any) -> RestoreRecord | None:
    """Return the record of the same LR without the axes of length 1 that `data` lacks."""
    shape = tuple(int(size) for size in data.shape)
    if np.dtype(data.dtype) != np.dtype(record.lr_dtype):
        return None
    if shape == record.lr_shape:
        return record
    kept = [at for at, n in enumerate(record.hr_shape) if n > 1 or record.axes[at] in "YXS"]
    squeezed = replace(
        record,
        axes="".join(record.axes[at] for at in kept),
        hr_shape=tuple(record.hr_shape[at] for at in kept),
    )
    if shape != squeezed.lr_shape:
        return None
    pixels = np.asarray(data)
    # The hash is of pixels and shape: that of another shape can only be made of the same pixels.
    if hash_pixels(pixels.reshape(record.lr_shape)) != record.lr_hash:
        return None
    return replace(squeezed, lr_hash=hash_pixels(pixels))
