"""One model on one file: its LR file, and the codecs at the PSNR of what that restores to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.archive.assess.quality import quality_of
from irrm_core.archive.assess.values import Match, Trial
from irrm_core.archive.codecs import CODECS, Encoder, Picture
from irrm_core.archive.downscaling import downscale_file
from irrm_core.archive.gate.report import missed
from irrm_core.archive.lrfile import read_lr

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from irrm_core.archive.assess.quality import Quality
    from irrm_core.archive.codecs import Coding
    from irrm_core.archive.gate import Floors
    from irrm_core.engine import Downscaled, Rescaler
    from irrm_core.progress import Cancel, Progress


@dataclass(frozen=True)
class Restored:
    """An LR file as it lay on the disk, restored.

    Attributes
    ----------
    model : str
        Its id.
    scale : int
        Of the model.
    size : int
        Bytes of the LR file.
    record_size : int
        Bytes of record and side data in it.
    lr : Downscaled
        As it was read back.
    image : ndarray
        The restoration.
    """

    model: str
    scale: int
    size: int
    record_size: int
    lr: Downscaled
    image: NDArray[Any]


def restored_from_disk(
    path: Path,
    folder: Path,
    rescaler: Rescaler,
    *,
    max_pixels: int,
    progress: Progress,
    cancel: Cancel,
) -> Restored:
    """Write the LR file of a file into a folder, read it back, restore it, and remove it."""
    made = downscale_file(
        path, folder, rescaler, max_pixels=max_pixels, progress=progress, cancel=cancel
    )
    try:
        lr, _ = read_lr(made.target, max_pixels=max_pixels)
    finally:
        made.target.unlink()
    image = rescaler.restore(lr, progress=progress, cancel=cancel)
    return Restored(
        model=made.record.model,
        scale=made.record.scale,
        size=made.target_size,
        record_size=made.record_size + made.side_size,
        lr=lr,
        image=image,
    )


class Contest:
    """All codecs on one picture; encodings are shared by the models that they are set beside.

    Parameters
    ----------
    picture : Picture
        The original.
    carried : int
        Bytes of metadata in every file.
    progress, cancel
        Told of each codec; looked at before each plane.
    """

    def __init__(self, picture: Picture, carried: int, progress: Progress, cancel: Cancel) -> None:
        self._picture = picture
        self._progress = progress
        self._refusals: dict[str, str] = {}
        self._encoders: dict[str, list[Encoder]] = {}
        for name, variants in CODECS.items():
            refusals = [codec.refusal(picture) for codec in variants]
            pairs = zip(variants, refusals, strict=True)
            fitting = [codec for codec, refusal in pairs if refusal is None]
            if fitting:
                self._encoders[name] = [Encoder(c, picture, carried, cancel) for c in fitting]
            else:
                self._refusals[name] = str(refusals[0])

    def trial(
        self, restored: Restored, floors: Floors, *, equal: bool, lost: str | None
    ) -> tuple[Trial, Coding | None]:
        """Set every codec beside an LR file.

        Parameters
        ----------
        restored : Restored
            The LR file and its restoration.
        floors : Floors
            That the restoration is judged by.
        equal : bool
            Look for the AVIF of the same bytes too.
        lost : str or None
            What an LR file of this original would lose, which no gate lets pass.

        Returns
        -------
        Trial
            What was found.
        Coding or None
            AVIF of the same bytes, if there is one.
        """
        quality = quality_of(self._picture, Picture.of(restored.image, restored.lr.record).planes)
        self._progress.begin(f"codecs beside {restored.model}", len(CODECS))
        try:
            matches = []
            for name in CODECS:
                matches.append(self._at_psnr(name, quality.psnr))
                self._progress.advance()
            same, coding = self._at_size("AVIF", restored.size) if equal else (None, None)
        finally:
            self._progress.end()
        trial = Trial(
            model=restored.model,
            scale=restored.scale,
            size=restored.size,
            record_size=restored.record_size,
            quality=quality,
            failures=((lost,) if lost else ()) + missed(quality.channels, floors),
            at_psnr=tuple(matches),
            at_size=same,
        )
        return trial, coding

    def _at_psnr(self, name: str, psnr: float) -> Match:
        if name in self._refusals:
            return Match(name, problem=self._refusals[name])
        found = [coding for e in self._encoders[name] if (coding := e.at_psnr(psnr))]
        if found:
            return self._match(name, min(found, key=lambda coding: coding.size))
        best = max(encoder.best().psnr for encoder in self._encoders[name])
        return Match(name, problem=f"reaches {best:.2f} dB at most")

    def _at_size(self, name: str, size: int) -> tuple[Match, Coding | None]:
        if name in self._refusals:
            return Match(name, problem=self._refusals[name]), None
        coding = self._encoders[name][0].at_size(size)
        return self._match(name, coding), coding

    def _match(self, name: str, coding: Coding) -> Match:
        quality: Quality = quality_of(self._picture, coding.planes(self._picture))
        return Match(name, coding.size, quality, coding.codec.name_of(coding.setting))
