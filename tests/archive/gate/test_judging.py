"""The gate, on files: what it measures is what a restore hands out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.archive import RescalerPool, downscale_file, restore_file
from irrm_core.archive.gate import Delivery, Floors, GateReport, Verdict, judge
from irrm_core.errors import PixelsChangedError
from irrm_core.imagefile import open_image, read_image, write_image
from irrm_core.metrics import psnr, ssim

Pixels = Callable[..., NDArray[Any]]
NONE = Floors(psnr=None, ssim=None)


@pytest.fixture
def pool(default_models: Path) -> RescalerPool:
    return RescalerPool(scale=2)


def judged(
    lr: Path, original: Any, pool: RescalerPool, floors: Floors = NONE, deliver: str = "lossless"
) -> Verdict:
    from irrm_core.archive import read_lr_file

    rescaler = pool.for_weights(read_lr_file(lr).record.weights_hash)
    return judge(lr, original, rescaler, floors, Delivery.parse(deliver))


def test_the_gate_measures_what_a_restore_hands_out(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(61, 83, 3)
    image[..., 1] //= 2
    write_image(tmp_path / "a.png", image)
    lr = downscale_file(tmp_path / "a.png", None, pool, measure=False).target
    report = judged(lr, image, pool).report
    restored, _ = read_image(restore_file(lr, None, pool).target)
    for channel, found in enumerate(report.channels):
        truth, given = image[..., channel], restored[..., channel]
        assert found.psnr == pytest.approx(psnr(truth, given), abs=1e-3)
        assert found.ssim == pytest.approx(ssim(truth, given), abs=1e-5)
        error = given.astype(float) - truth
        assert found.max_error == pytest.approx(np.abs(error).max() / 255, abs=1e-6)
        assert found.bias == pytest.approx(error.mean() / 255, abs=1e-6)
    assert report.psnr == min(c.psnr for c in report.channels)
    assert report.bias == max((c.bias for c in report.channels), key=abs)


def test_jpeg_is_judged_as_it_is_decoded_again(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(64, 80, 3)
    write_image(tmp_path / "a.png", image)
    lr = downscale_file(tmp_path / "a.png", None, pool, measure=False).target
    report = judged(lr, image, pool, deliver="jpeg:50").report
    out = restore_file(lr, tmp_path / "a.jpg", pool, quality=50).target
    decoded, _ = read_image(out)
    assert report.delivered == "jpeg:50"
    for channel, found in enumerate(report.channels):
        assert found.psnr == pytest.approx(
            psnr(image[..., channel], decoded[..., channel]), abs=1e-3
        )
    assert report.delivered_size is not None
    assert not list(tmp_path.glob(".*"))


def test_what_jpeg_cannot_hold_is_judged_without_loss(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    clear = pixels(40, 40, 4)
    deep = pixels(40, 40, dtype="uint16")
    for name, image in (("clear.png", clear), ("deep.tif", deep)):
        write_image(tmp_path / name, image)
        lr = downscale_file(tmp_path / name, None, pool, measure=False).target
        report = judged(lr, image, pool, deliver="jpeg:50").report
        assert (report.delivered, report.delivered_size) == ("lossless", None)
        assert report.passed


def test_the_worst_plane_of_a_stack_decides(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    stack = pixels(48, 48, dtype="uint16")[None].repeat(5, axis=0)
    write_image(tmp_path / "a.tif", stack, axes="ZYX")
    lr = downscale_file(tmp_path / "a.tif", None, pool, measure=False).target
    good = judged(lr, stack, pool).report
    other = stack.copy()
    other[3] = other[3, ::-1]
    bad = judged(lr, other, pool, Floors(psnr=good.psnr, ssim=None))
    alone = judged(lr, np.broadcast_to(other[3], stack.shape), pool).report
    assert (bad.report.planes, bad.report.psnr) == (5, alone.psnr)
    assert not bad.report.passed
    assert good.psnr > bad.report.psnr


def test_each_channel_has_its_own_range(tmp_path: Path, pixels: Pixels, pool: RescalerPool) -> None:
    bright = pixels(48, 48, dtype="uint16")
    stack = np.stack([bright, bright // 64])
    write_image(tmp_path / "a.tif", stack, axes="CYX")
    lr = downscale_file(tmp_path / "a.tif", None, pool, measure=False).target
    first, second = judged(lr, stack, pool).report.channels
    # In parts of its range the dim channel is as well restored as the bright one.
    assert second.psnr == pytest.approx(first.psnr, abs=1)
    assert second.max_error == pytest.approx(first.max_error, abs=0.02)


def test_nan_and_infinities_that_come_back_are_no_errors(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(40, 44, dtype="uint16").astype(np.float32)
    write_image(tmp_path / "whole.tif", image)
    image[3, 4], image[5, 6], image[7, 8] = np.nan, np.inf, -np.inf
    write_image(tmp_path / "a.tif", image)
    lr = downscale_file(tmp_path / "a.tif", None, pool, measure=False, nonfinite="fill").target
    report = judged(lr, image, pool, Floors(psnr=5, ssim=0)).report
    assert report.passed
    assert json.loads(json.dumps(report.to_json(), allow_nan=False)) == report.to_json()
    # Where the original has none and the restoration does, nothing is good enough.
    with open_image(tmp_path / "whole.tif") as whole:
        against = judged(lr, whole, pool, Floors(psnr=0, ssim=None)).report
    assert not against.passed
    assert against.psnr == -99.99


def test_another_transparency_fails_whatever_the_floors(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(40, 40, 4)
    write_image(tmp_path / "a.png", image)
    lr = downscale_file(tmp_path / "a.png", None, pool, measure=False).target
    assert judged(lr, image, pool).report.passed
    image[0, 0, 3] ^= 1
    assert judged(lr, image, pool).report.failures == (
        "the transparency is not that of the original",
    )


def test_a_constant_image_is_perfect(tmp_path: Path, pool: RescalerPool) -> None:
    image = np.full((32, 32), 700, np.uint16)
    write_image(tmp_path / "a.tif", image)
    lr = downscale_file(tmp_path / "a.tif", None, pool, measure=False).target
    report = judged(lr, image, pool, Floors(psnr=99, ssim=1, max_error=0, bias=0)).report
    assert report.passed
    assert (report.psnr, report.ssim, report.max_error, report.bias) == (99.99, 1.0, 0.0, 0.0)


def test_an_image_without_ssim_fails_a_floor_of_ssim(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(8, 8)
    write_image(tmp_path / "a.png", image)
    lr = downscale_file(tmp_path / "a.png", None, pool, measure=False).target
    report = judged(lr, image, pool, Floors(psnr=None, ssim=0)).report
    assert report.ssim is None
    assert not report.passed
    assert judged(lr, image, pool, NONE).report.passed


def test_a_file_that_is_not_what_was_written_is_not_judged(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(40, 40)
    write_image(tmp_path / "a.png", image)
    lr = downscale_file(tmp_path / "a.png", None, pool, measure=False).target
    small, _ = read_image(lr)
    from irrm_core.imagefile import read_record

    record = read_record(lr)
    small[0, 0] ^= 1
    write_image(lr, small, record=record, overwrite=True)
    with pytest.raises(PixelsChangedError, match=lr.name):
        judged(lr, image, pool)


def test_the_record_that_the_gate_returns_checks_later_restorations(
    tmp_path: Path, pixels: Pixels, pool: RescalerPool
) -> None:
    image = pixels(40, 40, 3)
    write_image(tmp_path / "a.png", image)
    plain = downscale_file(tmp_path / "a.png", None, pool, measure=False)
    measured = downscale_file(tmp_path / "a.png", tmp_path / "b.png", pool)
    assert judged(plain.target, image, pool).record.digest == measured.record.digest


def test_real_pictures_pass_at_what_was_measured_and_fail_above(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the models that come with the package
    picture = sorted((shared / "data" / "bench" / "Set5").glob("*.png"))[0]
    pool = RescalerPool(scale=2)
    lr = downscale_file(picture, tmp_path / "lr.png", pool, measure=False).target
    with open_image(picture) as original:
        report = judged(lr, original, pool).report
        assert report.psnr > 30
        reached = Floors(report.psnr, report.ssim, report.max_error, abs(report.bias))
        assert judged(lr, original, pool, reached).report.passed
        above = Floors(report.psnr + 0.01, None)
        assert not judged(lr, original, pool, above).report.passed
    assert GateReport.from_json(json.loads(json.dumps(report.to_json()))) == report
