"""Training of rescaling networks (extra ``train``): data, losses, recipes and the loop."""

from __future__ import annotations

from irrm_core.training.loop import Result, train
from irrm_core.training.recipe import Recipe, read_recipe

__all__ = ["Recipe", "Result", "read_recipe", "train"]
