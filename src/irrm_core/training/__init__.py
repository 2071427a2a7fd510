"""Training of rescaling networks (extra ``train``): data, losses, recipes and the loop."""

from __future__ import annotations

from irrm_core.training.loop import Result, train
from irrm_core.training.pictures import Pictures, load_pictures
from irrm_core.training.planning import Plan, plan
from irrm_core.training.recipe import Recipe, read_recipe
from irrm_core.training.register import install_model, is_reserved, register_run

__all__ = [
    "Pictures",
    "Plan",
    "Recipe",
    "Result",
    "install_model",
    "is_reserved",
    "load_pictures",
    "plan",
    "read_recipe",
    "register_run",
    "train",
]
