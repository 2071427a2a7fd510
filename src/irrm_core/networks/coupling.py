"""The affine couplings that IRN, FIRN and IRRM are made of."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from irrm_core.networks.invertible import Invertible


class Coupling(Invertible):
    """One invertible block: the high band shifts the low one, which then scales and shifts it.

    With the input split into ``h1`` (the first `low` channels) and ``h2`` (the rest)::

        h1' = h1 + F(h2)
        h2' = h2 ⊙ exp(s(H(h1'))) + G(h1'),   s(a) = clamp·(2σ(a) − 1)

    (IRN, equations 1 to 3; IRRM calls F, H and G φ, ρ and η.) The scale is bounded
    to [e⁻ᶜ, eᶜ], because a product of unbounded exponentials over many blocks
    explodes. Only the subnets may run in reduced precision: sums, exponentials and
    the division of the inverse stay in the precision of the input.

    Where H and G come from, the subclasses say.

    Parameters
    ----------
    low : int
        Channels of h1.
    F : Module
        Subnet from the high band to the low one, size preserving.
    clamp : float
        Bound of the log-scale.
    """

    def __init__(self, low: int, *, F: nn.Module, clamp: float = 1.0) -> None:
        super().__init__()
        self.low = low
        self.clamp = clamp
        self.F = F

    def shift_low(self, high: Tensor) -> Tensor:
        """Return what is added to the low band: F(h2)."""
        shift: Tensor = self.F(high)
        return shift.to(high.dtype)

    @abstractmethod
    def subnets_of_low(self, low: Tensor) -> tuple[Tensor, Tensor]:
        """Return H(h1') and G(h1'), in the precision that the subnets run in."""

    def scale_and_shift_high(self, low: Tensor) -> tuple[Tensor, Tensor]:
        """Log-scale and shift of the high band, both from the new low band."""
        a, shift = self.subnets_of_low(low)
        # 2σ(a) − 1 = tanh(a/2)
        return torch.tanh(0.5 * a.to(low.dtype)) * self.clamp, shift.to(low.dtype)

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


class AffineCoupling(Coupling):
    """A coupling with three subnets, as the papers draw it.

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
        super().__init__(low, F=F, clamp=clamp)
        self.G = G
        self.H = H

    def subnets_of_low(self, low: Tensor) -> tuple[Tensor, Tensor]:
        """Return H(h1') and G(h1')."""
        return self.H(low), self.G(low)


class JointCoupling(Coupling):
    """A coupling in which one subnet gives scale and shift, for two thirds of the cost.

    Parameters
    ----------
    low : int
        Channels of h1.
    F : Module
        Subnet from the high band to the low one, size preserving.
    HG : Module
        Subnet from the low band to twice the channels of the high one: H's, then G's.
    clamp : float
        Bound of the log-scale.
    """

    def __init__(self, low: int, *, F: nn.Module, HG: nn.Module, clamp: float = 1.0) -> None:
        super().__init__(low, F=F, clamp=clamp)
        self.HG = HG

    def subnets_of_low(self, low: Tensor) -> tuple[Tensor, Tensor]:
        """Return H(h1') and G(h1'), the two halves of one subnet's output."""
        a, shift = self.HG(low).chunk(2, dim=1)
        return a, shift
