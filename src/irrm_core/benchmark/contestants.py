"""What is timed: the rescaler as users get it, and the same network written plainly."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irrm_core.engine import Downscaled, Rescaler
from irrm_core.errors import UsageError
from irrm_core.networks import build
from irrm_core.zoo import Halo, LatentPolicy, Model, ModelCard, list_models, weights_hash

PLAIN_IRN = Path(__file__).resolve().parents[3] / "benchmarks" / "plain_irn.py"
"""There in a checkout of the repository only."""

ARCHITECTURES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "irn-x2": ("irn", {"scale": 2}),
    "irn-x4": ("irn", {"scale": 4}),
    "irn-x8": ("irn", {"scale": 8}),
    "firn-x4": ("firn", {"scale": 4}),
    "irrm-s-x4": ("irrm", {"scale": 4, "blocks": [4, 4]}),
    "irrm-m-x4": ("irrm", {"scale": 4, "blocks": [6, 7]}),
    "irrm-l-x4": ("irrm", {"scale": 4, "blocks": [10, 20]}),
}
"""What can be timed without weights: build's name and parameters."""


class PlainNetwork(Protocol):
    """A network with nothing done for its speed."""

    def downscale(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Split (N, C, H, W) into LR image and latent."""

    def restore(self, lr: Tensor, latent: Tensor) -> Tensor:
        """Put both together again."""

    def to(self, device: str) -> PlainNetwork:
        """Move to a device."""


def default_models() -> list[str]:
    """Return the ids of the newest fast models that are here.

    Raises
    ------
    UsageError
        There are none.
    """
    newest = {card.name: card.id for card in sorted(list_models(), key=lambda c: c.version)}
    ids = [newest[name] for name in sorted(newest) if name.startswith("irrm-fast")]
    if not ids:
        raise UsageError("no irrm-fast model is installed; use --model or --architecture")
    return ids


def architecture_model(name: str) -> Model:
    """Return a model of an architecture, with weights from a fixed seed, none of them zero.

    Fresh networks end in zeros, and zeros are cheap to compute with.

    Parameters
    ----------
    name : str
        A key of `ARCHITECTURES`.

    Raises
    ------
    UsageError
        The architecture is unknown.
    """
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UsageError(f"unknown architecture {name!r}; choose one of {known}")
    architecture, parameters = ARCHITECTURES[name]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        network = build(architecture, parameters)
        for parameter in network.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.01)
    network.eval().requires_grad_(False)
    card = ModelCard(
        id=f"{name}@1",
        architecture=architecture,
        parameters=parameters,
        scale=network.scale,
        channels=network.channels,
        latent=LatentPolicy("zero"),
        # Such weights have no halo worth measuring; this is what trained ones need.
        halo=Halo(16, 16),
        size_multiple=network.size_multiple,
        weights_hash=weights_hash(network.state_dict()),
        licence="random numbers",
    )
    return Model(card, network)


def plain_network(model: Model) -> tuple[str, PlainNetwork]:
    """Return the network of a model written plainly, and where it is written.

    IRN as the repository's ``benchmarks`` folder has it; any other network, and IRN outside
    a checkout, as it is trained: nothing fused.
    """
    card = model.card
    # Learned downsampling, IRN's at scales that are no power of two, is not in the plain form.
    haar = card.scale & (card.scale - 1) == 0 and not card.parameters.get("learned_downsampling")
    if card.architecture != "irn" or not haar or not PLAIN_IRN.is_file():
        # A copy: it may be moved to another device.
        return "irrm_core.networks", cast("PlainNetwork", copy.deepcopy(model.network))
    specification = importlib.util.spec_from_file_location("plain_irn", PLAIN_IRN)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    parameters = {k: v for k, v in card.parameters.items() if k != "learned_downsampling"}
    plain = module.PlainIRN(**parameters)
    plain.load_state_dict(model.network.state_dict())
    return "benchmarks/plain_irn.py", cast("PlainNetwork", plain.eval().requires_grad_(False))


class Fast:
    """The rescaler in one precision, arrays in and arrays out."""

    def __init__(self, model: Model, precision: str, device: str, threads: int | None) -> None:
        self._rescaler = Rescaler(model, device=device, precision=precision, threads=threads)

    def downscale(self, image: NDArray[np.uint8]) -> Downscaled:
        """Downscale (H, W) or (H, W, 3)."""
        return self._rescaler.downscale(image)

    def restore(self, downscaled: Downscaled) -> None:
        """Restore what `downscale` gave."""
        self._rescaler.restore(downscaled)


class Plain:
    """The plain network: from an array of bytes to one, in NCHW and float32, in one piece."""

    def __init__(self, network: PlainNetwork, device: str, latent_channels: int) -> None:
        self._network = network.to(device)
        self._device = device
        self._latent_channels = latent_channels

    def downscale(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Downscale (H, W) or (H, W, 3) to (H/s, W/s, C)."""
        return self._run(image, lambda x: self._network.downscale(x)[0])

    def restore(self, lr: NDArray[np.uint8]) -> None:
        """Restore what `downscale` gave, with zeros as latent."""

        def restored(x: Tensor) -> Tensor:
            n, _, height, width = x.shape
            return self._network.restore(x, x.new_zeros(n, self._latent_channels, height, width))

        self._run(lr, restored)

    def _run(
        self, image: NDArray[np.uint8], network: Callable[[Tensor], Tensor]
    ) -> NDArray[np.uint8]:
        pixels = torch.from_numpy(image.reshape(*image.shape[:2], -1)).to(self._device)
        with torch.inference_mode():
            batch = pixels.permute(2, 0, 1).unsqueeze(0).contiguous().float() / 255
            out = network(batch).clamp(0, 1).mul(255).round().to(torch.uint8)
        return out[0].permute(1, 2, 0).cpu().numpy()
