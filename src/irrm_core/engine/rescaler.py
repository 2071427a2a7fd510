"""The rescaler: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.device import DeviceChoice, choose_device, set_threads
from irrm_core.engine.downscaling import Downscaled, downscale, prepare_out
from irrm_core.engine.layout import ArrayLike, Layout, PlaneIndex
from irrm_core.engine.mapping import mapping_of
from irrm_core.engine.measure import Error
from irrm_core.engine.record import PlaneDone, RestoreRecord
from irrm_core.engine.restoring import check_digest, check_model, check_pixels, restore
from irrm_core.engine.runtime import TILE, Runtime
from irrm_core.engine.scan import NonFinite
from irrm_core.engine.sidedata import SideData
from irrm_core.errors import NoRecordError, UsageError
from irrm_core.networks import fuse
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.zoo import Model, load_model


@dataclass(frozen=True)
class Roundtrip:
    """An image downscaled and restored again.

    Attributes
    ----------
    restored : ndarray
        Shape and dtype of the original.
    downscaled : Downscaled
        Its record has the digest and the measured quality.
    """

    restored: NDArray[Any]
    downscaled: Downscaled


class Rescaler:
    """Downscales images with a model and restores them.

    Parameters
    ----------
    model : str, Path or Model
        A name, id, weights hash or path as `load_model` takes it, or a loaded model, which
        is left as it is.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.
    precision : str
        ``"fp32"``, or ``"auto"``: for 8-bit images the subnets compute in bfloat16 where
        the device does so natively. 16-bit images are always computed in fp32.
    tile : int, optional
        Side in HR pixels of the tiles that planes are cut into; no seam shows. Smaller
        ones take less memory and more time. Between two sizes under 0.5 %
        of the values differ, by one level; in bfloat16 more do: some 6 % with our models, a
        quarter and by up to four levels with FIRN.
    threads : int, optional
        For the CPU, in the whole process; see `irrm_core.device.set_threads`.

    Raises
    ------
    UsageError
        Device or precision are unknown or not there.
    ModelNotFoundError
        No model goes by this reference.
    """

    def __init__(
        self,
        model: str | Path | Model,
        *,
        device: str = "auto",
        precision: str = "auto",
        tile: int | None = None,
        threads: int | None = None,
    ) -> None:
        if precision not in ("auto", "fp32"):
            raise UsageError(f"unknown precision {precision!r}; choose auto or fp32")
        if tile is not None and tile < 1:
            raise UsageError(f"tiles of {tile} pixels are impossible; 256 or more are sensible")
        self._choice = choose_device(device)
        set_threads(threads)
        self._model = model if isinstance(model, Model) else load_model(model, device="cpu")
        self._runtime = Runtime(
            self._model.card,
            fuse(self._model.network).to(self._choice.device),
            self._choice.device,
            precision,
            tile or TILE,
        )

    @classmethod
    def for_record(cls, record: RestoreRecord, **options: Any) -> Rescaler:
        """Return a rescaler with the model that a record names, found by its weights hash.

        Parameters
        ----------
        record : RestoreRecord
            Of an LR image.
        **options
            As the class takes them.
        """
        return cls(record.weights_hash, **options)

    @property
    def model(self) -> Model:
        """The model, as it was loaded."""
        return self._model

    @property
    def device_choice(self) -> DeviceChoice:
        """The device in use and why."""
        return self._choice

    def downscale(
        self,
        image: ArrayLike,
        *,
        axes: str | None = None,
        seed: int = 0,
        nonfinite: NonFinite = "error",
        measure: bool = False,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        out: Any = None,
        first: int = 0,
        plane_done: PlaneDone | None = None,
    ) -> Downscaled:
        """Downscale an image.

        uint8 is divided by 255 and gives a uint8 LR. Any other dtype gives a uint16 LR: the
        range of each channel over the whole stack is mapped to 0.02 to 0.98 of it, a few
        pixels far outside the others (hot pixels) are kept apart exactly. Planes are read
        one by one, twice for dtypes other than uint8, three times where there are outliers.

        Parameters
        ----------
        image : array
            (H, W), (H, W, 3), (H, W, 4), or any with named axes; ndarray or what slices
            like one. uint8, int8, uint16, int16, uint32, int32 or float of 16 to 64 bits.
        axes : str, optional
            A letter of ``TZCYXS`` for each axis, S for 1 to 4 colour samples (the fourth, or
            the second of two, is alpha). By default ``YX``, or ``YXS`` for (H, W, 3 or 4).
        seed : int
            Of the latent that will be fed when restoring; without meaning for most models.
        nonfinite : str
            ``"error"``, or ``"fill"``: NaN and infinities are filled from their neighbours,
            and come back when restored.
        measure : bool
            Restore at once and keep in the record what came out: `digest`, by which a later
            restoration is checked, and ``quality["psnr"]``, over all colour values with
            the range of the data as peak (255 for uint8). Costs one restoration.
        progress, cancel
            Told of each tile; asked before each tile.
        out : array, optional
            Takes the LR; of `RestoreRecord.lr_shape` and dtype.
        first : int
            Number of the plane to begin with, such as one that somebody looks at; the others
            follow in order. The result does not depend on it.
        plane_done : callable, optional
            Called with each plane that is done and in `out`, and with what is known of the
            record by then: all but hashes, digest and quality.

        Returns
        -------
        Downscaled
            LR, record and side data.

        Raises
        ------
        UsageError
            Axes, dtype or colours do not fit the image or the model.
        ImageDataError
            A pixel is NaN or infinite; the message says which.
        Cancelled
            `cancel` was flipped. An `out` of the caller's is half written then.
        """
        progress, cancel = progress or NoProgress(), cancel or Cancel()
        downscaled = downscale(
            self._runtime,
            image,
            axes=axes,
            seed=seed,
            nonfinite=nonfinite,
            progress=progress,
            cancel=cancel,
            out=out,
            first=first,
            plane_done=plane_done,
        )
        if measure:
            return self._measured(image, downscaled, None, progress, cancel)
        return downscaled

    def measure(
        self,
        image: ArrayLike,
        lr: Downscaled,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        out: Any = None,
        first: int = 0,
        plane_done: PlaneDone | None = None,
    ) -> Downscaled:
        """Restore an LR and measure it against the original, as `downscale` does if asked to.

        For an LR that went through a file meanwhile: what is measured is then what the file
        restores to.

        Parameters
        ----------
        image : array
            The original.
        lr : Downscaled
            Of it; LR and side data are compared with their hashes first.
        progress, cancel
            Told of each tile; asked before each tile.
        out : array-like, optional
            Takes the restoration plane by plane: an array, or anything with its shape and dtype
            that can be assigned to.
        first, plane_done
            As for `downscale`.

        Returns
        -------
        Downscaled
            `lr`, its record with digest and quality.

        Raises
        ------
        ModelNotFoundError
            Another model downscaled the image.
        PixelsChangedError
            The LR or its side data are not those of the record.
        Cancelled
            `cancel` was flipped.
        """
        check_model(self._runtime, lr.record)
        check_pixels(lr.image, lr.record, check=True)
        if out is not None:
            prepare_out(out, lr.record.hr_shape, lr.record.dtype)
        return self._measured(
            image, lr, out, progress or NoProgress(), cancel or Cancel(), first, plane_done
        )

    def restore(
        self,
        lr: Downscaled | ArrayLike,
        record: RestoreRecord | None = None,
        side_data: SideData | None = None,
        *,
        check: bool = True,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        out: Any = None,
        first: int = 0,
        plane_done: PlaneDone | None = None,
    ) -> NDArray[Any]:
        """Restore an image.

        Parameters
        ----------
        lr : Downscaled or array
            What `downscale` returned, or the LR alone.
        record : RestoreRecord, optional
            Of the LR, where it is not in `lr`; `assume_record` makes one for a foreign LR.
        side_data : mapping of str to ndarray, optional
            As `Downscaled` has them.
        check : bool
            Compare the LR with its hash and the restoration with its digest.
        progress, cancel
            Told of each tile; asked before each tile.
        out : array, optional
            Takes the restoration; shape and dtype of the original.
        first, plane_done
            As for `downscale`; the record is the one that was given.

        Returns
        -------
        ndarray
            Shape and dtype of the original; `out` if given. The same LR, model, device,
            precision and tile give the same bytes.

        Raises
        ------
        NoRecordError
            There is no record.
        ModelNotFoundError
            Another model downscaled the image.
        PixelsChangedError
            The LR or its side data are not those of the record.
        DigestMismatchError
            The restoration is not what was measured when the image was downscaled.
        Cancelled
            `cancel` was flipped. An `out` of the caller's is half written then.
        """
        if isinstance(lr, Downscaled):
            record, side_data = record or lr.record, side_data or lr.side_data
            lr = lr.image
        if record is None:
            raise NoRecordError(
                "the LR comes without a restore record; pass record=, or "
                "assume_record(card, lr) if you know which model made it"
            )
        check_model(self._runtime, record)
        check_pixels(lr, record, check=check)
        restored = prepare_out(out, record.hr_shape, record.dtype)
        digest = restore(
            self._runtime,
            lr,
            record,
            side_data or {},
            out=restored,
            progress=progress or NoProgress(),
            cancel=cancel or Cancel(),
            first=first,
            plane_done=plane_done,
        )
        if check:
            check_digest(digest, record)
        result: NDArray[Any] = restored
        return result

    def roundtrip(
        self,
        image: ArrayLike,
        *,
        axes: str | None = None,
        seed: int = 0,
        nonfinite: NonFinite = "error",
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Roundtrip:
        """Downscale an image, restore it, and measure; parameters as for `downscale`."""
        progress, cancel = progress or NoProgress(), cancel or Cancel()
        downscaled = self.downscale(
            image, axes=axes, seed=seed, nonfinite=nonfinite, progress=progress, cancel=cancel
        )
        restored = np.empty(downscaled.record.hr_shape, downscaled.record.dtype)
        return Roundtrip(restored, self._measured(image, downscaled, restored, progress, cancel))

    def _measured(
        self,
        image: ArrayLike,
        made: Downscaled,
        out: Any,
        progress: Progress,
        cancel: Cancel,
        first: int = 0,
        plane_done: PlaneDone | None = None,
    ) -> Downscaled:
        """Restore, into `out` if given, and return `made` with digest and quality."""
        record = made.record
        layout = Layout(record.axes, record.hr_shape)
        error = Error()

        def see(plane: PlaneIndex, pixels: NDArray[Any]) -> None:
            original = layout.read(image, plane)[..., : layout.colours]
            mapping = mapping_of(record.mappings, plane.channel)
            error.add(pixels[..., : layout.colours], original, mapping)

        digest = restore(
            self._runtime,
            made.image,
            record,
            made.side_data,
            out=out,
            see=see,
            what="check",
            progress=progress,
            cancel=cancel,
            first=first,
            plane_done=plane_done,
        )
        quality = {**record.quality, "psnr": error.psnr()}
        return replace(made, record=replace(record, digest=digest.to_bytes(), quality=quality))
