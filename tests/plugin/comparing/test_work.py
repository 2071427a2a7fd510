"""The work that compares two layers, on a viewer without a window."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image
from numpy.typing import NDArray

from irrm_core.errors import UsageError
from irrm_core.progress import NoProgress
from napari_irrm.comparing import CompareWork, Comparison, board_of
from napari_irrm.jobs import InlineExecutor, session_of
from napari_irrm.layers import LayerRefusedError

Series = tuple[NDArray[np.uint16], NDArray[np.uint16]]


def compare(viewer: ViewerModel, original: Image, restored: Image) -> tuple[Comparison, Image]:
    """Compare, and return what was found and the difference layer."""
    ticket = session_of(viewer).queue.submit(CompareWork(viewer, original, restored))
    assert not ticket.error
    found = board_of(viewer).find(original, restored)
    assert found is not None
    return found, viewer.layers[-1]


def add(viewer: ViewerModel, before: Any, after: Any, **options: Any) -> tuple[Image, Image]:
    return (
        viewer.add_image(before, name="cells", **options),
        viewer.add_image(after, name="cells restored", **options),
    )


def test_the_difference_is_signed_and_lies_on_the_original(
    viewer_model: ViewerModel, series: Series
) -> None:
    before, after = series
    options = {
        "scale": (2, 1, 0.3, 0.2),
        "translate": (0, 0, 5, 7),
        "rotate": 30,
        "units": ("s", "pixel", "um", "um"),
        "axis_labels": ("t", "c", "y", "x"),
    }
    original, restored = add(viewer_model, before, after, **options)
    found, difference = compare(viewer_model, original, restored)
    assert difference.data.dtype == np.int32
    assert (difference.data == after.astype(np.int64) - before).all()
    assert np.allclose(difference.affine.affine_matrix, original.affine.affine_matrix)
    assert np.allclose(difference.scale, original.scale)
    assert np.allclose(difference.translate, original.translate)
    assert np.allclose(difference.rotate, original.rotate)
    assert difference.units == original.units
    assert found.worst.place == (3, 1)


def test_the_colormap_is_symmetric_and_reaches_the_errors_of_all_planes(
    viewer_model: ViewerModel, series: Series
) -> None:
    found, difference = compare(viewer_model, *add(viewer_model, *series))
    low, high = difference.contrast_limits
    assert difference.colormap.name == "PiYG"
    assert (low, high) == (-found.total.p999, found.total.p999)
    assert difference.contrast_limits_range == [-found.total.largest, found.total.largest]


def test_photographs_differ_by_one_value_a_pixel(viewer_model: ViewerModel) -> None:
    before = np.full((30, 40, 4), 200, np.uint8)
    after = before.copy()
    after[5, 6, 1] = 190
    found, difference = compare(viewer_model, *add(viewer_model, before, after, rgb=True))
    assert not difference.rgb
    assert difference.data.shape == (30, 40)
    assert (difference.data[5, 6], difference.data.min(), difference.data.max()) == (-10, -10, 0)
    assert len(found.rows) == 3


def test_equal_layers_have_a_difference_of_nothing(viewer_model: ViewerModel) -> None:
    picture = np.arange(900, dtype=np.float32).reshape(30, 30)
    found, difference = compare(viewer_model, *add(viewer_model, picture, picture.copy()))
    assert found.total.psnr == np.inf
    assert not difference.data.any()
    assert difference.contrast_limits == [-1, 1]


def test_the_full_resolution_of_multiscale_originals_is_compared(
    viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]
) -> None:
    large = pixels(300, 200)
    original = viewer_model.add_image([large, large[::2, ::2], large[::4, ::4]], name="cells")
    restored = viewer_model.add_image(np.minimum(large, 250) + 3, name="cells restored")
    found, difference = compare(viewer_model, original, restored)
    assert difference.data.shape == (300, 200)
    assert found.total.pixels == 60000


def test_large_differences_have_levels_in_which_nothing_cancels(
    viewer_model: ViewerModel,
) -> None:
    before = np.full((30, 4500), 100, np.uint8)
    after = before.copy()
    after[::2] += 3
    after[1::2] -= 4
    after[8, 17] = 0
    _, difference = compare(viewer_model, *add(viewer_model, before, after))
    assert difference.multiscale
    assert (difference.data[1].shape, difference.data[-1].shape) == ((15, 2250), (4, 563))
    assert difference.data[1].max() == -4
    assert difference.data[-1][1, 2] == -100


def test_more_leading_axes_than_there_are_letters_are_compared(
    viewer_model: ViewerModel,
) -> None:
    before = np.zeros((2, 2, 3, 2, 20, 20), np.uint8)
    after = before.copy()
    after[1, 0, 2, 1] = 9
    found, difference = compare(viewer_model, *add(viewer_model, before, after))
    assert difference.data.shape == before.shape
    assert found.worst.plane == 1 * 12 + 0 * 6 + 2 * 2 + 1


@pytest.fixture
def every_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every plane is shown when it comes, however soon after the one before."""
    monkeypatch.setattr("napari_irrm.jobs.growing.PERIOD", 0)


