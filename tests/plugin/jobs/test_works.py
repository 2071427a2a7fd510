"""Downscale, restore and round trip on the layers of a viewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core.engine import Rescaler
from irrm_core.errors import (
    ModelNotFoundError,
    NotRestorableError,
    PixelsChangedError,
    UsageError,
)
from napari_irrm.jobs import (
    DownscaleWork,
    RestoreWork,
    RoundtripWork,
    Session,
    Settings,
    State,
)
from napari_irrm.layers import LayerRefusedError, provenance_of
from napari_irrm.layers.provenance import KEY

pytestmark = pytest.mark.usefixtures("default_models")

CPU = Settings(device="cpu", precision="fp32")


def _downscaled(viewer: ViewerModel, session: Session, layer: Any, settings: Settings = CPU) -> Any:
    ticket = session.queue.submit(DownscaleWork(viewer, layer, settings))
    assert ticket.state is State.DONE, ticket.error
    return viewer.layers[-1]


def test_the_lr_layer_is_what_the_core_makes(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    pixels = stack(3, 40, 51)
    layer = viewer_model.add_image(pixels, name="cells", scale=(2, 0.5, 0.5))
    lr = _downscaled(viewer_model, session, layer)
    made = Rescaler("irrm-fast-gray-x2", device="cpu", precision="fp32").downscale(
        pixels, axes="ZYX"
    )
    np.testing.assert_array_equal(lr.data, made.image)
    np.testing.assert_allclose(lr.scale, (2, 1, 1))
    assert provenance_of(lr).record.lr_hash == made.record.lr_hash
    assert provenance_of(lr).source == "cells"


def test_an_lr_layer_is_restored_on_top_of_the_original(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(2, 3, 33, 40), scale=(1, 1, 3, 3))
    _downscaled(viewer_model, session, layer)
    lr = viewer_model.layers[-1]
    ticket = session.queue.submit(RestoreWork(viewer_model, lr, CPU))
    assert ticket.state is State.DONE, ticket.error
    restored = viewer_model.layers[-1]
    assert restored.data.shape == layer.data.shape
    assert restored.data.dtype == layer.data.dtype
    np.testing.assert_allclose(restored.scale, layer.scale)
    np.testing.assert_allclose(restored.translate, layer.translate)
    assert provenance_of(restored).kind == "restored"


def test_a_colour_photograph_with_alpha_goes_through(
    viewer_model: ViewerModel, session: Session, pixels: Callable[..., NDArray[Any]]
) -> None:
    photo = pixels(40, 60, 4)
    layer = viewer_model.add_image(photo, rgb=True)
    lr = _downscaled(viewer_model, session, layer, Settings(scale=2, device="cpu"))
    assert lr.rgb
    assert lr.data.shape == (20, 30, 4)
    session.queue.submit(RestoreWork(viewer_model, lr, CPU))
    restored = viewer_model.layers[-1].data
    np.testing.assert_array_equal(restored[..., 3], photo[..., 3])


def test_the_plane_on_screen_is_done_first(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(5, 32, 32))
    viewer_model.dims.set_current_step(0, 3)
    filled: list[list[bool]] = []

    def look(event: Any) -> None:
        filled.append([bool(plane.any()) for plane in event.value.data])

    viewer_model.layers.events.inserted.connect(look)
    session.queue.submit(RoundtripWork(viewer_model, layer, CPU))
    only_the_fourth = [False, False, False, True, False]
    assert filled[:2] == [only_the_fourth, only_the_fourth]


def test_planes_that_come_while_they_are_looked_at_are_drawn(
    viewer_model: ViewerModel,
    session: Session,
    stack: Callable[..., NDArray[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_irrm.jobs.growing.PERIOD", 0)
    layer = viewer_model.add_image(stack(4, 32, 32))
    drawn: list[float] = []

    def look(event: Any) -> None:
        event.value.events.set_data.connect(
            lambda: drawn.append(event.value._slice.image.raw.max())
        )
        viewer_model.dims.set_current_step(0, 2)

    viewer_model.layers.events.inserted.connect(look)
    session.queue.submit(DownscaleWork(viewer_model, layer, CPU))
    assert drawn[0] == 0
    assert drawn[-1] > 0
    assert len(drawn) <= 3


def test_all_planes_are_drawn_in_the_end_where_all_are_on_screen(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(5, 32, 32))
    viewer_model.dims.ndisplay = 3
    drawn: dict[str, bool] = {}

    def look(event: Any) -> None:
        made = event.value

        def note() -> None:
            drawn[made.name] = bool(made._slice.image.raw.any(axis=(1, 2)).all())

        made.events.set_data.connect(note)

    viewer_model.layers.events.inserted.connect(look)
    ticket = session.queue.submit(RoundtripWork(viewer_model, layer, CPU))
    assert ticket.state is State.DONE, ticket.error
    assert list(drawn.values()) == [True, True, True]


def test_a_round_trip_gives_lr_restoration_and_comparison(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(2, 32, 32), name="cells")
    titles: list[str] = []
    session.queue.ended.connect(lambda ticket: titles.append(ticket.title))
    session.queue.submit(RoundtripWork(viewer_model, layer, CPU))
    assert titles[0] == "Round trip of cells"
    assert titles[1].startswith("Compare ")
    kinds = [provenance_of(made).kind for made in viewer_model.layers[1:]]
    assert kinds[:2] == ["lr", "restored"]
    for made in viewer_model.layers[1:3]:
        assert provenance_of(made).record.quality["psnr"] > 0
        assert provenance_of(made).record.digest
    assert session.said == []  # type: ignore[attr-defined]


def test_pixels_that_are_not_finite_come_back(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    pixels = stack(1, 32, 32, dtype="float32")[0]
    pixels[3, 4], pixels[20:24, 5] = np.inf, np.nan
    layer = viewer_model.add_image(pixels, contrast_limits=(0, 1000))
    lr = _downscaled(viewer_model, session, layer)
    session.queue.submit(RestoreWork(viewer_model, lr, CPU))
    restored = viewer_model.layers[-1].data
    np.testing.assert_array_equal(np.isnan(restored), np.isnan(pixels))
    assert restored[3, 4] == np.inf


def test_a_result_that_is_large_gets_a_pyramid(
    viewer_model: ViewerModel, session: Session, pixels: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(pixels(24, 9000), name="strip")
    lr = _downscaled(viewer_model, session, layer)
    assert lr.multiscale
    assert [level.shape for level in lr.data][:2] == [(12, 4500), (6, 2250)]
    assert lr.data[1].any()
    session.queue.submit(RestoreWork(viewer_model, lr, CPU))
    restored = viewer_model.layers[-1]
    assert restored.data[0].shape == (24, 9000)
    np.testing.assert_allclose(restored.data[1].mean(), restored.data[0].mean(), rtol=0.02)


def test_only_level_zero_of_a_pyramid_is_read(
    viewer_model: ViewerModel, session: Session, pixels: Callable[..., NDArray[Any]]
) -> None:
    whole = pixels(64, 96)
    layer = viewer_model.add_image([whole, whole[::2, ::2]], multiscale=True)
    lr = _downscaled(viewer_model, session, layer)
    assert lr.data.shape == (32, 48)


@pytest.mark.parametrize("kind", ["zarr", "dask"])
def test_lazy_arrays_are_read_plane_by_plane(
    viewer_model: ViewerModel,
    session: Session,
    stack: Callable[..., NDArray[Any]],
    kind: str,
) -> None:
    pixels = stack(2, 3, 32, 40)
    if kind == "zarr":
        lazy = pytest.importorskip("zarr").array(pixels, chunks=(1, 1, 32, 40))
    else:
        lazy = pytest.importorskip("dask.array").from_array(pixels, chunks=(1, 1, 32, 40))
    layer = viewer_model.add_image(lazy, contrast_limits=(0, 1000))
    lr = _downscaled(viewer_model, session, layer)
    expected = _downscaled(viewer_model, session, viewer_model.add_image(pixels))
    np.testing.assert_array_equal(lr.data, expected.data)


def test_a_layer_that_is_no_image_is_refused_before_anything_runs(
    viewer_model: ViewerModel,
) -> None:
    labels = viewer_model.add_labels(np.zeros((32, 32), int), name="cells")
    with pytest.raises(LayerRefusedError, match="cells"):
        DownscaleWork(viewer_model, labels, CPU)


def test_a_model_for_gray_images_refuses_a_photograph_before_anything_runs(
    viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(pixels(32, 32, 3), rgb=True, name="street")
    with pytest.raises(UsageError, match=r"street: irrm-fast-gray-x2@1 is for single-channel"):
        DownscaleWork(viewer_model, layer, Settings(model="irrm-fast-gray-x2"))
    with pytest.raises(UsageError, match="choose another scale"):
        DownscaleWork(viewer_model, layer, Settings(model="irrm-fast-x2", scale=4))


def test_a_layer_without_record_asks_for_a_model_to_assume(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(2, 20, 24), name="found")
    ticket = session.queue.submit(RestoreWork(viewer_model, layer, CPU))
    assert ticket.state is State.FAILED
    assert session.said == [ticket.error]  # type: ignore[attr-defined]
    assert "'found' carries no restore record" in ticket.error
    assert "choose a model to assume" in ticket.error
    assert len(viewer_model.layers) == 1

    assumed = Settings(model="irrm-fast-gray-x2", device="cpu")
    ticket = session.queue.submit(RestoreWork(viewer_model, layer, assumed))
    assert ticket.state is State.DONE, ticket.error
    assert viewer_model.layers[-1].data.shape == (2, 40, 48)


def test_a_restoration_is_not_restored_again(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(1, 32, 32)[0])
    lr = _downscaled(viewer_model, session, layer)
    session.queue.submit(RestoreWork(viewer_model, lr, CPU))
    with pytest.raises(UsageError, match="is a restoration already"):
        RestoreWork(viewer_model, viewer_model.layers[-1], CPU)


def test_an_lr_that_was_changed_is_not_restored(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(1, 32, 32)[0])
    lr = _downscaled(viewer_model, session, layer)
    lr.data = lr.data + 1
    ticket = session.queue.submit(RestoreWork(viewer_model, lr, CPU))
    assert "layer 'Image LR x2' is no longer the LR that was made" in ticket.error
    assert len(viewer_model.layers) == 2


def test_a_part_of_an_lr_is_refused_before_anything_runs(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(1, 32, 32)[0])
    lr = _downscaled(viewer_model, session, layer)
    lr.data = lr.data[:10]
    with pytest.raises(PixelsChangedError, match="cropped, edited"):
        RestoreWork(viewer_model, lr, CPU)


def test_a_model_that_is_not_there_is_named(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(1, 32, 32)[0])
    lr = _downscaled(viewer_model, session, layer)
    known = provenance_of(lr)
    assert known is not None
    record = replace(known.record, model="mine-x2@3", weights_hash="0" * 64)
    lr.metadata = {KEY: replace(known, record=record).to_metadata()}
    with pytest.raises(ModelNotFoundError, match=r"downscaled by mine-x2@3 .*irrm models where"):
        RestoreWork(viewer_model, lr, CPU)


def test_a_damaged_record_is_told_with_the_name_of_its_layer(viewer_model: ViewerModel) -> None:
    lr = viewer_model.add_image(np.zeros((8, 8), np.uint8), name="cells", metadata={KEY: {}})
    with pytest.raises(NotRestorableError, match="layer 'cells': the record"):
        RestoreWork(viewer_model, lr, CPU)


def test_a_layer_removed_while_it_is_made_is_not_added_again(
    viewer_model: ViewerModel, session: Session, stack: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(stack(3, 32, 32))

    def remove() -> None:
        for made in viewer_model.layers[1:]:
            viewer_model.layers.remove(made)

    session.queue.progressed.connect(remove)
    ticket = session.queue.submit(RoundtripWork(viewer_model, layer, CPU))
    assert ticket.state is State.DONE, ticket.error
    assert list(viewer_model.layers) == [layer]


@pytest.mark.usefixtures("shared")
def test_a_real_model_restores_real_microscopy(
    viewer_model: ViewerModel, session: Session, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the small models
    name = "xyz_calibrated_16bit__golgi_bfa.tif"
    planes = tifffile.imread(shared / "data" / "microscopy" / name)[:2, :200, :200]
    layer = viewer_model.add_image(planes, name="golgi")
    session.queue.submit(RoundtripWork(viewer_model, layer, CPU))
    restored = provenance_of(viewer_model.layers[2])
    assert restored.record.model.startswith("irrm-fast-gray-x2@")
    assert restored.record.quality["psnr"] > 30
