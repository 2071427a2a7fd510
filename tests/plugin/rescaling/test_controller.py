"""What the Rescale widget knows: choices, hindrances, advice, estimates, and the start of jobs."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core import zoo
from irrm_core.errors import UsageError
from napari_irrm.files import write_lr
from napari_irrm.jobs import Context, Session, State, session_of
from napari_irrm.layers import provenance_of
from napari_irrm.rescaling import Estimate, RescaleController, device_text

from ..jobs.conftest import ThreadExecutor

GRAY, RGB_X2, RGB_X4 = "irrm-fast-gray-x2@1", "irrm-fast-x2@1", "irrm-fast-x4@1"


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


@pytest.fixture
def session(viewer_model: ViewerModel) -> Session:
    """The session of the viewer; what it says is kept in `said`."""
    session = session_of(viewer_model)
    session.said = []  # type: ignore[attr-defined]
    session.notify = session.alarm = session.said.append  # type: ignore[attr-defined]
    return session


@pytest.fixture
def executor() -> Iterator[ThreadExecutor]:
    """Threads, ended with the test."""
    executor = ThreadExecutor()
    yield executor
    for thread in executor.threads:
        thread.join(60)


@pytest.fixture
def controller(viewer_model: ViewerModel, session: Session) -> RescaleController:
    """A controller on the CPU, without a layer."""
    controller = RescaleController(viewer_model)
    controller.device = "cpu"
    return controller


@pytest.fixture
def cells(viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]) -> Any:
    """A gray stack of 16 bits."""
    plane = pixels(60, 70, dtype="uint16")
    return viewer_model.add_image(np.stack([plane, plane // 2, plane // 3]), name="cells")


@pytest.fixture
def street(viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]) -> Any:
    """A photograph."""
    return viewer_model.add_image(pixels(60, 70, 3), rgb=True, name="street")


def test_without_a_layer_it_says_what_to_do(controller: RescaleController) -> None:
    assert controller.hindrance == "Choose an image layer, or open an image."
    assert controller.choices == []
    assert controller.model is None
    with pytest.raises(UsageError, match="Choose an image layer"):
        controller.run()


def test_a_gray_layer_starts_with_the_gray_model(controller: RescaleController, cells: Any) -> None:
    controller.layer = cells
    assert (controller.model, controller.scale, controller.scales) == (GRAY, 2, [2, 4])
    assert [choice.model for choice in controller.choices] == [GRAY, RGB_X2]
    assert controller.hindrance == ""


def test_another_scale_offers_its_models_and_tells_of_their_colours(
    controller: RescaleController, cells: Any
) -> None:
    controller.layer = cells
    controller.scale = 4
    assert (controller.model, [c.model for c in controller.choices]) == (RGB_X4, [RGB_X4])
    assert "slight colours" in controller.advice
    controller.scale = 2
    assert controller.model == GRAY
    assert controller.advice == ""


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_colours_of_more_than_8_bits_are_advised_to_be_split(
    controller: RescaleController,
    viewer_model: ViewerModel,
    pixels: Callable[..., NDArray[Any]],
    dtype: str,
) -> None:
    colours = pixels(40, 44, 3).astype(dtype) / (255 if dtype == "float32" else 1)
    controller.layer = viewer_model.add_image(colours.astype(dtype), rgb=True, name="stained")
    assert ("Split RGB" in controller.advice) == (dtype != "uint8")
    controller.direction = "roundtrip"
    assert ("Split RGB" in controller.advice) == (dtype != "uint8")
    controller.run()
    controller.layer, controller.direction = viewer_model.layers[1], "restore"
    assert controller.advice.startswith(f"Downscaled by {RGB_X4} from stained")


def test_a_torch_that_cannot_be_loaded_is_told_instead_of_waiting_for_ever(
    viewer_model: ViewerModel, cells: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(wish: str) -> None:
        raise ImportError("libtorch_cpu.so is missing")

    monkeypatch.setattr("irrm_core.device.choose_device", fail)
    controller = RescaleController(viewer_model)
    controller.layer = cells
    assert "libtorch_cpu.so is missing" in controller.hindrance
    assert controller.hindrance == controller.device_text


def test_a_search_for_a_record_that_fails_ends_like_one_that_finds_none(
    controller: RescaleController,
    viewer_model: ViewerModel,
    cells: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(layer: Any) -> None:
        raise OSError("the share is gone")

    path = tmp_path / "cells.tif"
    controller.layer = cells
    controller.run()
    lr = viewer_model.layers[-1]
    write_lr(str(path), lr.data, {"metadata": lr.metadata, "name": lr.name})
    [opened] = viewer_model.open(path, plugin="napari")
    monkeypatch.setattr("napari_irrm.files.recover", fail)
    controller.layer, controller.direction = opened, "restore"
    assert controller.needs_assumption


def test_a_model_that_was_chosen_stays_where_it_fits(
    controller: RescaleController, cells: Any, street: Any
) -> None:
    controller.layer = street
    assert controller.model == RGB_X4
    controller.model = RGB_X2
    controller.layer = cells
    assert controller.model == RGB_X2
    controller.model = GRAY
    controller.layer = street
    assert controller.model == RGB_X4


def test_a_labels_layer_is_refused_with_the_reason(
    controller: RescaleController, viewer_model: ViewerModel, cells: Any
) -> None:
    labels = viewer_model.add_labels(np.zeros((32, 32), int), name="nuclei")
    controller.layer = labels
    assert "nuclei" in controller.hindrance
    assert controller.layers == [cells]


def test_a_layer_that_is_removed_is_let_go(
    controller: RescaleController, viewer_model: ViewerModel, pixels: Callable[..., NDArray[Any]]
) -> None:
    layer = viewer_model.add_image(pixels(40, 40))
    gone = weakref.ref(layer)
    controller.layer = layer
    viewer_model.layers.remove(layer)
    viewer_model.layers.selection.clear()
    assert controller.layer is None
    del layer
    gc.collect()
    assert gone() is None


def test_the_seed_only_matters_to_models_with_a_random_latent(
    controller: RescaleController, cells: Any, models: Path, tmp_path: Path
) -> None:
    import torch

    from irrm_core.networks import build

    parameters = {"scale": 2, "blocks": [1], "growth": 4}
    torch.manual_seed(0)
    zoo.save_model(
        tmp_path / "more",
        build("irn", parameters),
        name="noisy-x2",
        architecture="irn",
        parameters=parameters,
        latent=zoo.LatentPolicy("gaussian"),
        halo=zoo.Halo(8, 8),
    )
    zoo.register_folder(tmp_path / "more")
    controller.layer = cells
    needed = [controller.needs_seed]
    controller.model = "noisy-x2@1"
    needed.append(controller.needs_seed)
    controller.seed = 5
    controller.run()
    lr = controller.layers[-1]
    assert provenance_of(lr).record.seed == 5
    controller.layer = lr
    needed.append(controller.needs_seed)
    assert needed == [False, True, False]


def test_downscale_restore_and_round_trip_are_started(
    controller: RescaleController, viewer_model: ViewerModel, cells: Any
) -> None:
    controller.layer = cells
    assert controller.run().state is State.DONE
    lr = viewer_model.layers[-1]
    controller.layer, controller.direction = lr, "restore"
    assert controller.hindrance == ""
    assert controller.model == GRAY
    assert controller.scales == [2]
    assert controller.advice.startswith(f"Downscaled by {GRAY} from cells")
    assert controller.run().state is State.DONE
    assert viewer_model.layers[-1].data.shape == cells.data.shape
    controller.layer, controller.direction = cells, "roundtrip"
    ticket = controller.run()
    assert ticket.state is State.DONE, ticket.error


def test_an_lr_without_a_record_asks_which_model_to_assume(
    controller: RescaleController, viewer_model: ViewerModel, cells: Any
) -> None:
    controller.layer, controller.direction = cells, "restore"
    assert controller.needs_assumption
    assert "carries no restore record" in controller.advice
    assert controller.hindrance == "Choose the model to assume."
    assert [choice.model for choice in controller.choices] == [GRAY]
    assert controller.model is None
    controller.model = GRAY
    assert controller.hindrance == ""
    assert controller.run().state is State.DONE
    assert viewer_model.layers[-1].data.shape == (3, 120, 140)
    controller.direction = "downscale"
    assert not controller.needs_assumption


def test_a_record_of_a_model_that_is_not_here_is_told(
    controller: RescaleController,
    viewer_model: ViewerModel,
    cells: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    controller.layer = cells
    controller.run()
    controller.direction = "restore"
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "empty"))
    controller.layer = viewer_model.layers[-1]
    assert "which are not here" in controller.hindrance


def test_a_restoration_is_nothing_to_restore(
    controller: RescaleController, viewer_model: ViewerModel, cells: Any
) -> None:
    controller.layer, controller.direction = cells, "roundtrip"
    controller.run()
    controller.layer = viewer_model.layers[2]
    controller.direction = "restore"
    assert "is a restoration already" in controller.hindrance


def test_an_lr_that_is_chosen_while_it_is_made_can_be_restored_when_it_is_complete(
    controller: RescaleController, viewer_model: ViewerModel, cells: Any
) -> None:
    controller.layer = cells
    controller.run()
    made = viewer_model.layers[-1]
    growing = viewer_model.add_image(made.data)
    controller.layer = growing
    directions = [controller.direction]

    growing.metadata = made.metadata

    directions.append(controller.direction)
    assert directions == ["downscale", "restore"]
    assert not controller.hindrance


def test_the_device_is_told_with_its_reason(controller: RescaleController, cells: Any) -> None:
    assert controller.device_text == device_text("cpu") == "CPU: asked for"
    controller.layer = cells
    controller.device = "mps"
    assert controller.hindrance == controller.device_text
    assert "no Apple GPU" in controller.hindrance
    controller.device = "cpu"
    assert controller.hindrance == ""


def test_size_quality_and_seconds_are_estimated(controller: RescaleController, cells: Any) -> None:
    seen: list[str] = []
    controller.changed.connect(lambda: seen.append(controller.estimate_text))
    controller.layer = cells
    assert "Estimating…" in seen
    text = controller.estimate_text
    assert text.startswith("LR 6.3 kB of 25 kB · about ")
    assert "dB in this plane · about 0." in text


def test_an_estimate_is_made_once_for_a_layer_and_again_for_new_pixels(
    controller: RescaleController, cells: Any, street: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_irrm.rescaling import forecast

    made: list[str] = []

    def estimate(rescaler: Any, image: Any, *args: Any, **options: Any) -> Estimate:
        made.append(image.name)
        return Estimate(1, 40.0, 1.0, f"estimate {len(made)}")

    monkeypatch.setattr(forecast, "estimate_downscaling", estimate)
    for layer in (cells, street, cells):
        controller.layer = layer
    assert made == ["cells", "street"]
    assert controller.estimate_text == "estimate 1"
    cells.data = cells.data + 1
    assert made == ["cells", "street", "cells"]
    controller.tile = 32
    assert len(made) == 4


def test_the_estimate_of_a_restoration_knows_size_and_measured_quality(
    controller: RescaleController, viewer_model: ViewerModel, cells: Any
) -> None:
    controller.layer, controller.direction = cells, "roundtrip"
    controller.run()
    controller.direction = "restore"
    controller.layer = viewer_model.layers[1]
    assert controller.estimate_text.startswith("25 kB · ")
    assert "dB when it was downscaled · about 0." in controller.estimate_text


def test_an_estimate_that_fails_is_no_error_of_a_job(
    controller: RescaleController,
    session: Session,
    cells: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from napari_irrm.rescaling import forecast

    def fail(*args: Any, **options: Any) -> Estimate:
        raise UsageError("the layer is too odd; choose another")

    monkeypatch.setattr(forecast, "estimate_downscaling", fail)
    controller.layer = cells
    assert controller.estimate_text == "No estimate: the layer is too odd; choose another"
    assert controller.hindrance == ""
    assert session.said == []  # type: ignore[attr-defined]


def test_estimates_wait_while_jobs_run(
    controller: RescaleController, session: Session, executor: ThreadExecutor, cells: Any
) -> None:
    session.executor = executor
    release = threading.Event()

    class Waiting:
        title = "Wait"

        def run(self, context: Context) -> None:
            release.wait(60)

        def finish(self, result: None) -> None:
            pass

        abandon = finish

    ticket = session.queue.submit(Waiting())  # type: ignore[arg-type]
    controller.layer = cells
    assert controller.estimate_text == "The estimate follows when no job runs."
    assert session.asides.tickets == ()
    release.set()
    executor.until(lambda: ticket.ended)
    assert controller.estimate_text == "Estimating…"
    executor.until(lambda: controller.estimate_text.startswith("LR "))


def test_models_that_are_released_while_a_job_runs_are_not_loaded_for_an_estimate(
    controller: RescaleController, session: Session, executor: ThreadExecutor, cells: Any
) -> None:
    session.executor = executor
    controller.layer = cells
    ticket = controller.run()
    controller.release_models()
    executor.until(lambda: ticket.ended and not session.asides.tickets)
    assert ticket.state is State.DONE
    assert (len(session.pool), controller.estimate_text) == (0, "")
    controller.scale = 4
    executor.until(lambda: controller.estimate_text.startswith("LR "))


def test_a_job_goes_before_an_estimate_that_has_begun(
    controller: RescaleController, session: Session, executor: ThreadExecutor, cells: Any
) -> None:
    session.executor = executor
    controller.layer = cells
    [estimate] = session.asides.tickets
    ticket = controller.run()
    assert estimate.cancelling.cancelled
    executor.until(lambda: ticket.ended and controller.estimate_text.startswith("LR "))


def test_the_record_of_a_file_opened_by_napari_is_found_in_a_thread(
    controller: RescaleController,
    viewer_model: ViewerModel,
    session: Session,
    executor: ThreadExecutor,
    cells: Any,
    tmp_path: Path,
) -> None:
    controller.layer = cells
    controller.run()
    lr = viewer_model.layers[-1]
    path = tmp_path / "cells.tif"
    write_lr(str(path), lr.data, {"metadata": lr.metadata, "name": lr.name})
    [opened] = viewer_model.open(path, plugin="napari")
    assert "irrm" not in opened.metadata
    session.executor = executor
    controller.layer = opened
    controller.direction = "restore"
    assert "Looking for the restore record" in controller.hindrance
    executor.until(lambda: not controller.hindrance)
    assert not controller.needs_assumption
    assert controller.advice.startswith(f"Downscaled by {GRAY}")
    ticket = controller.run()
    executor.until(lambda: ticket.ended)
    assert ticket.state is State.DONE, ticket.error
    assert viewer_model.layers[-1].data.shape == cells.data.shape


def test_models_are_released_on_demand(
    controller: RescaleController, session: Session, cells: Any
) -> None:
    controller.layer = cells
    controller.run()
    assert len(session.pool) == 1
    controller.release_models()
    assert len(session.pool) == 0
