"""Which planes are read where there is not memory for all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from irrm_core.errors import UsageError
from irrm_core.training.files import PictureFile


def planes_that_fit(
    files: Sequence[PictureFile],
    channels: int,
    gigabytes: float,
    copies: Sequence[float],
    seed: int,
) -> list[Sequence[int]]:
    """Return, for each file, the numbers of the planes that there is memory for.

    Where there is too little for all, a random choice that depends on `seed` and the files only.

    Parameters
    ----------
    files : sequence of PictureFile
        In order.
    channels : int
        Of the network: fewer colours take less memory.
    gigabytes : float
        For all of them.
    copies : sequence of float
        Sizes at which each picture will be kept.
    seed : int
        Of the choice.

    Raises
    ------
    UsageError
        One plane alone takes more.
    """
    space = gigabytes * 1e9
    area = sum(factor**2 for factor in copies)
    costs = []
    for file in files:
        kept = min(channels, file.layout.colours) * (2 if file.deep else 1)
        costs.append(file.layout.height * file.layout.width * kept * area)
        if costs[-1] > space:
            raise UsageError(
                f"{file.path}: one plane of {file.layout.width}x{file.layout.height} pixels takes "
                f"{costs[-1] / 1e9:.1f} GB, and data.gigabytes is {gigabytes:g}; cut it into "
                "smaller pictures, or raise data.gigabytes in the recipe"
            )
    counts = [file.layout.plane_count for file in files]
    if sum(cost * count for cost, count in zip(costs, counts, strict=True)) <= space:
        return [range(count) for count in counts]
    owner = np.repeat(np.arange(len(files)), counts)
    number = np.concatenate([np.arange(count) for count in counts])
    order = np.random.default_rng([seed, 0x9A11]).permutation(len(owner))
    fits = np.cumsum(np.array(costs)[owner[order]]) <= space
    plan: list[list[int]] = [[] for _ in files]
    for at in sorted(order[fits].tolist()):
        plan[owner[at]].append(int(number[at]))
    return list(plan)


def spread_evenly(plan: Sequence[Sequence[int]], most: int) -> list[Sequence[int]]:
    """Return `most` planes or fewer, about as many of each file, evenly spread over it.

    There must not be more files than that.
    """
    out: list[Sequence[int]] = []
    for number, planes in enumerate(plan):
        share = -(-(most - sum(map(len, out))) // (len(plan) - number))
        out.append(planes if len(planes) <= share else planes[:: -(-len(planes) // max(share, 1))])
    return out
