"""The affine coupling that IRN, FIRN and IRRM share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from irrm_core.networks.invertible import Invertible


class AffineCoupling(Invertible):
    """One invertible block: the high band shifts the low one, which then scales and shifts it.

    With the input split into ``h1`` (the first `low` channels) and ``h2`` (the rest)::

        h1' = h1 + F(h2)
        h2' = h2 ⊙ exp(s(H(h1'))) + G(h1'),   s(a) = clamp·(2σ(a) − 1)

    (IRN, equations 1 to 3; IRRM calls F, H and G φ, ρ and η.) The scale is bounded
    to [e⁻ᶜ, eᶜ], because a product of unbounded exponentials over many blocks
    explodes. Only the subnets may run in reduced precision: sums, exponentials and
    the division of the inverse stay in the precision of the input.

    Parameters
    ----------
    low : int
        Channels of h1.
    F, G, H : Module
        Subnets (high → low, low → high, low → high), size preserving.
    clamp : float
        Bound of the log-scale.
    """

    def __init__(
        self, low: int, *, F: nn.Module, G: nn.Module, H: nn.Module, clamp: float = 1.0
    ) -> None:
        super().__init__()
        self.low = low
        self.clamp = clamp
        self.F = F
        self.G = G
        self.H = H

    def shift_low(self, high: Tensor) -> Tensor:
        """Return what is added to the low band: F(h2)."""
        shift: Tensor = self.F(high)
        return shift.to(high.dtype)

    def scale_and_shift_high(self, low: Tensor) -> tuple[Tensor, Tensor]:
        """Log-scale and shift of the high band, both from the new low band."""
        a = self.H(low).to(low.dtype)
        # 2σ(a) − 1 = tanh(a/2)
        return torch.tanh(0.5 * a) * self.clamp, self.G(low).to(low.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) forwards."""
        h1, h2 = x[:, : self.low], x[:, self.low :]
        h1 = h1 + self.shift_low(h2)
        log_scale, shift = self.scale_and_shift_high(h1)
        return torch.cat((h1, torch.addcmul(shift, h2, log_scale.exp())), dim=1)

    def inverse(self, y: Tensor) -> Tensor:
        """Undo `forward`."""
        h1, h2 = y[:, : self.low], y[:, self.low :]
        log_scale, shift = self.scale_and_shift_high(h1)
        h2 = (h2 - shift) * (-log_scale).exp()
        return torch.cat((h1 - self.shift_low(h2), h2), dim=1)
