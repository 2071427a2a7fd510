"""JPEG, WebP, AVIF and JPEG XL behind one seam: a ladder of settings, encode and decode."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.archive.codecs.picture import Picture

EXTRA = "needs imagecodecs, the extra napari-irrm[codecs]"


class LossyCodec(Protocol):
    """A lossy codec whose settings go from the smallest file to the best picture."""

    @property
    def settings(self) -> int:
        """How many settings there are; they are numbered from 0."""

    def refusal(self, picture: Picture) -> str | None:
        """Say why the codec cannot hold a picture; None if it can."""

    def encode(self, plane: NDArray[Any], setting: int) -> bytes:
        """Return the file of one plane, without metadata."""

    def decode(self, data: bytes, like: NDArray[Any]) -> NDArray[Any]:
        """Return the plane of a file, in shape and dtype of the one that was encoded."""

    def name_of(self, setting: int) -> str:
        """Return a setting in the codec's own terms."""


@dataclass(frozen=True)
class Jpeg:
    """JPEG by libjpeg-turbo, progressive, with optimised tables.

    Attributes
    ----------
    subsampling : str
        ``"4:2:0"`` or ``"4:4:4"``; the one is smaller, the other reaches higher PSNR.
    """

    subsampling: str
    settings = 100

    def refusal(self, picture: Picture) -> str | None:
        """Refuse more than 8 bits and alpha."""
        if picture.bits > 8:
            return "holds 8 bits only"
        if picture.alpha:
            return "holds no alpha"
        if picture.colours == 1 and self.subsampling != "4:2:0":
            return "is the same for gray"
        return None

    def encode(self, plane: NDArray[Any], setting: int) -> bytes:
        """Encode with quality 1 to 100."""
        return _by_pillow(
            plane,
            "JPEG",
            quality=setting + 1,
            subsampling=self.subsampling,
            optimize=True,
            progressive=True,
        )

    def decode(self, data: bytes, like: NDArray[Any]) -> NDArray[Any]:
        """Decode."""
        return _from_pillow(data, like)

    def name_of(self, setting: int) -> str:
        """Name quality and subsampling."""
        return f"quality {setting + 1}, {self.subsampling}"


@dataclass(frozen=True)
class WebP:
    """Lossy WebP; always 4:2:0, and gray is stored as colour."""

    settings = 101

    def refusal(self, picture: Picture) -> str | None:
        """Refuse more than 8 bits and very large pictures."""
        if picture.bits > 8:
            return "holds 8 bits only"
        if max(picture.planes[0].shape[:2]) > 16383:
            return "holds 16,383 pixels along a side"
        return None

    def encode(self, plane: NDArray[Any], setting: int) -> bytes:
        """Encode with quality 0 to 100."""
        return _by_pillow(plane, "WEBP", quality=setting, method=4)

    def decode(self, data: bytes, like: NDArray[Any]) -> NDArray[Any]:
        """Decode."""
        return _from_pillow(data, like)

    def name_of(self, setting: int) -> str:
        """Name the quality."""
        return f"quality {setting}"


@dataclass(frozen=True)
class Avif:
    """AVIF by libaom at speed 6, 4:4:4: as small as 4:2:0 at equal PSNR over all colours.

    More than 8 bits are stored in 12, the most that the format has.
    """

    settings = 101

    def refusal(self, picture: Picture) -> str | None:
        """Refuse 16 bits without imagecodecs; Pillow has 8 only."""
        if picture.bits > 8 and not _imagecodecs():
            return EXTRA
        return None

    def encode(self, plane: NDArray[Any], setting: int) -> bytes:
        """Encode with quality 0 to 100."""
        if plane.dtype == np.uint8:
            options = {} if plane.ndim == 2 else {"subsampling": "4:4:4"}
            return _by_pillow(plane, "AVIF", quality=setting, speed=6, **options)
        import imagecodecs

        twelve = np.rint(plane * (4095 / 65535)).astype(np.uint16)
        form = "444" if plane.ndim == 3 else "400"
        if plane.ndim == 2 and setting < 100:
            # Given gray, imagecodecs codes without loss whatever the quality; given colours to
            # be kept as luma, it does not, unless the quality is the best.
            twelve = np.repeat(twelve[..., None], 3, axis=2)
        return bytes(
            imagecodecs.avif_encode(twelve, setting, speed=6, bitspersample=12, pixelformat=form)
        )

    def decode(self, data: bytes, like: NDArray[Any]) -> NDArray[Any]:
        """Decode."""
        if like.dtype == np.uint8:
            return _from_pillow(data, like)
        import imagecodecs

        twelve = imagecodecs.avif_decode(data).reshape(like.shape)
        return np.rint(twelve * (65535 / 4095)).astype(np.uint16)

    def name_of(self, setting: int) -> str:
        """Name the quality."""
        return f"quality {setting}"


@dataclass(frozen=True)
class JpegXl:
    """Lossy JPEG XL by libjxl at effort 7; its distances make a ladder of 0.1 dB a step."""

    settings = 500
    _WORST, _RATIO = 25.0, 0.984

    def refusal(self, picture: Picture) -> str | None:
        """Refuse without imagecodecs."""
        return None if _imagecodecs() else EXTRA

    def encode(self, plane: NDArray[Any], setting: int) -> bytes:
        """Encode with a distance from 25 down to 0.008."""
        import imagecodecs

        return bytes(imagecodecs.jpegxl_encode(plane, distance=self._distance(setting), effort=7))

    def decode(self, data: bytes, like: NDArray[Any]) -> NDArray[Any]:
        """Decode."""
        import imagecodecs

        plane: NDArray[Any] = imagecodecs.jpegxl_decode(data)
        return plane.reshape(like.shape)

    def name_of(self, setting: int) -> str:
        """Name the distance."""
        return f"distance {self._distance(setting):.3g}"

    def _distance(self, setting: int) -> float:
        return self._WORST * self._RATIO**setting


CODECS: dict[str, tuple[LossyCodec, ...]] = {
    "JPEG": (Jpeg("4:2:0"), Jpeg("4:4:4")),
    "WebP": (WebP(),),
    "AVIF": (Avif(),),
    "JPEG XL": (JpegXl(),),
}
"""The contestants; of one with variants the smallest file counts."""


def _imagecodecs() -> bool:
    try:
        import imagecodecs  # noqa: F401
    except ImportError:
        return False
    return True


def _by_pillow(plane: NDArray[Any], format: str, **options: Any) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(plane).save(stream, format, **options)
    return stream.getvalue()


def _from_pillow(data: bytes, like: NDArray[Any]) -> NDArray[Any]:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        # libwebp and libavif give gray as three colours; they are equal.
        return np.asarray(image.convert("L" if like.ndim == 2 else "RGB"))
