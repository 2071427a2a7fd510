"""napari's writer of LR files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.errors import NotRestorableError
from napari_irrm.files.errors import LayerNotSavedError

if TYPE_CHECKING:
    from irrm_core.engine import RestoreRecord
    from irrm_core.imagefile import SourceMetadata
    from napari_irrm.layers import Provenance

_FORMATS = {".png": "png", ".tif": "tiff", ".tiff": "tiff", ".webp": "webp"}


def write_lr(path: str, data: Any, meta: dict[str, Any]) -> list[str]:
    """Write an LR layer as a file that restores; return the path written.

    Stacks and layers with a physical pixel size become OME-TIFF. The file appears when it is
    complete. A file of exactly this name is replaced, as napari's own writers do (its dialog
    has asked); a name that does not end like an LR file's is completed, and then nothing is
    replaced.

    Parameters
    ----------
    path : str
        Ends in ``.png``, ``.tif``, ``.tiff`` or ``.webp``; to others ``.irrm.png`` or
        ``.irrm.tif`` is added.
    data : array or list of array
        Of the layer; of a multiscale one the first level is written.
    meta : dict
        As napari gives it: ``metadata``, ``scale``, ``units``, ``name``.

    Raises
    ------
    LayerNotSavedError
        The layer is no LR that can be restored, it was edited since it was made, or the format
        cannot hold it.
    OutputExistsError
        A completed name is taken.
    ImageFileError
        The file system refused.
    """
    from irrm_core.archive.envelope import pack_side_data
    from irrm_core.archive.lrfile import lr_envelope
    from irrm_core.imagefile import write_image
    from napari_irrm.layers import Provenance
    from napari_irrm.layers.provenance import KEY

    name = str(meta.get("name", "the layer"))
    packed = (meta.get("metadata") or {}).get(KEY)
    try:
        provenance = None if packed is None else Provenance.from_metadata(packed)
    except NotRestorableError as error:
        raise LayerNotSavedError(f"Layer '{name}': {error}") from error
    if provenance is None or provenance.kind != "lr":
        raise LayerNotSavedError(
            f"Layer '{name}' carries no restore record, so that it cannot become an LR file; "
            "downscale its original and save that, or save this layer as an ordinary image"
        )
    record = provenance.record
    pixels = _pixels(name, data[0] if meta.get("multiscale") else data, record)
    metadata = _metadata(meta, record)
    target, format, complete = _target(Path(path), record, metadata)
    write_image(
        target,
        pixels,
        axes=record.lr_axes,
        metadata=metadata,
        overwrite=complete,
        format=format,
        record=lr_envelope(
            record, pack_side_data(provenance.side_data), _shown(meta, provenance)
        ).to_bytes(),
    )
    return [str(target)]


def _pixels(name: str, data: Any, record: RestoreRecord) -> Any:
    """Return the pixels in the shape of the record; the layer's has more axes if it was merged."""
    from math import prod

    from irrm_core.engine import hash_pixels

    fits = prod(data.shape) == prod(record.lr_shape)
    pixels = data.reshape(record.lr_shape) if fits else data
    if not fits or hash_pixels(pixels) != record.lr_hash:
        raise LayerNotSavedError(
            f"Layer '{name}' is no longer the LR that was made: its pixels were edited, and it "
            "would not restore; downscale the original again"
        )
    return pixels


def _shown(meta: dict[str, Any], provenance: Provenance) -> dict[str, Any]:
    """Return the contrast that the restoration is to have, for it to look as the layer does."""
    from napari_irrm.files.contrast import SHOWN
    from napari_irrm.layers.contrast import restored_limits

    record, limits = provenance.record, meta.get("contrast_limits")
    if "S" in record.lr_axes or limits is None:
        return {}
    if len(set(record.mappings)) < 2:
        shown: tuple[float, float] | None = restored_limits((limits[0], limits[1]), record)
    else:
        # Channels on scales of their own: what one pair of limits of the LR means is not known.
        shown = provenance.display.contrast_limits
    return {} if shown is None else {SHOWN: [float(f"{limit:.6g}") for limit in shown]}


def _metadata(meta: dict[str, Any], record: RestoreRecord) -> SourceMetadata:
    from irrm_core.imagefile import SourceMetadata
    from napari_irrm.files.calibration import interval, pixel_size

    scale, units = meta.get("scale"), meta.get("units")
    if scale is None or units is None:
        return SourceMetadata()
    seconds = interval(scale, units, record.lr_axes)
    return SourceMetadata(
        pixel_size=pixel_size(scale, units, record.lr_axes),
        imagej=None if seconds is None else {"finterval": seconds},
    )


def _target(path: Path, record: RestoreRecord, metadata: SourceMetadata) -> tuple[Path, str, bool]:
    """Return the file, its format, and whether it is called exactly as was asked for."""
    from irrm_core.archive import lr_name

    picture = record.lr_dtype == "uint8" and record.lr_axes in ("YX", "YXS")
    format = _FORMATS.get(path.suffix.lower())
    complete = format is not None
    if format is None:
        format = "png" if picture and not metadata.scientific else "tiff"
        path = path.with_name(lr_name(path.name, ".png" if format == "png" else ".tif"))
    if format != "tiff" and not picture:
        raise LayerNotSavedError(
            f"{path}: this LR has 16 bits or more than one plane, which only TIFF holds here; "
            "end the name in .irrm.tif"
        )
    if format != "tiff" and metadata.scientific:
        raise LayerNotSavedError(
            f"{path}: this layer has a physical pixel size, which only TIFF holds here; "
            "end the name in .irrm.tif"
        )
    if format == "tiff" and (metadata.scientific or record.lr_axes not in ("YX", "YXS")):
        format = "ome-tiff"
    return path, format, complete
