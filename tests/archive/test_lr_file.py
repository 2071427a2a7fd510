"""LR files: what is in them, and what comes back from them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive import (
    RescalerPool,
    downscale_file,
    inspect_file,
    is_image_name,
    read_lr,
    read_lr_file,
    restore_file,
)
from irrm_core.archive.lrpixels import LrPixels
from irrm_core.engine import hash_pixels
from irrm_core.errors import (
    Cancelled,
    ImageDataError,
    ImageFileError,
    NotRestorableError,
    OutputExistsError,
    PixelsChangedError,
    UsageError,
)
from irrm_core.imagefile import open_image, read_image, read_record, write_image
from irrm_core.progress import Cancel

Pixels = Callable[..., NDArray[Any]]


def test_an_lr_file_is_a_small_ordinary_picture_beside_its_source(
    photo: Path, pool: RescalerPool
) -> None:
    made = downscale_file(photo, None, pool)
    assert made.target == photo.with_name("photo.jpg.irrm.png")
    assert (made.source_size, made.target_size) == (
        photo.stat().st_size,
        made.target.stat().st_size,
    )
    with Image.open(made.target) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (18, 13))


def test_the_record_names_the_source_the_model_and_the_measured_quality(
    photo: Path, pool: RescalerPool
) -> None:
    made = downscale_file(photo, None, pool)
    record = read_lr_file(made.target).record
    assert record == made.record
    assert record.source_hash == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert record.source_size == photo.stat().st_size
    assert record.model == "irrm-fast-x4@1"
    assert record.quality["psnr"] > 5
    assert record.digest


def test_a_restoration_is_what_the_rescaler_makes_of_the_stored_pixels(
    photo: Path, pool: RescalerPool
) -> None:
    lr = downscale_file(photo, None, pool).target
    back = restore_file(lr, None, pool)
    assert back.target == photo.with_name("photo.jpg.restored.png")
    assert back.checked
    downscaled, _ = read_lr(lr)
    expected = pool.for_colours(3).restore(downscaled)
    np.testing.assert_array_equal(read_image(back.target)[0], expected)
    assert expected.shape == (50, 70, 3)


def test_the_same_file_is_downscaled_and_restored_to_the_same_bytes_twice(
    photo: Path, pool: RescalerPool, tmp_path: Path
) -> None:
    lrs = [downscale_file(photo, tmp_path / f"{n}.png", pool).target for n in "ab"]
    backs = [restore_file(lr, tmp_path / f"back-{lr.name}", pool).target for lr in lrs]
    assert lrs[0].read_bytes() == lrs[1].read_bytes()
    assert backs[0].read_bytes() == backs[1].read_bytes()


def test_the_plain_record_of_the_most_wordy_photograph_takes_under_600_bytes(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    # Large numbers, a constant alpha and a digest of the full grid are all in the record.
    path = tmp_path / f"{'name' * 20}.png"
    image = np.full((1030, 1201, 4), 254, np.uint8)
    image[:64, :64, :3] = pixels(64, 64, 3)
    Image.fromarray(image).save(path)
    made = downscale_file(path, None, pool)
    assert made.record.alpha == 254
    assert len(made.record.digest) == 96
    assert made.side_size == 0
    assert 0 < made.record_size < 600
    content = made.target.read_bytes()
    assert content.count(b'{"irrm":"lr",') == 1, "the record is plain text in the file"
    assert inspect_file(made.target).lr == read_lr_file(made.target)


def test_camera_metadata_are_in_the_formats_own_fields_and_come_back(
    photo: Path, pool: RescalerPool
) -> None:
    lr = downscale_file(photo, None, pool).target
    back = restore_file(lr, None, pool).target
    original = read_image(photo)[1].metadata
    for path, dpi in ((lr, 75), (back, 300)):
        with Image.open(path) as picture:
            assert picture.getexif()[0x0110] == "Camera with a long name"
            assert picture.info["icc_profile"] == original.icc
            assert picture.info["dpi"] == pytest.approx((dpi, dpi), rel=1e-3)


@pytest.mark.parametrize("wish", ["png", "tiff", "webp"])
def test_every_lossless_format_holds_an_lr(wish: str, photo: Path, pool: RescalerPool) -> None:
    lr = downscale_file(photo, None, pool, format=wish).target
    report = inspect_file(lr)
    assert (report.kind, report.pixels_match, report.problem) == ("lr", True, None)
    assert restore_file(lr, None, pool).checked


def test_webp_which_knows_no_gray_holds_a_gray_lr(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    Image.fromarray(pixels(31, 45)).save(tmp_path / "gray.png")
    lr = downscale_file(tmp_path / "gray.png", None, pool, format="webp").target
    assert inspect_file(lr).pixels_match is True
    made = restore_file(lr, None, pool)
    assert made.checked
    assert read_image(made.target)[0].shape == (31, 45)
    coloured, blob = read_image(lr)[0].copy(), read_record(lr)
    coloured[2, 3, 1] ^= 1
    write_image(lr, coloured, record=blob, overwrite=True)
    assert inspect_file(lr).pixels_match is False
    with pytest.raises(PixelsChangedError, match="colours"):
        restore_file(lr, None, pool, overwrite=True)


@pytest.mark.parametrize("name", ["lr.jpg", "lr.avif", "lr.gif", "lr"])
def test_a_format_that_changes_pixels_is_refused_before_any_work(
    name: str, photo: Path, pool: RescalerPool
) -> None:
    with pytest.raises(UsageError, match=name):
        downscale_file(photo, photo.with_name(name), pool)
    assert not photo.with_name(name).exists()


def test_a_still_gif_is_an_original_and_comes_back_as_a_png(
    photo: Path, pool: RescalerPool
) -> None:
    original = photo.with_name("still.gif")
    Image.open(photo).quantize(32).save(original)
    assert is_image_name(original)
    back = restore_file(downscale_file(original, None, pool).target, None, pool)
    assert back.target.name == "still.gif.restored.png"
    assert read_image(back.target)[0].shape == read_image(original)[0].shape == (50, 70, 3)


def test_a_name_and_a_format_that_contradict_each_other_are_refused(
    photo: Path, pool: RescalerPool
) -> None:
    with pytest.raises(UsageError, match="webp"):
        downscale_file(photo, photo.with_name("lr.png"), pool, format="webp")


def test_an_alpha_plane_comes_back_exactly(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = np.dstack([pixels(40, 30, 3), np.arange(1200, dtype=np.uint16).reshape(40, 30) % 251])
    path = tmp_path / "logo.png"
    Image.fromarray(image.astype(np.uint8)).save(path)
    made = downscale_file(path, None, pool)
    assert made.side_size > 0
    back = read_image(restore_file(made.target, None, pool).target)[0]
    np.testing.assert_array_equal(back[..., 3], image[..., 3])


def test_sixteen_bit_images_and_their_hot_pixels_go_through_tiff(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(64, 48, dtype="uint16") // 20
    image[7, 9] = 65535
    path = tmp_path / "cells.tif"
    tifffile.imwrite(path, image)
    made = downscale_file(path, None, pool)
    assert made.target.name == "cells.tif.irrm.tif"
    assert made.record.model == "irrm-fast-gray-x2@1"
    assert made.side_size > 0
    lr, info = read_image(made.target)
    assert (lr.shape, lr.dtype.name) == ((32, 24), "uint16")
    made_back = restore_file(made.target, None, pool)
    back, info = read_image(made_back.target)
    assert made_back.target.name == "cells.tif.restored.tif"
    assert (back.shape, back.dtype, info.axes) == (image.shape, image.dtype, "YX")
    assert back[7, 9] == 65535


def test_a_stack_whose_file_drops_axes_of_length_one_keeps_them(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    path = tmp_path / "stack.tif"
    stack = np.stack([pixels(20, 26, dtype="uint16") // n for n in (1, 2, 3)])[None, :, None]
    write_image(path, stack, axes="TZCYX", format="ome-tiff")
    record = pool.for_colours(1).downscale(stack, axes="TZCYX").record
    with open_image(path) as reader:
        same = replace(record, scale=1)
        pixels_of = LrPixels(reader, same)
        assert pixels_of.shape == stack.shape
        assert hash_pixels(pixels_of) == hash_pixels(stack)
        np.testing.assert_array_equal(pixels_of[0, 2, 0, :, 3:5], stack[0, 2, 0, :, 3:5])
        with pytest.raises(IndexError):
            pixels_of[1]


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("TZCYX", (2, 3, 2, 20, 24)), ("CYX", (3, 20, 24)), ("ZYX", (1, 21, 23)), ("TYX", (4, 9, 8))],
)
def test_an_ome_stack_keeps_its_axes_and_its_calibration(
    axes: str, shape: tuple[int, ...], tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    planes = [pixels(*shape[-2:], dtype="uint16") // (n + 2) for n in range(np.prod(shape[:-2]))]
    stack = np.stack(planes).reshape(shape)
    path = tmp_path / "stack.ome.tif"
    calibration = {"axes": axes, "PhysicalSizeX": 0.108, "PhysicalSizeY": 0.108}
    tifffile.imwrite(path, stack, metadata=calibration, ome=True)
    source, info = read_image(path)
    made = downscale_file(path, None, pool)
    lr_info = read_image(made.target)[1]
    assert lr_info.metadata.pixel_size is not None
    assert lr_info.metadata.pixel_size.x == pytest.approx(0.216)
    back, back_info = read_image(restore_file(made.target, None, pool).target)
    assert (back.shape, back.dtype, back_info.axes) == (source.shape, source.dtype, info.axes)
    assert back_info.metadata.pixel_size == info.metadata.pixel_size


def test_a_gray_image_through_an_rgb_model_comes_back_gray(tmp_path: Path, pixels: Pixels) -> None:
    pool = RescalerPool("irrm-fast-x4", device="cpu")
    for name, image in (
        ("gray.png", pixels(33, 41)),
        ("stack.tif", np.stack([pixels(33, 41, dtype="uint16")] * 3)),
    ):
        path = tmp_path / name
        if name.endswith("png"):
            Image.fromarray(image).save(path)
        else:
            tifffile.imwrite(path, image, imagej=True, metadata={"axes": "ZYX"})
        back = read_image(restore_file(downscale_file(path, None, pool).target, None, pool).target)
        assert (back[0].shape, back[0].dtype) == (image.shape, image.dtype)


def test_an_lr_file_is_not_downscaled_again_unless_forced(photo: Path, pool: RescalerPool) -> None:
    lr = downscale_file(photo, None, pool).target
    with pytest.raises(UsageError, match="LR file already"):
        downscale_file(lr, None, pool)
    twice = downscale_file(lr, None, pool, force=True).target
    assert twice.name == "photo.jpg.irrm.png.irrm.png"
    assert restore_file(twice, None, pool).checked


def test_existing_outputs_are_kept_unless_overwriting_is_allowed(
    photo: Path, pool: RescalerPool
) -> None:
    lr = downscale_file(photo, None, pool).target
    before = lr.read_bytes()
    with pytest.raises(OutputExistsError, match=r"photo\.jpg\.irrm\.png"):
        downscale_file(photo, None, pool, measure=False)
    assert lr.read_bytes() == before
    downscale_file(photo, None, pool, measure=False, overwrite=True)
    assert lr.read_bytes() != before


def test_an_output_never_replaces_its_own_source(photo: Path, pool: RescalerPool) -> None:
    lr = downscale_file(photo, None, pool).target
    before = lr.read_bytes()
    with pytest.raises(UsageError, match="its own source"):
        restore_file(lr, lr, pool, overwrite=True)
    assert lr.read_bytes() == before


def test_a_source_that_changes_while_it_is_read_is_refused(photo: Path, pool: RescalerPool) -> None:
    class Meddler:
        def begin(self, what: str, total: int) -> None:
            with photo.open("ab") as stream:
                stream.write(b"more")

        def advance(self, steps: int = 1) -> None: ...

        def end(self) -> None: ...

    with pytest.raises(ImageFileError, match="changed while"):
        downscale_file(photo, None, pool, progress=Meddler())
    assert sorted(p.name for p in photo.parent.iterdir() if p.is_file()) == ["photo.jpg"]


def test_pixels_that_are_no_numbers_are_refused_by_name_or_come_back(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(24, 20, dtype="float32")
    image[3, 5] = np.nan
    path = tmp_path / "ratio.tif"
    tifffile.imwrite(path, image)
    with pytest.raises(ImageDataError, match=r"ratio\.tif"):
        downscale_file(path, None, pool)
    lr = downscale_file(path, None, pool, nonfinite="fill").target
    back = read_image(restore_file(lr, None, pool).target)[0]
    np.testing.assert_array_equal(np.isnan(back), np.isnan(image))


def test_a_cancelled_job_leaves_nothing_behind(photo: Path, pool: RescalerPool) -> None:
    cancel = Cancel()
    cancel.cancel()
    before = sorted(photo.parent.iterdir())
    with pytest.raises(Cancelled):
        downscale_file(photo, None, pool, cancel=cancel)
    assert sorted(photo.parent.iterdir()) == before


def test_a_missing_output_folder_is_found_before_any_work(photo: Path, pool: RescalerPool) -> None:
    with pytest.raises(ImageFileError, match="make the folder first"):
        downscale_file(photo, photo.parent / "nowhere" / "lr.png", pool)


def test_a_damaged_record_is_reported_and_never_breaks_anything_else(
    photo: Path, pool: RescalerPool
) -> None:
    lr = downscale_file(photo, None, pool, measure=False).target
    pixels, blob = read_image(lr)[0], read_record(lr)
    assert blob is not None
    chance = random.Random(3)
    kinds = set()
    for _ in range(150):
        bad = bytearray(blob)
        for _ in range(chance.randint(1, 3)):
            bad[chance.randrange(len(bad))] = chance.choice(b'[]{}",:0123456789az~')
        write_image(lr, pixels, record=bytes(bad), overwrite=True)
        report = inspect_file(lr)
        kinds.add(report.kind)
        if report.kind == "damaged lr":
            assert str(lr) in str(report.problem)
            with pytest.raises(NotRestorableError, match="damaged"):
                restore_file(lr, None, pool)
    assert {"lr", "damaged lr"} <= kinds
