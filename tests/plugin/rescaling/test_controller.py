"""What the Rescale widget knows: choices, hindrances, advice, estimates, and the start of jobs."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core import zoo
from irrm_core.errors import UsageError
from napari_irrm.files import write_lr
from napari_irrm.jobs import Session, State
from napari_irrm.layers import provenance_of
from napari_irrm.rescaling import RescaleController, device_text

from ..jobs.conftest import ThreadExecutor

GRAY, RGB_X2, RGB_X4 = "irrm-fast-gray-x2@1", "irrm-fast-x2@1", "irrm-fast-x4@1"


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
