"""What every invertible piece can do, and what a whole rescaling network adds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from torch import Tensor, nn


class Invertible(nn.Module):
    """A bijection between feature maps: ``inverse(forward(x)) == x`` up to rounding."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) forwards."""

    @abstractmethod
    def inverse(self, y: Tensor) -> Tensor:
        """Undo `forward`."""


class InvertibleSequence(Invertible):
    """Invertible pieces one after the other.

    The pieces live in ``operations``, which is also the name that published IRN
    and FIRN checkpoints use for them.
    """

    def __init__(self, operations: Iterable[Invertible]) -> None:
        super().__init__()
        self.operations = nn.ModuleList(operations)

    def forward(self, x: Tensor) -> Tensor:
        for operation in self.operations:
            x = operation(x)
        return x

    def inverse(self, y: Tensor) -> Tensor:
        for operation in reversed(self.operations):
            y = operation.inverse(y)  # type: ignore[operator]
        return y


class RescalingNetwork(InvertibleSequence):
    """An invertible network read as a rescaler: HR in, LR and latent out, and back.

    Forwards, an image x of shape (N, C, H, W) becomes a packed tensor of shape
    (N, C·s², H/s, W/s) whose first C channels are the LR image y and whose other
    C·(s²−1) channels are the latent z: ``(y, z) = f(x)``, ``x = f⁻¹(y, z)``.

    Parameters
    ----------
    operations : iterable of Invertible
        Applied in order.
    channels : int
        C: 3 for RGB, 1 for single-channel images.
    scale : int
        s: the linear factor.
    size_multiple : int, optional
        H and W must be multiples of it; the scale unless the network goes deeper.
    """

    def __init__(
        self,
        operations: Iterable[Invertible],
        *,
        channels: int,
        scale: int,
        size_multiple: int | None = None,
    ) -> None:
        super().__init__(operations)
        self.channels = channels
        self.scale = scale
        self.size_multiple = size_multiple or scale

    @property
    def latent_channels(self) -> int:
        """Channels of the latent: C·(s²−1)."""
        return self.channels * (self.scale**2 - 1)

    def downscale(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Split an HR batch into its LR image and its latent.

        Parameters
        ----------
        x : Tensor
            (N, C, H, W) in [0, 1]; H and W multiples of `size_multiple`.

        Returns
        -------
        lr : Tensor
            (N, C, H/s, W/s), not rounded, nominally in [0, 1].
        latent : Tensor
            (N, C·(s²−1), H/s, W/s).
        """
        packed = self(x)
        return packed[:, : self.channels], packed[:, self.channels :]

    def restore(self, lr: Tensor, latent: Tensor) -> Tensor:
        """Put an LR batch and a latent together again.

        Parameters
        ----------
        lr : Tensor
            (N, C, h, w) in [0, 1].
        latent : Tensor
            (N, C·(s²−1), h, w): what the model's latent policy feeds.

        Returns
        -------
        Tensor
            (N, C, h·s, w·s), not clamped.
        """
        packed = lr.new_empty(lr.shape[0], self.channels * self.scale**2, *lr.shape[2:])
        packed[:, : self.channels] = lr
        packed[:, self.channels :] = latent
        return self.inverse(packed)
