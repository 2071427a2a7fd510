"""Which published architecture a checkpoint is, from its keys and shapes alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from irrm_core.errors import ModelFileError


@dataclass(frozen=True)
class Recognised:
    """What a checkpoint turned out to be.

    Attributes
    ----------
    architecture : str
        ``"irn"`` or ``"firn"``.
    parameters : dict
        Keyword arguments for `irrm_core.networks.build`.
    state : dict of Tensor
        The tensors under the names of our own network.
    """

    architecture: str
    parameters: dict[str, Any]
    state: dict[str, Tensor]


def recognise(state: Mapping[str, Tensor], origin: object) -> Recognised:
    """Recognise a published IRN (x2, x3, x4, x8) or FIRN (x2, x4) checkpoint.

    A ``module.`` prefix, which data-parallel training leaves, is taken off. Block counts,
    growth and channels follow from the tensors, so variants are recognised too.

    Raises
    ------
    ModelFileError
        It is neither.
    """
    stripped = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    operations = _operations(stripped)
    if not operations or len(stripped) != len(state):
        raise _unknown(origin)
    steps: list[int] = []
    for operation in operations:
        if "haar_weights" in operation or "conv_weights" in operation:
            steps.append(0)
        elif not steps:
            raise _unknown(origin)
        else:
            steps[-1] += 1
    blocks = [op for op in operations if "H.conv1.weight" in op or "H.c1_d.weight" in op]
    if not blocks:
        raise _unknown(origin)
    first, block = operations[0], blocks[0]
    try:
        if "reduce_conv.0.weight" in block:
            channels = _size(block["F.c5.weight"], 0)
            parameters = {"scale": 2 ** len(steps), "blocks": steps, "channels": channels}
            return Recognised("firn", parameters, stripped)
        learned = "conv_weights" in first
        scale = math.isqrt(_size(first["conv_weights"], 0)) if learned else 2 ** len(steps)
        parameters = {
            "scale": scale,
            "blocks": steps,
            "channels": _size(block["F.conv5.weight"], 0),
            "growth": _size(block["F.conv1.weight"], 0),
            "learned_downsampling": learned,
        }
    except (KeyError, IndexError):
        raise _unknown(origin) from None
    return Recognised("irn", parameters, stripped)


def _operations(state: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    """Sort ``operations.{i}.…`` by i; empty when the keys have another form."""
    numbered: dict[int, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        head, _, rest = name.partition(".")
        index, _, inner = rest.partition(".")
        if head != "operations" or not index.isdecimal() or len(index) > 4 or not inner:
            return []
        numbered.setdefault(int(index), {})[inner] = tensor
    if sorted(numbered) != list(range(len(numbered))):
        return []
    return [numbered[i] for i in range(len(numbered))]


def _size(tensor: Tensor, axis: int) -> int:
    return int(tensor.shape[axis])


def _unknown(origin: object) -> ModelFileError:
    return ModelFileError(
        f"{origin}: neither a published IRN (x2, x3, x4, x8) nor a FIRN (x2, x4) checkpoint; "
        "other networks enter as a model folder with a card"
    )
