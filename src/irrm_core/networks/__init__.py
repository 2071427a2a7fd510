"""The invertible networks: IRRM, IRN and FIRN, and the pieces they are made of."""

from __future__ import annotations

from irrm_core.networks.build import ARCHITECTURES, build
from irrm_core.networks.cost import Cost, cost
from irrm_core.networks.coupling import AffineCoupling, Coupling, JointCoupling
from irrm_core.networks.dense_block import DenseBlock
from irrm_core.networks.enhanced_block import EnhancedBlock
from irrm_core.networks.firn import FIRN, PADB
from irrm_core.networks.fused import fuse
from irrm_core.networks.haar import HaarDownsampling
from irrm_core.networks.invertible import Invertible, InvertibleSequence, RescalingNetwork
from irrm_core.networks.irn import IRN, ConvDownsampling
from irrm_core.networks.irrm import (
    IRRM,
    DeeperModule,
    LowBandSkip,
    ResidualDownscalingModule,
)
from irrm_core.networks.quantise import quantise
from irrm_core.networks.sizes import SCALES, SIZES, size_parameters

__all__ = [
    "ARCHITECTURES",
    "FIRN",
    "IRN",
    "IRRM",
    "PADB",
    "SCALES",
    "SIZES",
    "AffineCoupling",
    "ConvDownsampling",
    "Cost",
    "Coupling",
    "DeeperModule",
    "DenseBlock",
    "EnhancedBlock",
    "HaarDownsampling",
    "Invertible",
    "InvertibleSequence",
    "JointCoupling",
    "LowBandSkip",
    "RescalingNetwork",
    "ResidualDownscalingModule",
    "build",
    "cost",
    "fuse",
    "quantise",
    "size_parameters",
]
