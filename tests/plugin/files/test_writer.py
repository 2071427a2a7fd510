"""Saving LR layers as files that restore."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core import Rescaler
from irrm_core.archive import read_lr, restore_file
from irrm_core.errors import NoRecordError, OutputExistsError
from irrm_core.imagefile import read_image
from napari_irrm.files import write_lr
from napari_irrm.files.errors import LayerNotSavedError
from napari_irrm.layers import Provenance, image_of, lr_arguments, provenance_of
from napari_irrm.layers.provenance import KEY

pytestmark = pytest.mark.usefixtures("plugins")

PLUGIN = "napari-irrm"
Pixels = Callable[..., NDArray[Any]]


@pytest.fixture
def lr_of(viewer_model: ViewerModel, default_models: Path) -> Callable[..., Any]:
    """Downscale an image layer and add its LR, as the jobs do."""

    def make(original: Any, model: str) -> Any:
        image = image_of(original)
        made = Rescaler(model, device="cpu").downscale(image.data, axes=image.axes, measure=True)
        provenance = Provenance("lr", made.record, made.side_data, source=original.name)
        return viewer_model.add_image(
            image.as_layer(made.image),
            metadata={KEY: provenance.to_metadata()},
            **lr_arguments(original, image, made.record),
        )

    return make


@pytest.fixture
def cells(viewer_model: ViewerModel, deep: NDArray[Any]) -> Any:
    """A calibrated stack, ZCYX, shown darker than its range."""
    return viewer_model.add_image(
        deep,
        name="cells",
        scale=(0.5, 1, 0.108, 0.108),
        units=("um", "pixel", "um", "um"),
        axis_labels=("z", "c", "y", "x"),
        contrast_limits=(3000, 5000),
    )


def save(viewer: ViewerModel, layer: Any, path: Path, plugin: str | None = PLUGIN) -> Path:
    viewer.layers.selection = {layer}
    (written,) = viewer.layers.save(str(path), selected=True, plugin=plugin)
    return Path(written)


def test_a_saved_stack_is_an_ome_tiff_with_the_pixel_size_of_the_lr(
    viewer_model: ViewerModel, cells: Any, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    path = save(viewer_model, lr_of(cells, "irrm-fast-gray-x2"), tmp_path / "cells.irrm.tif")
    with tifffile.TiffFile(path) as tiff:
        xml = tiff.ome_metadata
        assert xml is not None and tiff.series[0].axes == "ZCYX"
    for said in ('PhysicalSizeX="0.216"', 'PhysicalSizeY="0.216"', 'PhysicalSizeZ="0.5"', "µm"):
        assert said in xml


def test_a_saved_stack_opens_in_the_same_place_and_restores(
    viewer_model: ViewerModel,
    cells: Any,
    lr_of: Callable[..., Any],
    tmp_path: Path,
    deep: NDArray[Any],
) -> None:
    saved = lr_of(cells, "irrm-fast-gray-x2")
    path = save(viewer_model, saved, tmp_path / "cells.irrm.tif")
    (layer,) = viewer_model.open(path, plugin=PLUGIN)
    np.testing.assert_allclose(layer.extent.world, saved.extent.world)
    np.testing.assert_array_equal(layer.data, saved.data)
    assert layer.axis_labels == saved.axis_labels
    provenance = provenance_of(layer)
    assert provenance is not None and provenance.source == "cells"
    assert provenance.display.contrast_limits is not None
    rescaler = Rescaler.for_record(provenance.record, device="cpu")
    back = restore_file(path, tmp_path / "back.tif", rescaler)
    assert read_image(back.target)[0].shape == deep.shape


def test_the_contrast_that_was_chosen_comes_back_with_the_file(
    viewer_model: ViewerModel,
    deep: NDArray[Any],
    lr_of: Callable[..., Any],
    tmp_path: Path,
) -> None:
    original = viewer_model.add_image(
        deep[:, 0], name="cells", contrast_limits=(3100, 4700), axis_labels=("t", "y", "x")
    )
    saved = lr_of(original, "irrm-fast-gray-x2")
    path = save(viewer_model, saved, tmp_path / "cells.irrm.tif")
    (layer,) = viewer_model.open(path, plugin=PLUGIN)
    assert layer.contrast_limits == pytest.approx(saved.contrast_limits, rel=1e-3)
    provenance = provenance_of(layer)
    assert provenance is not None
    assert provenance.display.contrast_limits == pytest.approx((3100, 4700), rel=1e-3)


def test_a_photograph_becomes_png_or_webp_by_its_name(
    viewer_model: ViewerModel, pixels: Pixels, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    layer = lr_of(viewer_model.add_image(pixels(40, 44, 3), name="photo"), "irrm-fast-x4")
    for name in ("photo.irrm.png", "photo.irrm.webp", "photo.irrm.tif"):
        path = save(viewer_model, layer, tmp_path / name)
        made, _ = read_lr(path)
        np.testing.assert_array_equal(made.image, layer.data)
        assert Rescaler("irrm-fast-x4").restore(made).shape == (40, 44, 3)


def test_side_data_are_saved_with_the_layer(
    viewer_model: ViewerModel, pixels: Pixels, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    image = pixels(40, 44, 4)
    layer = lr_of(viewer_model.add_image(image, name="clear"), "irrm-fast-x2")
    made, _ = read_lr(save(viewer_model, layer, tmp_path / "clear.irrm.png"))
    back = Rescaler("irrm-fast-x2").restore(made)
    np.testing.assert_array_equal(back[..., 3], image[..., 3])


def test_napari_takes_our_writer_for_names_of_lr_files_and_its_own_for_others(
    viewer_model: ViewerModel, pixels: Pixels, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    layer = lr_of(viewer_model.add_image(pixels(40, 44), name="gray"), "irrm-fast-gray-x2")
    lr = save(viewer_model, layer, tmp_path / "gray.irrm.tif", plugin=None)
    assert read_lr(lr)[0].record.hr_shape == (40, 44)
    ordinary = save(viewer_model, layer, tmp_path / "gray.tif", plugin=None)
    with pytest.raises(NoRecordError):
        read_lr(ordinary)
    others = viewer_model.add_image(pixels(40, 44))
    for name in ("other.tif", "other.png"):
        assert save(viewer_model, others, tmp_path / name, plugin=None).exists()


def test_a_name_without_a_suffix_is_completed(
    viewer_model: ViewerModel, pixels: Pixels, cells: Any, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    photo = lr_of(viewer_model.add_image(pixels(40, 44, 3)), "irrm-fast-x4").as_layer_data_tuple()
    stack = lr_of(cells, "irrm-fast-gray-x2").as_layer_data_tuple()
    assert write_lr(str(tmp_path / "photo.jpg"), *photo[:2]) == [
        str(tmp_path / "photo.jpg.irrm.png")
    ]
    assert write_lr(str(tmp_path / "stack"), *stack[:2]) == [str(tmp_path / "stack.irrm.tif")]


def test_a_name_that_was_completed_replaces_nothing_and_one_that_was_chosen_does(
    viewer_model: ViewerModel, pixels: Pixels, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    layer = lr_of(viewer_model.add_image(pixels(40, 44, 3)), "irrm-fast-x4")
    data, meta, _ = layer.as_layer_data_tuple()
    there = tmp_path / "photo.irrm.png"
    there.write_bytes(b"something else")
    with pytest.raises(OutputExistsError, match=r"photo\.irrm\.png"):
        write_lr(str(tmp_path / "photo"), data, meta)
    assert there.read_bytes() == b"something else"
    write_lr(str(there), data, meta)
    assert read_lr(there)[0].record.scale == 4


def test_layers_without_a_record_are_refused_with_the_reason(
    viewer_model: ViewerModel, pixels: Pixels, tmp_path: Path
) -> None:
    layer = viewer_model.add_image(pixels(40, 44), name="plain")
    with pytest.raises(LayerNotSavedError, match="'plain' carries no restore record"):
        save(viewer_model, layer, tmp_path / "plain.irrm.png")
    assert not list(tmp_path.glob("plain*"))


def test_a_layer_that_was_edited_is_refused(
    viewer_model: ViewerModel, pixels: Pixels, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    layer = lr_of(viewer_model.add_image(pixels(40, 44), name="gray"), "irrm-fast-gray-x2")
    layer.data = layer.data.copy()
    layer.data[3, 3] ^= 1
    with pytest.raises(LayerNotSavedError, match="gray LR"):
        save(viewer_model, layer, tmp_path / "gray.irrm.png")
    layer.data = layer.data[:-1]
    with pytest.raises(LayerNotSavedError):
        save(viewer_model, layer, tmp_path / "gray.irrm.png")
    assert not list(tmp_path.glob("gray*"))


def test_what_png_cannot_hold_is_refused_and_not_left_out(
    viewer_model: ViewerModel, pixels: Pixels, cells: Any, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(LayerNotSavedError, match="only TIFF"):
        save(viewer_model, lr_of(cells, "irrm-fast-gray-x2"), tmp_path / "cells.irrm.png")
    flat = viewer_model.add_image(pixels(40, 44), scale=(0.1, 0.1), units=("um", "um"))
    with pytest.raises(LayerNotSavedError, match="physical pixel size"):
        save(viewer_model, lr_of(flat, "irrm-fast-gray-x2"), tmp_path / "flat.irrm.png")


def test_a_saved_file_is_an_lr_file_to_the_command(
    viewer_model: ViewerModel, pixels: Pixels, lr_of: Callable[..., Any], tmp_path: Path
) -> None:
    layer = lr_of(viewer_model.add_image(pixels(40, 44, 3)), "irrm-fast-x4")
    path = save(viewer_model, layer, tmp_path / "photo.irrm.png")
    told = subprocess.run(
        [sys.executable, "-m", "irrm_core.cli", "info", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "irrm-fast-x4" in told.stdout