@pytest.mark.usefixtures("every_plane")
def test_the_plane_on_screen_comes_first_and_with_it_the_layer(
    viewer_model: ViewerModel, series: Series
) -> None:
    original, restored = add(viewer_model, *series)
    viewer_model.dims.set_current_step((0, 1), (3, 1))
    work = CompareWork(viewer_model, original, restored)
    shown: list[int] = []

    class Looking(Context):
        def show(self, what: Callable[[], None]) -> None:
            what()
            shown.append(int(np.count_nonzero(viewer_model.layers[-1].data.any(axis=(2, 3)))))
            if len(shown) == 1:
                assert viewer_model.layers[-1].data[3, 1].any()

    work.finish(work.run(Looking()))
    assert shown == list(range(1, 11))


class Context:
    """What the queue gives a work, without a queue."""

    def __init__(self) -> None:
        from irrm_core.progress import Cancel

        self.progress, self.cancel = NoProgress(), Cancel()

    @property
    def pool(self) -> Any:
        raise AssertionError("comparing needs no model")

    def planes(self, count: int) -> None:
        assert count == 10


class Cancelling(InlineExecutor):
    """Cancels the running job when the third plane is shown."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer, self.calls = weakref.ref(viewer), 0

    def call(self, what: Callable[[], None]) -> None:
        what()
        viewer = self._viewer()
        if viewer is not None and len(viewer.layers) == 3:
            self.calls += 1
            if self.calls == 3:
                session_of(viewer).queue.cancel_all()


@pytest.mark.usefixtures("every_plane")
def test_cancel_leaves_no_layer_and_holds_nothing(
    viewer_model: ViewerModel, series: Series
) -> None:
    original, restored = add(viewer_model, *series)
    session_of(viewer_model).executor = Cancelling(viewer_model)
    work = CompareWork(viewer_model, original, restored)
    kept = weakref.ref(work)
    shown: list[weakref.ref[Any]] = []
    viewer_model.layers.events.inserted.connect(
        lambda event: shown.append(weakref.ref(event.value))
    )
    ticket = session_of(viewer_model).queue.submit(work)
    del work
    gc.collect()
    assert ticket.state == "cancelled"
    assert [layer.name for layer in viewer_model.layers] == ["cells", "cells restored"]
    assert board_of(viewer_model).find(original, restored) is None
    assert kept() is None
    assert [layer() for layer in shown] == [None]


def test_a_failure_takes_the_layer_back_and_says_why(
    viewer_model: ViewerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = np.zeros((3, 20, 20), np.float32)
    after = before.copy()
    before[0, 0, 0] = 1
    after[2, 3, 3] = np.inf
    original, restored = add(viewer_model, before, after)
    said: list[str] = []
    monkeypatch.setattr("napari.utils.notifications.show_error", said.append)
    ticket = session_of(viewer_model).queue.submit(CompareWork(viewer_model, original, restored))
    assert ticket.state == "failed"
    assert "plane 2" in ticket.error
    assert len(viewer_model.layers) == 2


def test_layers_that_are_removed_meanwhile_do_no_harm(
    viewer_model: ViewerModel, series: Series
) -> None:
    original, restored = add(viewer_model, *series)
    work = CompareWork(viewer_model, original, restored)

    class Removing(Context):
        def show(self, what: Callable[[], None]) -> None:
            what()
            viewer_model.layers.clear()

    work.finish(work.run(Removing()))
    assert len(viewer_model.layers) == 0


def test_the_board_keeps_no_layer_alive(viewer_model: ViewerModel, series: Series) -> None:
    original, restored = add(viewer_model, *series)
    compare(viewer_model, original, restored)
    kept = weakref.ref(restored)
    viewer_model.layers.clear()
    del original, restored
    gc.collect()
    assert kept() is None


def test_labels_and_layers_of_another_size_are_refused(viewer_model: ViewerModel) -> None:
    image = viewer_model.add_image(np.zeros((20, 20)))
    labels = viewer_model.add_labels(np.zeros((20, 20), int))
    with pytest.raises(LayerRefusedError, match="Labels layer"):
        CompareWork(viewer_model, image, labels)
    with pytest.raises(UsageError, match="cannot be compared"):
        CompareWork(viewer_model, image, viewer_model.add_image(np.zeros((10, 10))))
