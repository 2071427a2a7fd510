"""Which models stay in memory, and how many threads they use."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from irrm_core.errors import ModelNotFoundError, UsageError
from napari_irrm.jobs.pool import ModelPool, working_threads


def test_a_model_is_loaded_once_by_whatever_name(default_models: Path) -> None:
    pool = ModelPool()
    rescaler = pool.rescaler("irrm-fast-x2", device="cpu")
    card = rescaler.model.card
    assert pool.rescaler(card.id, device="cpu") is rescaler
    assert pool.rescaler(card.weights_hash, device="cpu") is rescaler
    assert pool.rescaler(card.id, device="cpu", precision="fp32") is not rescaler


def test_the_last_two_models_are_kept(default_models: Path) -> None:
    pool = ModelPool()
    first = weakref.ref(pool.rescaler("irrm-fast-x2", device="cpu"))
    pool.rescaler("irrm-fast-x4", device="cpu")
    pool.rescaler("irrm-fast-gray-x2", device="cpu")
    gc.collect()
    assert len(pool) == 2
    assert first() is None


def test_released_models_are_gone(default_models: Path) -> None:
    pool = ModelPool()
    model = weakref.ref(pool.rescaler("irrm-fast-x2", device="cpu"))
    pool.release()
    assert len(pool) == 0
    assert model() is None


def test_a_model_or_device_that_is_not_there_is_told(default_models: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="no model 'nowhere'"):
        ModelPool().rescaler("nowhere")
    with pytest.raises(UsageError, match="unknown device"):
        ModelPool().rescaler("irrm-fast-x2", device="abacus")


def test_one_core_is_left_for_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for cores, threads in ((1, 1), (2, 1), (8, 7)):
        monkeypatch.setattr(
            os, "sched_getaffinity", lambda _, n=cores: set(range(n)), raising=False
        )
        assert working_threads() == threads
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert working_threads() == 3


def test_garbage_is_collected_again_after_a_model_was_loaded_or_not(default_models: Path) -> None:
    pool = ModelPool()
    pool.rescaler("irrm-fast-x2", device="cpu")
    assert gc.isenabled()
    with pytest.raises(UsageError):
        pool.rescaler("irrm-fast-x2", device="abacus")
    assert gc.isenabled()
    gc.disable()
    try:
        pool.rescaler("irrm-fast-x4", device="cpu")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_plugin_loads_torch_by_itself_where_nobody_has(default_models: Path) -> None:
    code = (
        "import sys\n"
        "from napari_irrm.jobs import ModelPool\n"
        "assert 'torch' not in sys.modules\n"
        "ModelPool().rescaler('irrm-fast-x2', device='cpu')\n"
        "assert 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
