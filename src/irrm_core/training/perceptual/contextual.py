"""The contextual loss: whether two pictures have the same features, wherever these stand."""

from __future__ import annotations

import math

import torch.nn.functional as fn
from torch import Tensor

BANDWIDTH = 0.5
_EPSILON = 1e-6


def contextual_loss(x: Tensor, reference: Tensor, bandwidth: float = BANDWIDTH) -> Tensor:
    """Cosine contextual loss (CCX; FIRN, equation 4; Mechrez et al., 2018).

    With features ``x_i`` of the restored and ``y_j`` of the original picture, one vector at
    each of N positions, and ``r = (1/N) Σ_j y_j``::

        d_ij  = 1 − (x_i − r)·(y_j − r) / (‖x_i − r‖ ‖y_j − r‖)
        d'_ij = d_ij / (min_k d_ik + ε),  ε = 1e-6
        A_ij  = exp((1 − d'_ij) / h) / Σ_k exp((1 − d'_ik) / h)
        L     = −log((1/N) Σ_j max_i A_ij)

    It is zero where every feature of the original has one of the restored picture that is
    like it and like no other, and log N where all are alike. Positions are no part of it, so
    that texture may be displaced, which a pixel loss answers with blur.

    The paper, as printed, has the cosine itself in the place of d_ij and ``1 − d'_ij/h`` in the
    exponent. Here d_ij is one minus the cosine, as in the paper that it cites, since a
    distance is what the other lines speak of; the exponents differ by a constant, which A_ij
    does not see. Bandwidth and ε are the paper's; r is taken of each picture of the batch.

    Parameters
    ----------
    x, reference : Tensor
        (N, F, H, W) features of the restored and of the original pictures. Memory and time
        grow with (H·W)².
    bandwidth : float
        h, above 0: the smaller, the more only the nearest feature counts.

    Returns
    -------
    Tensor
        Mean over the batch, a scalar in [0, log(H·W)].
    """
    ys = reference.float().flatten(2)
    xs = x.float().flatten(2)
    centre = ys.mean(dim=2, keepdim=True)
    xs, ys = (fn.normalize(v - centre, dim=1) for v in (xs, ys))
    # Rounding can take a cosine above 1, and a negative distance would be the largest weight.
    distance = (1 - xs.transpose(1, 2) @ ys).clamp(min=0)
    relative = distance / (distance.amin(dim=2, keepdim=True) + _EPSILON)
    logs = ((1 - relative) / bandwidth).log_softmax(dim=2)
    best = logs.amax(dim=1)
    # The logarithm of a mean of exponentials, so that nothing is lost where all are small.
    loss: Tensor = (math.log(best.shape[1]) - best.logsumexp(dim=1)).mean()
    return loss
