"""Estimates: what a job would give, asked for beside the jobs and never in their way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from napari.components import ViewerModel

from irrm_core.errors import UsageError
from napari_irrm.jobs import Context, Session, State
from napari_irrm.rescaling import Estimate, RescaleController

from ..jobs.conftest import ThreadExecutor


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
