"""The models: cards, where they are found, loading, saving and importing them.

Cards can be listed without torch; what needs it is imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.lazily import names_of
from irrm_core.zoo.card import Halo, LatentPolicy, ModelCard
from irrm_core.zoo.card_json import card_from_json, card_to_json
from irrm_core.zoo.registry import (
    DamagedModel,
    FoundModel,
    find_card,
    find_model,
    list_models,
    register_folder,
    scan,
    search_folders,
    user_folder,
)

if TYPE_CHECKING:
    from irrm_core.zoo.checkpoint import import_checkpoint
    from irrm_core.zoo.fetch import add_models, fetch_model
    from irrm_core.zoo.halo import measure_halo
    from irrm_core.zoo.model import Model, load_model
    from irrm_core.zoo.store import remove_model, save_model
    from irrm_core.zoo.weights import weights_hash

_HOMES = {
    "checkpoint": ("import_checkpoint",),
    "fetch": ("add_models", "fetch_model"),
    "halo": ("measure_halo",),
    "model": ("Model", "load_model"),
    "store": ("remove_model", "save_model"),
    "weights": ("weights_hash",),
}

__all__ = [
    "DamagedModel",
    "FoundModel",
    "Halo",
    "LatentPolicy",
    "Model",
    "ModelCard",
    "add_models",
    "card_from_json",
    "card_to_json",
    "fetch_model",
    "find_card",
    "find_model",
    "import_checkpoint",
    "list_models",
    "load_model",
    "measure_halo",
    "register_folder",
    "remove_model",
    "save_model",
    "scan",
    "search_folders",
    "user_folder",
    "weights_hash",
]


if not TYPE_CHECKING:
    __getattr__ = names_of(__name__, _HOMES)
