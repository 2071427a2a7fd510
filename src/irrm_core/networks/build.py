"""A network from its name and parameters, as a model card or a recipe states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from irrm_core.networks.firn import FIRN
from irrm_core.networks.invertible import RescalingNetwork
from irrm_core.networks.irn import IRN
from irrm_core.networks.irrm import IRRM

ARCHITECTURES: Mapping[str, type[RescalingNetwork]] = {"irrm": IRRM, "irn": IRN, "firn": FIRN}


def build(architecture: str, parameters: Mapping[str, Any]) -> RescalingNetwork:
    """Build a fresh network.

    Parameters
    ----------
    architecture : str
        ``"irrm"``, ``"irn"`` or ``"firn"``.
    parameters : mapping
        Keyword arguments of the class: ``scale``, ``blocks``, ``channels`` and so on.

    Raises
    ------
    ValueError
        The architecture is unknown or the parameters do not fit it.
    """
    try:
        made = ARCHITECTURES[architecture]
    except KeyError:
        known = ", ".join(sorted(ARCHITECTURES))
        raise ValueError(f"unknown architecture {architecture!r}; known are {known}") from None
    for key in ("channels", "width", "growth"):
        if parameters.get(key, 1) < 1:
            raise ValueError(f"{key} must be at least 1, not {parameters[key]}")
    try:
        return made(**parameters)
    except TypeError as error:
        raise ValueError(f"{architecture} does not take these parameters: {error}") from error
