"""IRRM, Invertible Residual Rescaling Models (Li et al., IJCAI 2024), reconstructed.

The paper's full text and code were not at hand. What is the paper's: Residual
Downscaling Modules with a long skip for the low band, Invertible Residual Blocks with
short skips and three Enhanced Blocks each. What is ours: the exactly invertible form of
the long skip (a lifting step), the widths and counts that meet the published ratios, and
the module one Haar level deeper that keeps x2 affordable.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as fn
from torch import Tensor, nn

from irrm_core.networks.coupling import AffineCoupling, Coupling, JointCoupling
from irrm_core.networks.enhanced_block import EnhancedBlock
from irrm_core.networks.haar import HaarDownsampling
from irrm_core.networks.invertible import Invertible, InvertibleSequence, RescalingNetwork


def invertible_residual_block(low: int, high: int, width: int, *, joint: bool = False) -> Coupling:
    """Return an Invertible Residual Block: a coupling whose subnets are Enhanced Blocks.

    The identity paths of the coupling are the block's short skips. The paper has three
    Enhanced Blocks; a joint block has two, one of which gives scale and shift.
    """
    F = EnhancedBlock(high, low, width)
    if joint:
        return JointCoupling(low, F=F, HG=EnhancedBlock(low, 2 * high, width))
    return AffineCoupling(
        low, F=F, G=EnhancedBlock(low, high, width), H=EnhancedBlock(low, high, width)
    )


class LowBandSkip(Invertible):
    """The long skip of a Residual Downscaling Module, as a lifting step.

    After Haar the low band l predicts the details h, and only the rest goes on::

        h_res = h − P(l)        inverse: h = h_res + P(l)

    P is a 3x3 convolution that starts as the tensor-product CDF(1,3) wavelet's
    prediction, which continues straight lines through neighbouring means: (l₋₁ − l₊₁)/8
    along an axis, the product of both for the diagonal band. So a fresh module is a
    second-order wavelet transform; the blocks are left with what a straight line misses.

    Parameters
    ----------
    low : int
        Channels of l.
    total : int
        Channels of the packed Haar output: 4 times the module's input.
    """

    def __init__(self, low: int, total: int) -> None:
        super().__init__()
        self.low = low
        weight = torch.zeros(total - low, low, 3, 3)
        slope, centre = (0.125, 0.0, -0.125), (0.0, 1.0, 0.0)
        # In plain numbers: arithmetic on the meta device would import torch's compiler, which
        # takes seconds.
        kernels = (
            torch.tensor([[y * x for x in columns] for y in rows])
            for rows, columns in ((centre, slope), (slope, centre), (slope, slope))
        )
        for band, kernel in enumerate(kernels, start=1):
            for c in range(low):
                # Band-major: band b of channel c stands at b·total/4 + c; the low band is cut off.
                weight[band * total // 4 + c - low, c] = kernel
        self.weight = nn.Parameter(weight)

    def _predict(self, low: Tensor) -> Tensor:
        # The step is part of the bijection, not of a subnet: it keeps the input's precision.
        with torch.autocast(low.device.type, enabled=False):
            padded = fn.pad(low, (1, 1, 1, 1), mode="replicate")
            return fn.conv2d(padded, self.weight.to(low.dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) forwards: subtract the prediction."""
        low = x[:, : self.low]
        return torch.cat((low, x[:, self.low :] - self._predict(low)), dim=1)

    def inverse(self, y: Tensor) -> Tensor:
        """Undo `forward`: add the prediction."""
        low = y[:, : self.low]
        return torch.cat((low, y[:, self.low :] + self._predict(low)), dim=1)


