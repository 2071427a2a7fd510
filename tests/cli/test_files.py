"""``irrm downscale``, ``restore`` and ``info`` on one file, as a person and a script use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from irrm_core.imagefile import read_image

Pixels = Callable[..., NDArray[Any]]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


def test_a_photograph_becomes_small_and_comes_back(photo: Path, irrm: Run) -> None:
    code, out, err = irrm("downscale", photo)
    assert (code, err) == (0, "")
    lr = photo.with_name("photo.jpg.irrm.png")
    assert lr.name in out
    assert "70x50" in out
    assert "18x13" in out
    assert " dB" in out

    code, out, err = irrm("restore", lr)
    assert (code, err) == (0, "")
    back = photo.with_name("photo.jpg.restored.png")
    assert back.name in out
    assert read_image(back)[0].shape == (50, 70, 3)


def test_json_tells_whole_file_sizes_and_what_was_measured(photo: Path, irrm: Run) -> None:
    _, out, _ = irrm("downscale", photo, "--json")
    document = json.loads(out)
    (entry,) = document["files"]
    lr = Path(entry["target"])
    assert entry["source_bytes"] == photo.stat().st_size
    assert entry["target_bytes"] == lr.stat().st_size
    assert entry["record_bytes"] < 600
    assert entry["model"] == "irrm-fast-x4@1"
    assert (document["skipped"], document["failed"]) == ([], [])
    _, out, _ = irrm("restore", lr, "--json")
    (back,) = json.loads(out)["files"]
    assert back["psnr"] == entry["psnr"] > 5
    assert back["digest_checked"] is True


def test_quiet_prints_nothing_at_all(photo: Path, irrm: Run) -> None:
    assert irrm("downscale", photo, "-q") == (0, "", "")


@pytest.mark.parametrize(
    ("options", "model"),
    [
        ([], "irrm-fast-x4@1"),
        (["--scale", "2"], "irrm-fast-x2@1"),
        (["--model", "irrm-fast-x2"], "irrm-fast-x2@1"),
    ],
)
def test_the_model_follows_from_name_or_scale(
    options: list[str], model: str, photo: Path, irrm: Run
) -> None:
    code, out, _ = irrm("downscale", photo, "--json", "--no-measure", *options)
    assert code == 0
    (entry,) = json.loads(out)["files"]
    assert (entry["model"], entry["psnr"]) == (model, None)


@pytest.mark.parametrize(
    ("options", "model"), [([], "irrm-fast-gray-x2@1"), (["--scale", "4"], "irrm-fast-x4@1")]
)
def test_gray_images_get_a_gray_model_where_there_is_one(
    options: list[str], model: str, tmp_path: Path, pixels: Pixels, irrm: Run
) -> None:
    tifffile.imwrite(tmp_path / "cells.tif", pixels(40, 40, dtype="uint16"))
    code, out, _ = irrm("downscale", tmp_path / "cells.tif", "--json", *options)
    assert code == 0
    assert json.loads(out)["files"][0]["model"] == model


def test_a_model_and_a_scale_that_contradict_each_other_are_refused(photo: Path, irrm: Run) -> None:
    code, _, err = irrm("downscale", photo, "--model", "irrm-fast-x2", "--scale", "4")
    assert code == 2
    assert "x2, not x4" in err


def test_outputs_are_kept_unless_overwriting_is_asked_for(photo: Path, irrm: Run) -> None:
    assert irrm("downscale", photo)[0] == 0
    code, out, err = irrm("downscale", photo)
    assert (code, out) == (5, "")
    assert err.count("\n") == 1
    assert "photo.jpg.irrm.png" in err
    assert irrm("downscale", photo, "--overwrite")[0] == 0


def test_a_name_or_an_existing_folder_says_where_the_output_goes(photo: Path, irrm: Run) -> None:
    folder = photo.parent / "out"
    folder.mkdir()
    assert irrm("downscale", photo, folder / "small.webp")[0] == 0
    assert irrm("downscale", photo, folder)[0] == 0
    assert irrm("restore", folder / "small.webp", folder)[0] == 0
    assert sorted(p.name for p in folder.iterdir()) == [
        "photo.jpg.irrm.png",
        "small.restored.png",
        "small.webp",
    ]


def test_a_tile_size_changes_nothing_that_can_be_seen(
    tmp_path: Path, pixels: Pixels, irrm: Run
) -> None:
    Image.fromarray(pixels(150, 170, 3)).save(tmp_path / "a.png")
    lrs = []
    for tile in ("32", "512"):
        target = tmp_path / f"{tile}.png"
        assert irrm("downscale", tmp_path / "a.png", target, "--tile", tile)[0] == 0
        lrs.append(read_image(target)[0].astype(int))
    assert np.abs(lrs[0] - lrs[1]).max() <= 1


def test_an_lr_file_is_refused_as_input_unless_forced(photo: Path, irrm: Run) -> None:
    irrm("downscale", photo)
    lr = photo.with_name("photo.jpg.irrm.png")
    code, _, err = irrm("downscale", lr)
    assert code == 2
    assert "is an LR file already" in err
    assert irrm("downscale", lr, "--force")[0] == 0


def test_each_reason_not_to_restore_has_its_exit_code(
    photo: Path, irrm: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    irrm("downscale", photo)
    lr = photo.with_name("photo.jpg.irrm.png")
    code, _, err = irrm("restore", photo)
    assert (code, "--assume MODEL" in err) == (11, True)
    assert irrm("restore", photo, "--assume", "irrm-fast-x2", "--quiet")[0] == 0
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "none"))
    code, _, err = irrm("restore", lr)
    assert (code, "irrm-fast-x4@1" in err) == (7, True)
    assert err.count("\n") == 1


def test_a_model_in_a_folder_of_its_own_is_named_on_restoring(
    photo: Path, irrm: Run, models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    irrm("downscale", photo)
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "none"))
    lr = photo.with_name("photo.jpg.irrm.png")
    assert irrm("restore", lr, "--model", models / "irrm-fast-x4@1")[0] == 0


def test_info_tells_an_image_an_lr_file_and_a_restoration_apart(photo: Path, irrm: Run) -> None:
    irrm("downscale", photo)
    irrm("restore", photo.with_name("photo.jpg.irrm.png"))
    for name, words in (
        ("photo.jpg", ["without a restore record", "70x50"]),
        ("photo.jpg.irrm.png", ["an LR file", "irrm-fast-x4@1", "70x50", "as written", "bytes"]),
        ("photo.jpg.restored.png", ["not the original", "irrm-fast-x4@1", " dB"]),
    ):
        code, out, err = irrm("info", photo.with_name(name))
        assert (code, err) == (0, "")
        for word in words:
            assert word in out


def test_info_as_json_has_the_whole_record(photo: Path, irrm: Run) -> None:
    irrm("downscale", photo)
    _, out, _ = irrm("info", photo.with_name("photo.jpg.irrm.png"), "--json")
    document = json.loads(out)
    assert document["kind"] == "lr"
    assert document["pixels_match"] is True
    assert document["model_here"] is True
    assert document["record"]["hr_shape"] == [50, 70, 3]
    assert document["record"]["source_bytes"] == photo.stat().st_size
    assert document["record_bytes"] < 600


def test_info_says_what_is_wrong_with_an_edited_lr_file(photo: Path, irrm: Run) -> None:
    irrm("downscale", photo)
    lr = photo.with_name("photo.jpg.irrm.png")
    with Image.open(lr) as picture:
        texts = picture.info["irrm"]
        edited = picture.convert("RGB").point(lambda value: 255 - value)
    from PIL.PngImagePlugin import PngInfo

    chunk = PngInfo()
    chunk.add_text("irrm", texts)
    edited.save(lr, pnginfo=chunk)
    code, out, _ = irrm("info", lr)
    assert code == 0
    assert "changed" in out
    assert irrm("restore", lr)[0] == 12


def test_nan_is_refused_with_its_place_or_filled_on_request(
    tmp_path: Path, pixels: Pixels, irrm: Run
) -> None:
    image = pixels(20, 20, dtype="float32")
    image[4, 3] = np.nan
    tifffile.imwrite(tmp_path / "ratio.tif", image)
    code, _, err = irrm("downscale", tmp_path / "ratio.tif")
    assert code == 6
    assert "ratio.tif" in err
    assert irrm("downscale", tmp_path / "ratio.tif", "--fill")[0] == 0


def test_the_pixel_limit_can_be_set(photo: Path, irrm: Run) -> None:
    code, _, err = irrm("downscale", photo, "--max-megapixels", "0.001")
    assert code == 4
    assert "photo.jpg" in err
    assert "more than the limit of 0.001; raise the limit (--max-megapixels)" in err
