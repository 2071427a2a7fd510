"""Progress, cancel, memory, device and precision."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from irrm_core.device import choose_device, has_bfloat16, set_threads, subnet_dtype
from irrm_core.engine import Rescaler
from irrm_core.errors import Cancelled, OutOfMemoryError, UsageError
from irrm_core.networks import IRRM
from irrm_core.progress import Cancel
from irrm_core.zoo import Halo, LatentPolicy, Model, ModelCard


class _Recorder:
    """A progress that notes what it is told, and cancels when told to."""

    def __init__(self, cancel: Cancel | None = None, after: int = 0) -> None:
        self.pieces: list[list[Any]] = []
        self.open = 0
        self._cancel, self._after = cancel, after

    def begin(self, what: str, total: int) -> None:
        self.pieces.append([what, total, 0])
        self.open += 1

    def advance(self, steps: int = 1) -> None:
        self.pieces[-1][2] += steps
        if self._cancel and self.pieces[-1][2] >= self._after:
            self._cancel.cancel()

    def end(self) -> None:
        self.open -= 1


def test_progress_counts_every_tile_of_every_plane(rescaler: Any, picture: Any) -> None:
    stack = np.stack([picture(64, 64)] * 3)
    recorder = _Recorder()
    rescaler("gray-x2", tile=32).roundtrip(stack, axes="TYX", progress=recorder)
    assert recorder.pieces == [["downscale", 12, 12], ["check", 12, 12]]
    assert recorder.open == 0


@pytest.mark.parametrize("direction", ["downscale", "restore"])
def test_cancel_answers_within_one_tile(rescaler: Any, picture: Any, direction: str) -> None:
    small = rescaler(tile=32)
    image = picture(64, 128, 3)
    made = small.downscale(image)
    cancel = Cancel()
    recorder = _Recorder(cancel, after=3)
    job = small.downscale if direction == "downscale" else small.restore
    with pytest.raises(Cancelled):
        job(image if direction == "downscale" else made, progress=recorder, cancel=cancel)
    assert recorder.pieces == [[direction, 8, 3]]
    assert recorder.open == 0


class _Stingy(IRRM):
    """A network that runs out of memory on batches of more than `room` pixels."""

    room: ClassVar[int] = 10**9
    seen: ClassVar[list[int]] = []
    error: ClassVar[type[BaseException]] = MemoryError

    def _take(self, x: torch.Tensor, pixels: int) -> None:
        if pixels > self.room:
            raise self.error("DefaultCPUAllocator: not enough memory: you tried to allocate")
        self.seen.append(pixels)

    def downscale(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self._take(x, x.shape[2] * x.shape[3])
        return super().downscale(x)

    def restore(self, lr: torch.Tensor, latent: torch.Tensor) -> torch.Tensor:
        self._take(lr, lr.shape[2] * lr.shape[3] * self.scale**2)
        return super().restore(lr, latent)


@pytest.fixture
def stingy(monkeypatch: pytest.MonkeyPatch) -> Model:
    torch.manual_seed(2)
    parameters = {"scale": 2, "blocks": [1], "width": 4}
    network = _Stingy(2, [1], width=4)
    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
    monkeypatch.setattr(_Stingy, "seen", [])
    card = ModelCard(
        id="stingy@1",
        architecture="irrm",
        parameters=parameters,
        scale=2,
        channels=3,
        latent=LatentPolicy("zero"),
        halo=Halo(10, 10),
        size_multiple=2,
        weights_hash="00" * 32,
    )
    return Model(card, network.requires_grad_(False).eval())


@pytest.mark.parametrize("error", [MemoryError, RuntimeError, torch.OutOfMemoryError])
def test_when_memory_runs_out_tiles_are_halved_and_finished_ones_kept(
    rescaler: Any,
    picture: Any,
    stingy: Model,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    image = picture(128, 128, 3)
    expected = rescaler(stingy).roundtrip(image)
    monkeypatch.setattr(_Stingy, "error", error)
    monkeypatch.setattr(_Stingy, "room", 84 * 84)
    _Stingy.seen.clear()
    recorder = _Recorder()
    # Of the four tiles of 64 with halo 20 all fit; of one tile of 128 the quarters do.
    result = rescaler(stingy, tile=128).roundtrip(image, progress=recorder)
    assert _Stingy.seen == [84 * 84] * 8
    assert recorder.pieces == [["downscale", 1, 1], ["check", 1, 1]]
    assert np.abs(result.restored.astype(int) - expected.restored).max() <= 1


def test_progress_keeps_its_total_when_later_planes_have_smaller_tiles(
    rescaler: Any, picture: Any, stingy: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Stingy, "room", 84 * 84)
    recorder = _Recorder()
    stack = np.stack([picture(128, 128, 3)] * 3)
    rescaler(stingy, tile=128).roundtrip(stack, axes="TYXS", progress=recorder)
    assert recorder.pieces == [["downscale", 3, 3], ["check", 3, 3]]


def test_memory_that_runs_out_midway_costs_no_finished_tile(
    rescaler: Any, picture: Any, stingy: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(128, 256, 3)
    cancel = Cancel()

    class _Shrink(_Recorder):
        def advance(self, steps: int = 1) -> None:
            super().advance(steps)
            monkeypatch.setattr(_Stingy, "room", 84 * 104)

    recorder = _Shrink()
    rescaler(stingy, tile=128).downscale(image, progress=recorder, cancel=cancel)
    assert _Stingy.seen[0] == 128 * 148
    assert len(_Stingy.seen) == 1 + 4
    assert recorder.pieces == [["downscale", 2, 2]]


def test_when_not_even_one_pixel_fits_it_is_an_error(
    rescaler: Any, picture: Any, stingy: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Stingy, "room", 1)
    with pytest.raises(OutOfMemoryError, match="smaller model"):
        rescaler(stingy).downscale(picture(64, 64, 3))


def test_other_errors_of_a_network_are_not_taken_for_a_lack_of_memory(
    rescaler: Any, picture: Any, stingy: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Stingy, "error", ValueError)
    monkeypatch.setattr(_Stingy, "room", 1)
    with pytest.raises(ValueError, match="tried to allocate"):
        rescaler(stingy).downscale(picture(64, 64, 3))


def test_a_rescaler_leaves_the_model_that_it_is_given_as_it_is(
    rescaler: Any, picture: Any, stingy: Model
) -> None:
    before = {name: value.clone() for name, value in stingy.network.state_dict().items()}
    rescaler(stingy).roundtrip(picture(32, 32, 3))
    after = stingy.network.state_dict()
    assert before.keys() == after.keys()
    assert all((before[name] == after[name]).all() for name in before)


_PEAK = """
import resource, sys, numpy as np
from irrm_core.engine import Rescaler
side = int(sys.argv[1])
rescaler = Rescaler("rgb-x4", device="cpu", precision="fp32", tile=int(sys.argv[2]))
rescaler.roundtrip(np.zeros((256, 256, 3), np.uint8))
image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
made = rescaler.downscale(image)
out = rescaler.restore(made)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(peak / 1024 - (out.nbytes + made.image.nbytes) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is measured as Linux counts it")
def test_memory_is_bounded_by_the_tile_and_not_by_the_image(folder: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "src"
    run = subprocess.run(
        [sys.executable, "-c", _PEAK, "2304", "256"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(source), "IRRM_MODEL_DIR": str(folder), "OMP_NUM_THREADS": "1"},
    )
    assert float(run.stdout) < 100, "MB above the arrays of a 5-megapixel image"


@pytest.mark.parametrize("wish", ["gpu", "cuda:x", "cpu:1", ""])
def test_an_unknown_device_is_refused(wish: str) -> None:
    with pytest.raises(UsageError, match="unknown device"):
        choose_device(wish)


def test_the_device_says_why_it_was_chosen(rescaler: Any) -> None:
    choice = Rescaler("gray-x2").device_choice
    assert choice.reason
    assert str(choice).startswith(f"{choice.device}: ")
    assert rescaler("gray-x2").device_choice.reason == "asked for"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="--device auto or cpu"):
        Rescaler("gray-x2", device="cuda")


def test_only_8_bit_images_are_computed_in_bfloat16_and_only_on_request() -> None:
    eight = torch.bfloat16 if has_bfloat16("cpu") else torch.float32
    assert subnet_dtype("cpu", "auto", 8) == eight
    assert subnet_dtype("cpu", "auto", 16) == torch.float32
    assert subnet_dtype("cpu", "fp32", 8) == torch.float32


def test_precision_auto_changes_16_bit_images_not_at_all(rescaler: Any, picture: Any) -> None:
    image = picture(32, 32, dtype="uint16", high=4000)
    exact, auto = rescaler("gray-x2"), rescaler("gray-x2", precision="auto")
    assert (exact.downscale(image).image == auto.downscale(image).image).all()


def test_an_image_downscaled_in_one_precision_restores_in_another(
    rescaler: Any, picture: Any
) -> None:
    made = rescaler(precision="auto").downscale(picture(64, 64, 3), measure=True)
    exact, auto = rescaler().restore(made), rescaler(precision="auto").restore(made)
    assert np.abs(exact.astype(int) - auto).mean() < 0.5


@pytest.mark.parametrize("options", [{"precision": "fp16"}, {"tile": 0}, {"threads": 0}])
def test_impossible_options_are_refused(rescaler: Any, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        rescaler(**options)


def test_threads_are_set_once_and_again_only_by_name() -> None:
    before = torch.get_num_threads()
    try:
        assert set_threads(1) == 1
        assert set_threads() == 1
    finally:
        set_threads(before)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_restores_what_the_cpu_downscaled(rescaler: Any, picture: Any) -> None:
    made = rescaler().downscale(picture(70, 90, 3), measure=True)
    gpu = Rescaler("rgb-x4", device="cuda", precision="fp32")
    first, second = gpu.restore(made), gpu.restore(made)
    assert (first == second).all()
    difference = np.abs(first.astype(int) - rescaler().restore(made))
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.005
