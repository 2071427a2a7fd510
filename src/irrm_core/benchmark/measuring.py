"""The measurement: contestants take turns, medians are kept.

Taking turns on one image lets whatever else the machine does fall on all of them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import torch

from irrm_core.benchmark.contestants import Fast, Plain, PlainNetwork, plain_network
from irrm_core.benchmark.memory import peak_memory, start_peak
from irrm_core.benchmark.round_trip import noise, round_trip
from irrm_core.device import choose_device
from irrm_core.errors import UsageError
from irrm_core.networks import fuse
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_core.zoo import Model

# Larger than this side, the comparison of float results would only take longer.
_COMPARED = 256


@dataclass(frozen=True)
class Speed:
    """What one contestant reached.

    Attributes
    ----------
    path : str
        ``"auto"`` or ``"fp32"``: the rescaler in this precision. ``"plain"``: the network
        written plainly, in NCHW and float32.
    downscale, restore : float
        Megapixels of HR a second, median.
    downscale_gain, restore_gain : float
        Times as fast as the plain network.
    peak_memory : int or None
        Bytes during one round trip: of the whole process, or of torch on a CUDA device;
        None where the system does not say.
    """

    path: str
    downscale: float
    restore: float
    downscale_gain: float
    restore_gain: float
    peak_memory: int | None


@dataclass(frozen=True)
class Benchmark:
    """How fast one model is.

    Attributes
    ----------
    model : str
        Its id.
    size : tuple of int
        Height and width of the image.
    device : str
        And why it was chosen.
    threads, repeat : int
        Threads of the CPU; round trips of each contestant.
    plain : str
        Where the plain network is written.
    difference : float
        Largest absolute difference between LR, latent and restoration (of images in
        [0, 1], not rounded) of the network as we run it in float32 and the plain one.
    speeds : tuple of Speed
        ``auto``, ``fp32``, ``plain``.
    """

    model: str
    size: tuple[int, int]
    device: str
    threads: int
    repeat: int
    plain: str
    difference: float
    speeds: tuple[Speed, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes by name, ready for JSON."""
        return asdict(self)


def benchmark(
    model: Model,
    size: tuple[int, int] = (512, 512),
    *,
    device: str = "auto",
    threads: int | None = None,
    repeat: int = 3,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Benchmark:
    """Time a model in both precisions beside the same network written plainly.

    Parameters
    ----------
    model : Model
        Loaded on the CPU.
    size : tuple of int
        Height and width of the image, multiples of the model's `size_multiple`.
    device : str
        As `irrm_core.device.choose_device` takes it.
    threads : int, optional
        For the CPU.
    repeat : int
        Timed round trips of each contestant, after one that is not.
    progress, cancel
        Told of each round trip; asked before each.

    Raises
    ------
    UsageError
        Size or repeat do not fit.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    multiple = model.card.size_multiple
    if any(side < multiple or side % multiple for side in size):
        raise UsageError(
            f"{model.card.id} is timed on sides that are multiples of {multiple}, "
            f"not {size[0]}x{size[1]}"
        )
    if repeat < 1:
        raise UsageError(f"{repeat} round trips give no time; repeat once or more")
    choice = choose_device(device)
    written, plain = plain_network(model)
    difference = _difference(model, plain, size)
    contestants: dict[str, Fast | Plain] = {
        "auto": Fast(model, "auto", choice.device, threads),
        "fp32": Fast(model, "fp32", choice.device, threads),
        "plain": Plain(plain, choice.device, model.network.latent_channels),
    }
    image = noise(size, model.card.channels)
    peaks: dict[str, int | None] = {}
    times: dict[str, list[tuple[float, float]]] = {path: [] for path in contestants}
    progress.begin(f"timing {model.card.id}", (repeat + 1) * len(contestants))
    for turn in range(repeat + 1):
        for path, contestant in contestants.items():
            cancel.check()
            if turn == 0:
                start_peak(choice.device)
            taken = round_trip(contestant, image)
            if turn == 0:
                peaks[path] = peak_memory(choice.device)
            else:
                times[path].append(taken)
            progress.advance()
    progress.end()
    seconds = {
        path: (median(t[0] for t in taken), median(t[1] for t in taken))
        for path, taken in times.items()
    }
    megapixels = size[0] * size[1] / 1e6
    down, up = seconds["plain"]
    return Benchmark(
        model=model.card.id,
        size=size,
        device=str(choice),
        threads=torch.get_num_threads(),
        repeat=repeat,
        plain=written,
        difference=difference,
        speeds=tuple(
            Speed(path, megapixels / d, megapixels / u, down / d, up / u, peaks[path])
            for path, (d, u) in seconds.items()
        ),
    )


def _difference(model: Model, plain: PlainNetwork, size: tuple[int, int]) -> float:
    multiple = model.card.size_multiple
    height, width = (min(side, _COMPARED // multiple * multiple) for side in size)
    pixels = torch.from_numpy(noise((height, width), model.card.channels))
    x = pixels.reshape(height, width, -1).permute(2, 0, 1).unsqueeze(0).contiguous() / 255
    fast = fuse(model.network)
    with torch.inference_mode():
        ours, theirs = fast.downscale(x), plain.downscale(x)
        lr, latent = theirs
        pairs = [
            *zip(ours, theirs, strict=True),
            (fast.restore(lr, latent), plain.restore(lr, latent)),
        ]
        return max(float((a - b).abs().max()) for a, b in pairs)
