"""Training of rescaling networks (extra ``train``): data, losses, recipes and the loop."""

from __future__ import annotations

from irrm_core.training.loop import Result, train
from irrm_core.training.recipe import Recipe, read_recipe
from irrm_core.training.register import register_run

__all__ = ["Recipe", "Result", "read_recipe", "register_run", "train"]
