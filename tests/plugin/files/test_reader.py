"""Opening LR files in napari."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.errors import MultipleReaderError
from napari.settings import get_settings
from numpy.typing import NDArray

from irrm_core import Rescaler
from irrm_core.archive import downscale_file, read_lr, restore_file
from irrm_core.archive.catalogue import StorageClass
from irrm_core.archive.classes import Rule, Stored, commit, spool, store_file
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store
from irrm_core.errors import NotRestorableError, PixelsChangedError
from irrm_core.imagefile import PixelSize, SourceMetadata, read_image, read_record, write_image
from napari_irrm.files import get_reader, read
from napari_irrm.layers import provenance_of

PLUGIN = "napari-irrm"

pytestmark = pytest.mark.usefixtures("plugins")


def opened(viewer: ViewerModel, path: Path) -> Any:
    (layer,) = viewer.open(path, plugin=PLUGIN)
    return layer


def test_an_lr_photograph_lies_on_its_original(viewer_model: ViewerModel, photo_lr: Path) -> None:
    layer = opened(viewer_model, photo_lr)
    assert layer.name == "photo.png LR x4"
    assert layer.rgb and layer.data.dtype == np.uint8
    np.testing.assert_allclose(layer.scale, (4, 4))
    np.testing.assert_allclose(layer.translate, (1.5, 1.5))
    made, _ = read_lr(photo_lr)
    np.testing.assert_array_equal(layer.data, made.image)


def test_an_opened_lr_restores_to_what_the_file_restores_to(
    viewer_model: ViewerModel, photo_lr: Path, tmp_path: Path
) -> None:
    layer = opened(viewer_model, photo_lr)
    provenance = provenance_of(layer)
    assert provenance is not None and provenance.kind == "lr"
    assert provenance.source == "photo.png"
    rescaler = Rescaler.for_record(provenance.record, device="cpu")
    restored = rescaler.restore(layer.data, provenance.record, provenance.side_data)
    file = restore_file(photo_lr, tmp_path / "again.png", rescaler)
    np.testing.assert_array_equal(restored, read_image(file.target)[0])


def test_a_calibrated_stack_has_scale_units_labels_and_contrast(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], deep: NDArray[Any]
) -> None:
    size = PixelSize(y=0.2, x=0.2, z=0.5)
    path = lr_file(
        "cells.ome.tif",
        deep,
        "irrm-fast-gray-x2",
        axes="ZCYX",
        metadata=SourceMetadata(pixel_size=size),
    )
    layer = opened(viewer_model, path)
    assert layer.data.shape == (3, 2, 17, 23)
    np.testing.assert_allclose(layer.scale, (0.5, 1, 0.4, 0.4))
    np.testing.assert_allclose(layer.translate, (0, 0, 0.1, 0.1))
    assert [str(unit) for unit in layer.units] == [
        "micrometer",
        "pixel",
        "micrometer",
        "micrometer",
    ]
    assert layer.axis_labels == ("z", "c", "y", "x")
    assert layer.contrast_limits == pytest.approx((0.02 * 65535, 0.98 * 65535))
    provenance = provenance_of(layer)
    assert provenance is not None
    assert provenance.display.contrast_limits == (deep.min(), deep.max())


def test_an_imagej_stack_keeps_its_display_range_and_frame_interval(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], deep: NDArray[Any]
) -> None:
    fields = {"min": 3500.0, "max": 4500.0, "finterval": 30.0, "unit": "micron"}
    path = lr_file(
        "series.tif",
        deep[:, 0],
        "irrm-fast-gray-x2",
        axes="TYX",
        metadata=SourceMetadata(imagej=fields, pixel_size=PixelSize(y=0.1, x=0.1, unit="micron")),
    )
    layer = opened(viewer_model, path)
    np.testing.assert_allclose(layer.scale, (30, 0.2, 0.2), rtol=1e-4)
    assert str(layer.units[0]) == "second"
    assert layer.units[1].is_compatible_with("meter")
    provenance = provenance_of(layer)
    assert provenance is not None
    assert provenance.display.contrast_limits == pytest.approx((3500, 4500), rel=1e-3)
    low, high = layer.contrast_limits
    assert 0 < low < high < 65535


def test_a_gray_lr_in_webp_is_gray_again(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], pixels: Callable[..., NDArray[Any]]
) -> None:
    path = lr_file("gray.png", pixels(32, 44), "irrm-fast-gray-x2", format="webp")
    layer = opened(viewer_model, path)
    assert not layer.rgb and layer.data.shape == (16, 22)


def test_gray_that_an_rgb_model_made_small_is_shown_in_its_colours(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], deep: NDArray[Any]
) -> None:
    path = lr_file("cells.tif", deep[:, 0], "irrm-fast-x2", axes="TYX")
    layer = opened(viewer_model, path)
    assert layer.rgb and layer.data.shape == (3, 17, 23, 3)
    assert layer.ndim == 3


def test_several_files_become_several_layers(
    lr_file: Callable[..., Path], pixels: Callable[..., NDArray[Any]]
) -> None:
    paths = [
        str(lr_file(f"{name}.png", pixels(20 + n, 24, 3), "irrm-fast-x4"))
        for n, name in enumerate("ab")
    ]
    reader = get_reader(paths)
    assert reader is not None
    assert [arguments["name"] for _, arguments, _ in reader(paths)] == [
        "a.png LR x4",
        "b.png LR x4",
    ]


def test_ordinary_files_are_left_to_others(
    tmp_path: Path, pixels: Callable[..., NDArray[Any]]
) -> None:
    names = ("plain.png", "plain.tif", "plain.jpg", "named.irrm.png")
    for name in names:
        write_image(tmp_path / name, pixels(20, 24, 3))
    (tmp_path / "text.irrm.tif").write_text("no image")
    for name in (*names, "text.irrm.tif", "missing.irrm.png", ""):
        assert get_reader(str(tmp_path / name)) is None
    assert get_reader("https://example.org/photo.png.irrm.png") is None
    assert get_reader([]) is None


def test_one_ordinary_file_among_lr_files_is_not_read_as_one(
    photo_lr: Path, tmp_path: Path, pixels: Callable[..., NDArray[Any]]
) -> None:
    write_image(tmp_path / "plain.png", pixels(20, 24, 3))
    assert get_reader([str(photo_lr), str(tmp_path / "plain.png")]) is None


def test_a_restoration_is_no_lr_file(photo_lr: Path, tmp_path: Path) -> None:
    made = restore_file(photo_lr, tmp_path / "restored.irrm.png", Rescaler("irrm-fast-x4"))
    assert get_reader(str(made.target)) is None


def test_a_damaged_record_is_told_and_not_hidden(photo_lr: Path, tmp_path: Path) -> None:
    record = read_record(photo_lr)
    assert record is not None
    damaged = tmp_path / "damaged.irrm.png"
    write_image(damaged, read_image(photo_lr)[0], record=record.replace(b'"s":4', b'"s":-4'))
    reader = get_reader(str(damaged))
    assert reader is not None
    with pytest.raises(NotRestorableError, match=r"damaged\.irrm\.png"):
        reader(str(damaged))


def test_a_file_that_was_cut_since_is_refused_by_name(photo_lr: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.irrm.png"
    write_image(cut, read_image(photo_lr)[0][:-1], record=read_record(photo_lr))
    with pytest.raises(PixelsChangedError, match=r"cut\.irrm\.png"):
        read(str(cut))


def test_napari_asks_for_a_reader_only_where_the_name_is_one_of_an_lr_file(
    viewer_model: ViewerModel, photo_lr: Path, tmp_path: Path
) -> None:
    renamed = photo_lr.rename(tmp_path / "small.png")
    (layer,) = viewer_model.open(renamed, plugin=None)
    assert layer.source.reader_plugin == "napari"
    again = renamed.rename(photo_lr)
    with pytest.raises(MultipleReaderError, match=PLUGIN):
        viewer_model.open(again, plugin=None)


def test_whoever_prefers_our_reader_for_lr_names_is_not_asked(
    viewer_model: ViewerModel, photo_lr: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings().plugins, "extension2reader", {"*.irrm.png": PLUGIN})
    (layer,) = viewer_model.open(photo_lr, plugin=None)
    assert layer.source.reader_plugin == PLUGIN
    assert layer.source.path == str(photo_lr)


def test_an_lr_that_was_called_as_layers_are_keeps_the_name_of_its_original(
    viewer_model: ViewerModel, photo_lr: Path, tmp_path: Path
) -> None:
    saved = photo_lr.rename(tmp_path / "photo LR x4.irrm.png")
    assert opened(viewer_model, saved).name == "photo LR x4"


def test_a_large_lr_opens_with_smaller_levels_and_is_saved_as_it_was(
    viewer_model: ViewerModel, lr_file: Callable[..., Path], pixels: Callable[..., NDArray[Any]]
) -> None:
    path = lr_file("strip.png", pixels(8, 8300), "irrm-fast-gray-x2")
    layer = opened(viewer_model, path)
    assert layer.multiscale
    assert [level.shape for level in layer.data][:2] == [(4, 4150), (2, 2075)]
    np.testing.assert_array_equal(layer.data[0], read_lr(path)[0].image)
    viewer_model.layers.selection = {layer}
    again = path.with_name("again.irrm.png")
    assert viewer_model.layers.save(str(again), selected=True) == [str(again)]
    np.testing.assert_array_equal(read_lr(again)[0].image, layer.data[0])


def test_lr_files_of_a_watcher_s_store_open_too(
    viewer_model: ViewerModel,
    tmp_path: Path,
    default_models: Path,
    deep: NDArray[Any],
) -> None:
    rule = Rule(
        classes=frozenset({StorageClass.lr}), floors=Floors(psnr=0, ssim=None), minimum_saving=0
    )
    size = SourceMetadata(pixel_size=PixelSize(y=0.25, x=0.25))
    source = tmp_path / "cells.tif"
    write_image(source, deep[:, 0], axes="TYX", metadata=size)
    store = Store.create(tmp_path / "store")
    spooled = spool(source, store)
    pool = rule.pool(device="cpu", threads=1)
    stored = store_file(spooled.path, spooled.facts("watched", b"cells.tif", 1), rule, store, pool)
    assert isinstance(stored, Stored), stored
    commit(stored)
    (path,) = store.path.rglob("cells.tif*.irrm.tif")
    layer = opened(viewer_model, path)
    np.testing.assert_allclose(layer.scale, (1, 0.5, 0.5))
    provenance = provenance_of(layer)
    assert provenance is not None
    back = Rescaler.for_record(provenance.record).restore(
        layer.data, provenance.record, provenance.side_data
    )
    assert back.shape == deep[:, 0].shape


@pytest.mark.shared
def test_a_real_calibrated_series_comes_back_in_place(
    viewer_model: ViewerModel, shared: Path, tmp_path: Path
) -> None:
    source = shared / "data/microscopy/xyz_calibrated_16bit__golgi_bfa.tif"
    original, info = read_image(source)
    size = info.metadata.pixel_size
    assert size is not None and size.z is not None
    made = downscale_file(source, tmp_path, Rescaler("irrm-fast-gray-x2", device="cpu"))
    layer = opened(viewer_model, made.target)
    np.testing.assert_allclose(layer.scale[-2:], (2 * size.y, 2 * size.x), rtol=1e-5)
    assert layer.data.shape[-2:] == tuple(-(-n // 2) for n in original.shape[-2:])
    assert str(layer.units[-1]) in ("micron", "micrometer")
