"""Finding the record of a layer that napari opened by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core import Rescaler
from irrm_core.errors import PixelsChangedError
from irrm_core.imagefile import read_image, read_record, write_image
from napari_irrm.files import recover

pytestmark = pytest.mark.usefixtures("plugins")

Pixels = Callable[..., NDArray[Any]]


def opened(viewer: ViewerModel, path: Path) -> Any:
    (layer,) = viewer.open(path, plugin="napari")
    return layer


def restored(layer: Any) -> NDArray[Any]:
    provenance = recover(layer)
    assert provenance is not None
    rescaler = Rescaler.for_record(provenance.record, device="cpu")
    return rescaler.restore(layer.data, provenance.record, provenance.side_data)


def test_a_layer_that_napari_opened_from_an_lr_file_restores(
    viewer_model: ViewerModel, photo_lr: Path, pixels: Pixels
) -> None:
    layer = opened(viewer_model, photo_lr)
    assert "irrm" not in layer.metadata
    assert restored(layer).shape == pixels(130, 150, 3).shape


def test_the_name_of_the_file_does_not_matter(
    viewer_model: ViewerModel, photo_lr: Path, tmp_path: Path
) -> None:
    layer = opened(viewer_model, photo_lr.rename(tmp_path / "small.png"))
    provenance = recover(layer)
    assert provenance is not None and provenance.source == "small"
    assert provenance.record.hr_shape == (130, 150, 3)


def test_alpha_and_outliers_come_back_too(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], pixels: Pixels
) -> None:
    image = pixels(70, 84, 4)
    layer = opened(viewer_model, lr_file("clear.png", image, "irrm-fast-x2"))
    np.testing.assert_array_equal(restored(layer)[..., 3], image[..., 3])


def test_a_stack_of_16_bits_restores_to_its_own_range(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], deep: NDArray[Any]
) -> None:
    layer = opened(viewer_model, lr_file("cells.tif", deep, "irrm-fast-gray-x2", axes="ZCYX"))
    provenance = recover(layer)
    assert provenance is not None
    assert provenance.display.contrast_limits == (deep.min(), deep.max())
    back = restored(layer)
    assert back.shape == deep.shape and back.dtype == deep.dtype


def test_axes_of_length_one_that_napari_dropped_are_dropped_from_the_record(
    viewer_model: ViewerModel, deep: NDArray[Any], tmp_path: Path, default_models: Path
) -> None:
    from irrm_core.archive.lrfile import lr_envelope

    whole = deep[None, :, :1]
    made = Rescaler("irrm-fast-gray-x2").downscale(whole, axes="TZCYX", measure=True)
    path = tmp_path / "five.irrm.tif"
    record = lr_envelope(made.record).to_bytes()
    write_image(path, made.image, axes="TZCYX", format="ome-tiff", record=record)
    layer = opened(viewer_model, path)
    assert layer.data.shape == (3, 17, 23)
    provenance = recover(layer)
    assert provenance is not None
    assert (provenance.record.axes, provenance.record.hr_shape) == ("ZYX", (3, 33, 46))
    reference = Rescaler("irrm-fast-gray-x2").restore(made)
    np.testing.assert_array_equal(restored(layer), reference[0, :, 0])


def test_pixels_that_were_edited_since_are_refused_when_they_are_restored(
    viewer_model: ViewerModel, photo_lr: Path
) -> None:
    layer = opened(viewer_model, photo_lr)
    layer.data = 255 - layer.data
    with pytest.raises(PixelsChangedError):
        restored(layer)


def test_a_layer_of_another_size_or_type_has_no_record(
    viewer_model: ViewerModel, photo_lr: Path
) -> None:
    layer = opened(viewer_model, photo_lr)
    whole = layer.data
    layer.data = whole[:-1]
    assert recover(layer) is None
    layer.data = whole.astype(np.float32) / 255
    assert recover(layer) is None


def test_colours_that_napari_took_for_a_stack_have_no_record(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], pixels: Pixels
) -> None:
    layer = opened(viewer_model, lr_file("tiny.png", pixels(40, 44, 3), "irrm-fast-x4"))
    assert not layer.rgb
    assert recover(layer) is None


def test_layers_of_ordinary_files_and_of_none_have_no_record(
    viewer_model: ViewerModel, tmp_path: Path, pixels: Pixels
) -> None:
    write_image(tmp_path / "plain.tif", pixels(20, 24, dtype="uint16"))
    assert recover(opened(viewer_model, tmp_path / "plain.tif")) is None
    assert recover(viewer_model.add_image(pixels(20, 24))) is None


def test_a_file_that_is_gone_or_damaged_since_gives_no_record(
    viewer_model: ViewerModel, photo_lr: Path, tmp_path: Path
) -> None:
    layer = opened(viewer_model, photo_lr)
    image, record = read_image(photo_lr)[0], read_record(photo_lr)
    photo_lr.unlink()
    assert recover(layer) is None
    assert record is not None
    write_image(photo_lr, image, record=record.replace(b'"s":4', b'"s":-4'))
    assert recover(layer) is None


def test_a_labels_layer_is_none_of_ours(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], pixels: Pixels
) -> None:
    path = lr_file("gray.png", pixels(32, 44), "irrm-fast-gray-x2")
    (layer,) = viewer_model.open(path, plugin="napari", layer_type="labels")
    assert recover(layer) is None
