"""One tile through the network, in either direction."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_core.networks import RescalingNetwork

Unit = NDArray[np.float32]

# cuDNN's settings are the process's: threads that set and reset them must take turns.
_cudnn = threading.Lock()


class NetworkPass:
    """A network as functions of numpy arrays in [0, 1], channels last.

    Parameters
    ----------
    network : RescalingNetwork
        In evaluation mode, on `device`.
    device : str
        As torch names it.
    dtype : torch.dtype
        Of the subnets: float32 or bfloat16. All else is float32, and never TF32.
    """

    def __init__(self, network: RescalingNetwork, device: str, dtype: torch.dtype) -> None:
        self._network = network
        self._device = torch.device(device)
        self._dtype = dtype

    def downscale(self, hr: Unit) -> Unit:
        """Map (H, W, C) to the LR (H/s, W/s, C), not rounded and not clipped."""
        with self._settings():
            lr, _ = self._network.downscale(self._upload(hr))
            return _download(lr)

    def restore(self, lr: Unit, latent: Unit | None) -> Unit:
        """Map (h, w, C) and a latent (h, w, C·(s²−1)), None for zeros, to (h·s, w·s, C)."""
        with self._settings():
            packed = self._upload(lr)
            fed = packed.new_zeros(()) if latent is None else self._upload(latent)
            return _download(self._network.restore(packed, fed))

    @contextmanager
    def _settings(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode())
            if self._device.type == "cuda":
                # The same picture must give the same bytes twice, and float32 must be float32.
                stack.enter_context(_cudnn)
                stack.enter_context(
                    torch.backends.cudnn.flags(
                        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
                    )
                )
            stack.enter_context(
                torch.autocast(self._device.type, self._dtype, enabled=self._dtype != torch.float32)
            )
            yield

    def _upload(self, pixels: NDArray[Any]) -> Tensor:
        # (H, W, C) memory seen as (1, C, H, W) is channels-last as it stands.
        tensor = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))
        return tensor.permute(2, 0, 1).unsqueeze(0).to(self._device)


def _download(batch: Tensor) -> Unit:
    pixels: Unit = batch[0].permute(1, 2, 0).float().cpu().numpy()
    return pixels


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on any device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    # torch's CPU allocator has no error class of its own.
    return isinstance(error, RuntimeError) and any(
        phrase in text for phrase in ("defaultcpuallocator", "not enough memory", "out of memory")
    )