class ResidualDownscalingModule(InvertibleSequence):
    """One factor of 2: Haar, the long skip of the low band, then residual blocks.

    Parameters
    ----------
    channels : int
        Channels of the input; the output has four times as many at half the size.
    low : int
        Channels of the running LR image.
    blocks : int
        Invertible Residual Blocks.
    width : int
        Width of their Enhanced Blocks.
    joint : bool
        Whether one subnet gives both scale and shift.
    skip : bool
        Whether the low band takes the long skip.
    """

    def __init__(
        self,
        channels: int,
        low: int,
        blocks: int,
        width: int,
        *,
        joint: bool = False,
        skip: bool = True,
    ) -> None:
        total = 4 * channels
        super().__init__(
            [
                HaarDownsampling(channels),
                *([LowBandSkip(low, total)] if skip else []),
                *(
                    invertible_residual_block(low, total - low, width, joint=joint)
                    for _ in range(blocks)
                ),
            ]
        )


class DeeperModule(Invertible):
    """Residual blocks one Haar level deeper, undone afterwards.

    Low band and details are each split once more by Haar, the blocks work on the split
    at a quarter of the pixels, and both are put together again. Output and input have
    the same shape; a multiply-add here costs a quarter.

    Parameters
    ----------
    low, high : int
        Channels of the running LR image and of the rest.
    blocks : int
        Invertible Residual Blocks.
    width : int
        Width of their Enhanced Blocks.
    joint : bool
        Whether one subnet gives both scale and shift.
    """

    def __init__(
        self, low: int, high: int, blocks: int, width: int, *, joint: bool = False
    ) -> None:
        super().__init__()
        self.low = low
        self.low_haar = HaarDownsampling(low)
        self.high_haar = HaarDownsampling(high)
        self.blocks = InvertibleSequence(
            invertible_residual_block(4 * low, 4 * high, width, joint=joint) for _ in range(blocks)
        )

    def _split(self, x: Tensor) -> Tensor:
        return torch.cat((self.low_haar(x[:, : self.low]), self.high_haar(x[:, self.low :])), dim=1)

    def _join(self, x: Tensor) -> Tensor:
        low, high = x[:, : 4 * self.low], x[:, 4 * self.low :]
        return torch.cat((self.low_haar.inverse(low), self.high_haar.inverse(high)), dim=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, low+high, H, W), H and W even, to the same shape."""
        return self._join(self.blocks(self._split(x)))

    def inverse(self, y: Tensor) -> Tensor:
        """Undo `forward`."""
        return self._join(self.blocks.inverse(self._split(y)))


class IRRM(RescalingNetwork):
    """Residual Downscaling Modules, one for each factor of 2.

    Parameters
    ----------
    scale : int
        2, 4 or 8.
    blocks : sequence of int
        Invertible Residual Blocks of each module; its length is log2(scale).
    channels : int
        3 for RGB, 1 for single-channel images.
    width : int
        Width n of the Enhanced Blocks.
    deeper_blocks : int
        Blocks of a `DeeperModule` after the last module; 0 for none. With it, H and W must
        be multiples of twice the scale.
    joint : bool
        Whether one Enhanced Block gives both scale and shift of a coupling, in place of two.
    skip : bool
        Whether every module has the long skip of the low band, as the paper's do.
    """

    def __init__(
        self,
        scale: int,
        blocks: Sequence[int],
        *,
        channels: int = 3,
        width: int = 32,
        deeper_blocks: int = 0,
        joint: bool = False,
        skip: bool = True,
    ) -> None:
        if scale < 2 or 1 << len(blocks) != scale:
            raise ValueError(
                f"IRRM x{scale} needs one block count for each factor of 2, not {list(blocks)}"
            )
        operations: list[Invertible] = [
            ResidualDownscalingModule(
                channels * 4**level, channels, count, width, joint=joint, skip=skip
            )
            for level, count in enumerate(blocks)
        ]
        if deeper_blocks:
            operations.append(
                DeeperModule(channels, channels * (scale**2 - 1), deeper_blocks, width, joint=joint)
            )
        super().__init__(
            operations,
            channels=channels,
            scale=scale,
            size_multiple=scale * (2 if deeper_blocks else 1),
        )
