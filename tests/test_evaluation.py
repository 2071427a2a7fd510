"""Models measured on folders, from the library and by ``irrm eval``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from irrm_core.cli import main
from irrm_core.engine import Rescaler
from irrm_core.errors import (
    Cancelled,
    ImageDataError,
    ImageFileError,
    SomeFilesFailedError,
    UsageError,
)
from irrm_core.evaluation import Evaluation, evaluate_folder
from irrm_core.metrics import bicubic_lr, bicubic_roundtrip, compare_intensities, score_pair
from irrm_core.networks import IRN
from irrm_core.progress import Cancel
from irrm_core.zoo import Halo, LatentPolicy, import_checkpoint, save_model

RNG = np.random.default_rng(23)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fresh IRNs, which are Haar: box mean down, every LR pixel repeated on the way back."""
    folder = tmp_path_factory.mktemp("models")
    for name, scale, channels in (("box-x2", 2, 3), ("box-x4", 4, 3), ("box-gray-x2", 2, 1)):
        parameters: dict[str, Any] = {
            "scale": scale,
            "blocks": [1] * (scale // 2),
            "channels": channels,
        }
        save_model(
            folder,
            IRN(**parameters),
            name=name,
            architecture="irn",
            parameters=parameters,
            latent=LatentPolicy("zero"),
            halo=Halo(2, 2),
        )
    return folder


def _picture(height: int, width: int, samples: int = 3) -> np.ndarray:
    """Multiples of 16, so that no mean over a block lies half-way between two codes."""
    waves = np.add.outer(np.sin(np.arange(height) / 5), np.cos(np.arange(width) / 3))[..., None]
    noisy = 128 + 40 * waves + RNG.normal(0, 15, (height, width, samples))
    return (np.clip(noisy / 16, 0, 15).astype(np.uint8) * 16).squeeze()


def _box(image: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    h, w = image.shape[0] // scale, image.shape[1] // scale
    blocks = image.reshape(h, scale, w, scale, -1).astype(float)
    lr = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8).reshape(h, w, *image.shape[2:])
    return lr, lr.repeat(scale, axis=0).repeat(scale, axis=1)


def _single(folder: Path, image: np.ndarray, name: str = "a.png") -> Path:
    Image.fromarray(image).save(folder / name)
    return folder


@pytest.mark.parametrize(("name", "scale"), [("box-x2", 2), ("box-x4", 4)])
def test_a_photograph_is_scored_by_the_published_protocol(
    tmp_path: Path, models: Path, name: str, scale: int
) -> None:
    picture = _picture(71, 86)
    found = evaluate_folder(_single(tmp_path, picture), models / f"{name}@1", device="cpu")
    hr = picture[: 71 - 71 % scale, : 86 - 86 % scale]
    lr, restored = _box(hr, scale)
    expected = score_pair(hr, restored, crop=scale)
    (score,) = found.scores
    assert (score.name, score.height, score.width) == ("a.png", *hr.shape[:2])
    assert score.psnr_y == pytest.approx(expected.psnr_y, abs=1e-6)
    assert score.ssim_y == pytest.approx(expected.ssim_y, abs=1e-6)
    assert score.psnr_rgb == pytest.approx(expected.psnr_rgb, abs=1e-6)
    lr_expected = score_pair(bicubic_lr(hr, scale), lr)
    assert (score.lr_psnr_y, score.lr_ssim_y) == pytest.approx(
        (lr_expected.psnr_y, lr_expected.ssim_y), abs=1e-6
    )
    plain = score_pair(hr, bicubic_roundtrip(hr, scale), crop=scale)
    assert (score.bicubic_psnr_y, score.bicubic_ssim_y) == (plain.psnr_y, plain.ssim_y)
    assert (found.scale, found.device, found.precision) == (scale, "cpu: asked for", "fp32")


def test_a_gray_photograph_counts_as_gray_in_all_three_channels(
    tmp_path: Path, models: Path
) -> None:
    gray = _picture(48, 64, 1)
    scores = {}
    for kind, image in (("gray", gray), ("rgb", np.dstack([gray] * 3))):
        (tmp_path / kind).mkdir()
        found = evaluate_folder(_single(tmp_path / kind, image), models / "box-x2@1")
        scores[kind] = found.scores
    assert scores["gray"] == scores["rgb"]


def test_alpha_is_left_out(tmp_path: Path, models: Path) -> None:
    picture = _picture(40, 40)
    alpha = RNG.integers(0, 256, (40, 40, 1), dtype=np.uint8)
    for name, image in (("a", picture), ("b", np.concatenate([picture, alpha], axis=2))):
        (tmp_path / name).mkdir()
        _single(tmp_path / name, image)
    plain, with_alpha = (evaluate_folder(tmp_path / n, models / "box-x2@1") for n in "ab")
    assert plain.scores == with_alpha.scores


def test_a_single_channel_model_is_fed_the_colours_one_by_one(tmp_path: Path, models: Path) -> None:
    folder = _single(tmp_path, _picture(40, 44))
    gray, rgb = (evaluate_folder(folder, models / n) for n in ("box-gray-x2@1", "box-x2@1"))
    assert gray.scores[0].psnr_rgb == pytest.approx(rgb.scores[0].psnr_rgb, abs=1e-6)


def test_the_mean_is_over_decibels_of_all_images_of_all_subfolders(
    tmp_path: Path, models: Path
) -> None:
    (tmp_path / "below").mkdir()
    _single(tmp_path, _picture(40, 40), "b.png")
    _single(tmp_path / "below", _picture(60, 30), "a.png")
    (tmp_path / "manifest.json").write_text("{}")
    found = evaluate_folder(tmp_path, models / "box-x2@1")
    assert [score.name for score in found.scores] == ["b.png", "below/a.png"]
    assert found.images == 2
    assert found.mean("psnr_y") == pytest.approx(np.mean([s.psnr_y for s in found.scores]))


def _stack(tmp_path: Path) -> np.ndarray:
    """Two channels of different range, three planes."""
    z, _, y, x = np.mgrid[:3, :2, :41, :54]
    smooth = 2000 + 900 * np.sin((x + z) / 6) * np.cos(y / 5)
    stack: np.ndarray = (smooth + RNG.normal(0, 30, smooth.shape)).astype(np.uint16)
    stack[:, 1] //= 8
    tifffile.imwrite(tmp_path / "cells.tif", stack, imagej=True, metadata={"axes": "ZCYX"})
    return stack[:, :, :40]


def test_a_16_bit_stack_is_compared_in_its_own_units_channel_by_channel(
    tmp_path: Path, models: Path
) -> None:
    stack = _stack(tmp_path)
    found = evaluate_folder(tmp_path, models / "box-gray-x2@1")
    assert (found.scores, found.mean("psnr_y")) == ((), None)
    ours = [score for score in found.intensities if score.method == "box-gray-x2@1"]
    assert [(score.name, score.channel) for score in ours] == [("cells.tif", 0), ("cells.tif", 1)]
    for score in ours:
        channel = stack[:, score.channel].astype(float)
        peak = channel.max() - channel.min()
        blocks = channel.reshape(3, 20, 2, 27, 2).mean(axis=(2, 4))
        nearest = np.rint(blocks.repeat(2, axis=1).repeat(2, axis=2))
        expected = compare_intensities(channel, nearest, peak=peak)
        assert score.report.peak == peak
        assert score.report.pixels == channel.size
        assert score.report.psnr == pytest.approx(expected.psnr, abs=0.01)
        assert score.report.bias == pytest.approx(expected.bias, abs=0.1)
        assert score.report.error_p999 == pytest.approx(expected.error_p999, abs=2)
        assert score.report.error_max == pytest.approx(expected.error_max, abs=2)
        assert 25 < score.lr_psnr < 60


def test_beside_each_model_stands_bicubic_through_16_bits_and_the_same_mapping(
    tmp_path: Path, models: Path
) -> None:
    _stack(tmp_path)
    found = evaluate_folder(tmp_path, models / "box-gray-x2@1", also=models / "box-x2@1")
    methods = [
        ("box-gray-x2@1", 1),
        ("box-x2@1", 3),
        ("box-x2@1, LR as one channel", 1),
        ("bicubic", 1),
    ]
    assert [(score.method, score.lr_values) for score in found.intensities] == methods * 2
    gray, tripled, averaged, plain = found.intensities[:4]
    assert gray.report.psnr == pytest.approx(tripled.report.psnr, abs=0.01)
    # The three channels of a box mean are alike, so their mean holds as much.
    assert averaged.report.psnr == pytest.approx(tripled.report.psnr, abs=0.01)
    assert gray.lr_psnr == pytest.approx(tripled.lr_psnr, abs=0.01)
    assert plain.report.psnr > gray.report.psnr
    assert plain.lr_psnr == np.inf


def test_lr_as_one_channel_restores_from_the_mean_of_the_three(
    tmp_path: Path, model_folder: Path
) -> None:
    image = _stack(tmp_path)[0, 0]
    tifffile.imwrite(tmp_path / "cells.tif", image)
    rescaler = Rescaler(model_folder / "irrm-fast-x2@1", device="cpu", precision="fp32")
    made = rescaler.downscale(image, axes="YX")
    one = np.rint(made.image.mean(axis=-1, keepdims=True)).astype(made.image.dtype)
    expected = rescaler.restore(
        np.repeat(one, 3, axis=-1), made.record, made.side_data, check=False
    )
    found = evaluate_folder(tmp_path, model_folder / "irrm-fast-x2@1", device="cpu")
    averaged = found.intensities[1]
    report = compare_intensities(image, expected, peak=averaged.report.peak)
    assert averaged.report == report
    assert averaged.report.psnr != found.intensities[0].report.psnr


def test_colours_of_16_bits_may_be_channels_to_rgb_models_too(tmp_path: Path, models: Path) -> None:
    image = (_picture(40, 42).astype(np.uint16) + 1) * 250
    image[..., 1] //= 4
    tifffile.imwrite(tmp_path / "rgb.tif", image, photometric="rgb")
    peaks = {}
    for split in (False, True):
        found = evaluate_folder(tmp_path, models / "box-x2@1", split=split)
        peaks[split] = [s.report.peak for s in found.intensities if s.method == "bicubic"]
    assert peaks[False][1] > 3 * peaks[True][1]


def test_what_bicubic_can_hold_it_restores_within_the_mapping_s_own_rounding(
    tmp_path: Path, models: Path
) -> None:
    ramp = np.add.outer(np.arange(64), np.arange(80)).astype(np.uint16) * 7 + 300
    tifffile.imwrite(tmp_path / "ramp.tif", ramp)
    plain = evaluate_folder(tmp_path, models / "box-gray-x2@1").intensities[-1]
    assert plain.method == "bicubic"
    assert abs(plain.report.bias) < 0.1
    # The mirrored border bends the ramp; nowhere else is there anything to lose.
    assert plain.report.psnr > 60


def test_one_hot_pixel_spoils_neither_the_model_s_figures_nor_bicubic_s(
    tmp_path: Path, models: Path
) -> None:
    calm = (1000 + 50 * RNG.random((64, 64))).astype(np.uint16)
    hot = calm.copy()
    hot[20, 30] = 65535
    for name, image in (("calm", calm), ("hot", hot)):
        (tmp_path / name).mkdir()
        tifffile.imwrite(tmp_path / name / "a.tif", image)
    without, with_ = (
        evaluate_folder(tmp_path / n, models / "box-gray-x2@1") for n in ("calm", "hot")
    )
    for one, other in zip(without.intensities, with_.intensities, strict=True):
        assert other.report.peak == pytest.approx(one.report.peak, rel=0.05)
        assert other.report.error_max < 60


def test_colour_samples_of_16_bits_are_channels_to_a_single_channel_model(
    tmp_path: Path, models: Path
) -> None:
    image = (_picture(40, 42).astype(np.uint16) + 1) * 250
    tifffile.imwrite(tmp_path / "rgb.tif", image, photometric="rgb")
    gray, rgb = (evaluate_folder(tmp_path, models / n) for n in ("box-gray-x2@1", "box-x2@1"))
    for found in (gray, rgb):
        assert [s.channel for s in found.intensities] == [0, 0, 1, 1, 2, 2]


def test_models_of_two_scales_are_not_compared(tmp_path: Path, models: Path) -> None:
    _stack(tmp_path)
    with pytest.raises(UsageError, match=r"by 2 and by 4.*one scale"):
        evaluate_folder(tmp_path, models / "box-x2@1", also=models / "box-x4@1")


def test_a_folder_that_is_missing_or_has_no_images_is_named(tmp_path: Path, models: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere: no such folder"):
        evaluate_folder(tmp_path / "nowhere", models / "box-x2@1")
    with pytest.raises(UsageError, match=r"no image files"):
        evaluate_folder(tmp_path, models / "box-x2@1")


def test_images_that_cannot_be_scored_are_named(tmp_path: Path, models: Path) -> None:
    _single(tmp_path, _picture(20, 60), "small.png")
    with pytest.raises(ImageDataError, match=r"small\.png.*too small"):
        evaluate_folder(tmp_path, models / "box-x4@1")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    with pytest.raises(ImageFileError, match=r"broken\.png"):
        evaluate_folder(tmp_path, models / "box-x4@1")


def test_images_that_cannot_be_measured_may_be_left_out_by_name(
    tmp_path: Path, models: Path
) -> None:
    _single(tmp_path, _picture(20, 60), "small.png")
    _single(tmp_path, _picture(60, 60), "whole.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    found = evaluate_folder(tmp_path, models / "box-x4@1", strict=False)
    assert [score.name for score in found.scores] == ["whole.png"]
    assert [failure.name for failure in found.failed] == ["broken.png", "small.png"]
    assert all(failure.name in failure.error for failure in found.failed)


def test_irrm_eval_names_what_it_left_out_measures_the_rest_and_ends_with_code_20(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _single(tmp_path, _picture(60, 60), "whole.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    arguments = ["eval", str(tmp_path), "--model", str(models / "box-x4@1"), "--json"]
    assert main(arguments) == SomeFilesFailedError.exit_code
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["images"] == 1
    assert [failure["name"] for failure in document["failed"]] == ["broken.png"]
    assert captured.err.count("broken.png") == 1
    assert "1 image could not be measured" in captured.err


def test_an_evaluation_survives_json(tmp_path: Path, models: Path) -> None:
    _single(tmp_path, _picture(60, 60), "whole.png")
    _stack(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"rubbish")
    found = evaluate_folder(tmp_path, models / "box-x2@1", strict=False)
    assert Evaluation.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_cancelled_evaluation_stops(tmp_path: Path, models: Path) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        evaluate_folder(_single(tmp_path, _picture(40, 40)), models / "box-x2@1", cancel=cancel)


KEYS = {"images", "psnr_y", "ssim_y", "psnr_rgb", "lr_psnr_y", "lr_ssim_y"}


def test_irrm_eval_prints_one_json_document(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _single(tmp_path, _picture(40, 40))
    _stack(tmp_path)
    assert main(["eval", str(tmp_path), "--model", str(models / "box-x2@1"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.keys() >= KEYS
    assert document["images"] == len(document["scores"]) == 1
    assert document["psnr_y"] == document["scores"][0]["psnr_y"]
    methods = {row["method"] for row in document["intensities"]}
    assert methods == {"box-x2@1", "box-x2@1, LR as one channel", "bicubic"}
    assert document["intensities"][0].keys() >= {"psnr", "bias", "error_p999", "error_max"}


def test_irrm_eval_prints_a_table_of_images_and_means_and_one_of_intensities(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _single(tmp_path, _picture(40, 40))
    _stack(tmp_path)
    assert main(["eval", str(tmp_path), "--model", str(models / "box-x2@1")]) == 0
    out = capsys.readouterr().out
    for word in ("a.png", "40x40", "mean of 1", "PSNR-Y", "cells.tif", "99.9 % error", "bicubic"):
        assert word in out


def test_irrm_eval_of_a_missing_folder_is_one_line_and_exit_code_2(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", str(tmp_path / "no"), "--model", str(models / "box-x2@1")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_irrm_eval_says_when_a_second_model_had_nothing_to_be_measured_on(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _single(tmp_path, _picture(40, 40))
    first, second = str(models / "box-x2@1"), str(models / "box-gray-x2@1")
    assert main(["eval", str(tmp_path), "--model", first, "--also", second, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no images of over 8 bits" in captured.err


@pytest.fixture(scope="session")
def firn(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published checkpoint, imported."""
    folder = tmp_path_factory.mktemp("published")
    weights = shared / "weights" / "FIRN.pth"
    card = import_checkpoint(weights, "firn-x4", LatentPolicy("gaussian"), folder=folder)
    return folder / card.id


def _published(shared: Path, firn: Path, name: str) -> Evaluation:
    return evaluate_folder(shared / "data" / "bench" / name, firn, device="cpu")


@pytest.mark.shared
def test_firn_scores_on_set5_what_its_paper_publishes(shared: Path, firn: Path) -> None:
    found = _published(shared, firn, "Set5")
    assert found.images == 5
    assert found.mean("psnr_y") == pytest.approx(33.57, abs=0.05)
    assert found.mean("ssim_y") == pytest.approx(0.919, abs=0.001)


@pytest.mark.shared
@pytest.mark.slow
def test_firn_scores_on_set14_what_its_paper_publishes(shared: Path, firn: Path) -> None:
    found = _published(shared, firn, "Set14")
    assert found.images == 14
    assert found.mean("psnr_y") == pytest.approx(30.03, abs=0.05)
    assert found.mean("ssim_y") == pytest.approx(0.845, abs=0.001)


def test_an_image_smaller_than_an_lr_pixel_is_named(tmp_path: Path, models: Path) -> None:
    Image.fromarray(_picture(1, 9)).save(tmp_path / "line.png")
    with pytest.raises(ImageDataError, match=r"line.png: is smaller than one LR pixel of x4"):
        evaluate_folder(tmp_path, models / "box-x4@1")
