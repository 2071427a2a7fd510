"""The network that a run begins with."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from irrm_core.errors import UsageError
from irrm_core.networks import RescalingNetwork, build
from irrm_core.training.recipe import Recipe


def starting_network(recipe: Recipe, start_from: str | Path | None = None) -> RescalingNetwork:
    """Build the recipe's network, seeded or from given weights, and see that the recipe fits it.

    Raises
    ------
    UsageError
        The recipe fits no network, its patches do not fit the network, or the weights are of
        another network.
    """
    torch.manual_seed(recipe.seed)
    name = recipe.model.name
    try:
        network = build(recipe.model.architecture, recipe.model.parameters)
    except ValueError as error:
        raise UsageError(f"recipe {name}: {error}") from error
    if recipe.data.patch % network.size_multiple:
        raise UsageError(
            f"recipe {name}: data.patch is {recipe.data.patch}, "
            f"but the network takes multiples of {network.size_multiple}"
        )
    if recipe.data.microscopy and network.channels != 1:
        raise UsageError(
            f"recipe {name}: data.microscopy is for single-channel networks, "
            f"this one has {network.channels}"
        )
    if start_from is not None:
        try:
            put_weights(network, load_file(start_from), start_from)
        except SafetensorError as error:
            raise UsageError(f"{start_from}: not a safetensors file: {error}") from error
    return network


def put_weights(network: RescalingNetwork, weights: dict[str, Tensor], where: str | Path) -> None:
    """Give a network weights that came from `where`.

    Raises
    ------
    UsageError
        They are another network's.
    """
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(f"{where}: weights of another network than the recipe's") from error
