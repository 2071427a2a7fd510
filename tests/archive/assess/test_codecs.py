"""Other codecs on pictures of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.archive.codecs import CODECS, Encoder, Picture, lossless_forms
from irrm_core.archive.codecs.contestants import LossyCodec
from irrm_core.engine import Layout
from irrm_core.errors import Cancelled
from irrm_core.imagefile import write_image
from irrm_core.progress import Cancel

Pixels = Callable[..., NDArray[Any]]

KINDS = {
    "colour": ((64, 80, 3), "uint8"),
    "gray": ((64, 80), "uint8"),
    "16-bit gray": ((64, 80), "uint16"),
    "16-bit colour": ((64, 80, 3), "uint16"),
}


def held() -> list[tuple[str, int, str]]:
    """Every codec with every kind of picture that it holds."""
    found = []
    for kind, (shape, dtype) in KINDS.items():
        picture = Picture((np.zeros(shape, dtype),))
        for name, variants in CODECS.items():
            for number, codec in enumerate(variants):
                if codec.refusal(picture) is None:
                    found.append((name, number, kind))
    return found


@pytest.fixture
def encoder(pixels: Pixels) -> Callable[[str, int, str], Encoder]:
    def make(name: str, number: int, kind: str) -> Encoder:
        shape, dtype = KINDS[kind]
        return Encoder(CODECS[name][number], Picture((pixels(*shape, dtype=dtype),)))

    return make


@pytest.mark.parametrize(("name", "number", "kind"), held())
def test_a_codec_meets_a_psnr_from_above_and_closely(
    name: str, number: int, kind: str, encoder: Callable[[str, int, str], Encoder]
) -> None:
    codec = encoder(name, number, kind)
    found = codec.at_psnr(30.0)
    assert found is not None
    assert found.psnr >= 30.0
    assert found.psnr <= 30.1 or found.setting == 0 or codec.at(found.setting - 1).psnr < 30.0


@pytest.mark.parametrize(("name", "number", "kind"), held())
def test_settings_go_from_small_files_to_good_pictures(
    name: str, number: int, kind: str, encoder: Callable[[str, int, str], Encoder]
) -> None:
    codec = encoder(name, number, kind)
    ladder = [codec.at(round(part * (CODECS[name][number].settings - 1))) for part in (0.2, 0.5, 1)]
    assert ladder[0].size < ladder[1].size < ladder[2].size
    assert ladder[0].psnr < ladder[1].psnr < ladder[2].psnr


@pytest.mark.parametrize(("name", "number", "kind"), held())
def test_a_codec_fills_a_number_of_bytes_and_no_more(
    name: str, number: int, kind: str, encoder: Callable[[str, int, str], Encoder]
) -> None:
    codec = encoder(name, number, kind)
    budget = (codec.at(0).size + codec.best().size) // 2
    found = codec.at_size(budget)
    assert found.size <= budget < codec.at(found.setting + 1).size
    assert codec.at_size(1).setting == 0


def test_files_decode_to_the_pictures_that_were_measured(pixels: Pixels) -> None:
    picture = Picture((pixels(40, 50, 3), pixels(40, 50, 3)[::-1].copy()))
    coding = Encoder(CODECS["AVIF"][0], picture).at(70)
    planes = coding.planes(picture)
    assert [plane.shape for plane in planes] == [(40, 50, 3)] * 2
    assert picture.psnr(planes) == coding.psnr


def test_codecs_refuse_what_they_cannot_hold(pixels: Pixels) -> None:
    deep = Picture((pixels(20, 20, dtype="uint16"),))
    clear = Picture((pixels(20, 20, 3),), alpha=(pixels(20, 20),))

    def refusals(name: str, picture: Picture) -> set[str | None]:
        variants: tuple[LossyCodec, ...] = CODECS[name]
        return {codec.refusal(picture) for codec in variants}

    assert refusals("JPEG", deep) == refusals("WebP", deep) == {"holds 8 bits only"}
    assert refusals("AVIF", deep) == refusals("JPEG XL", deep) == {None}
    assert refusals("JPEG", clear) == {"holds no alpha"}


def test_alpha_and_metadata_count_to_every_file(pixels: Pixels) -> None:
    alpha = pixels(40, 40)
    plain = Encoder(CODECS["WebP"][0], Picture((pixels(40, 40, 3),))).at(50)
    both = Encoder(CODECS["WebP"][0], Picture((pixels(40, 40, 3),), (alpha,)), carried=1000).at(50)
    assert both.size > plain.size + 1000 + 100


def test_encoding_stops_when_it_is_cancelled(pixels: Pixels) -> None:
    cancel = Cancel()
    encoder = Encoder(CODECS["AVIF"][0], Picture((pixels(40, 40),)), cancel=cancel)
    cancel.cancel()
    with pytest.raises(Cancelled):
        encoder.at_psnr(30)


def test_a_jpeg_takes_less_as_jpeg_xl_and_gives_its_bytes_back(photo: Path, pixels: Pixels) -> None:
    image = pixels(50, 70, 3)
    forms = lossless_forms(photo, "jpeg", image, Layout("YXS", image.shape), 0)
    transcoded, zstd, pixels_alone = forms
    assert transcoded.size is not None and zstd.size is not None
    assert transcoded.size < photo.stat().st_size
    assert zstd.size <= photo.stat().st_size + 100
    assert pixels_alone.gives_back == "pixels"


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_pixels_without_loss_take_fewer_bytes_than_raw(
    dtype: str, tmp_path: Path, pixels: Pixels
) -> None:
    image, path = pixels(3, 40, 50, dtype=dtype), tmp_path / "stack.tif"
    write_image(path, image, axes="ZYX", compression=None)
    transcoded, zstd, pixels_alone = lossless_forms(
        path, "tiff", image, Layout("ZYX", image.shape), 7
    )
    assert transcoded.size is None and transcoded.problem == "is no JPEG"
    assert zstd.size is not None and zstd.size < path.stat().st_size
    assert pixels_alone.size is not None and pixels_alone.size < image.nbytes


def test_pixels_of_kinds_that_jpeg_xl_lacks_are_said(photo: Path) -> None:
    image = np.zeros((20, 20), np.int32)
    form = lossless_forms(photo, "tiff", image, Layout("YX", image.shape), 0)[-1]
    assert form.size is None
    assert "int32" in str(form.problem)
