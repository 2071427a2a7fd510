"""A picture encoded by one codec at the settings that somebody asks for, each once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.archive.codecs.lossless import alpha_size
from irrm_core.archive.codecs.search import first_reaching
from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.archive.codecs.contestants import LossyCodec
    from irrm_core.archive.codecs.picture import Picture

WITHIN = 0.1
"""Decibels by which a match may overshoot; more where the codec's settings are coarser."""


@dataclass(frozen=True)
class Coding:
    """A picture encoded at one setting.

    Attributes
    ----------
    codec : LossyCodec
        That did it.
    setting : int
        Of its ladder.
    size : int
        Bytes in all: a file for each plane, alpha without loss, metadata.
    psnr : float
        In dB; see `Picture.psnr`.
    files : tuple of bytes
        One for each plane, without metadata.
    """

    codec: LossyCodec
    setting: int
    size: int
    psnr: float
    files: tuple[bytes, ...]

    def planes(self, picture: Picture) -> list[NDArray[Any]]:
        """Decode it."""
        pairs = zip(self.files, picture.planes, strict=True)
        return [self.codec.decode(file, plane) for file, plane in pairs]


class Encoder:
    """Encodes one picture by one codec; what was encoded once is kept.

    Parameters
    ----------
    codec : LossyCodec
        That can hold the picture.
    picture : Picture
        The original.
    carried : int
        Bytes of metadata that every file of this picture carries.
    cancel : Cancel, optional
        Looked at before each plane.
    """

    def __init__(
        self, codec: LossyCodec, picture: Picture, carried: int = 0, cancel: Cancel | None = None
    ) -> None:
        self._codec = codec
        self._picture = picture
        self._beside = carried + alpha_size(picture)
        self._cancel = cancel or Cancel()
        self._done: dict[int, Coding] = {}

    def at(self, setting: int) -> Coding:
        """Return the picture encoded at a setting."""
        if setting not in self._done:
            self._done[setting] = self._encode(setting)
        return self._done[setting]

    def at_psnr(self, psnr: float) -> Coding | None:
        """Return the smallest coding that is at least as good; None if none is."""
        found = first_reaching(
            lambda setting: self.at(setting).psnr - psnr, self._codec.settings, within=WITHIN
        )
        return None if found is None else self.at(found)

    def at_size(self, size: int) -> Coding:
        """Return the best coding of at most so many bytes; the smallest if all are larger."""
        count = self._codec.settings
        found = first_reaching(lambda setting: math.log(self.at(setting).size / (size + 1)), count)
        return self.at(max((count if found is None else found) - 1, 0))

    def best(self) -> Coding:
        """Return the best coding there is."""
        return self.at(self._codec.settings - 1)

    def _encode(self, setting: int) -> Coding:
        files, planes = [], []
        for plane in self._picture.planes:
            self._cancel.check()
            files.append(self._codec.encode(plane, setting))
            planes.append(self._codec.decode(files[-1], plane))
        size = self._beside + sum(map(len, files))
        return Coding(self._codec, setting, size, self._picture.psnr(planes), tuple(files))
