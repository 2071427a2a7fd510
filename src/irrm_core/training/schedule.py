"""How fast a network learns at each step."""

from __future__ import annotations

import math

from irrm_core.training.recipe import OptimiserRecipe

#: Steps of warm-up after a continuation without the optimiser's state.
REWARM = 200


def learning_rate(recipe: OptimiserRecipe, step: int, resumed_at: int | None = None) -> float:
    """Learning rate of a step: linear warm-up, then a cosine to the final fraction.

    After a continuation without the optimiser's state (`resumed_at`), Adam's averages are
    empty and the rate is warmed up again over `REWARM` steps.
    """
    rate = recipe.learning_rate * min(1.0, (step + 1) / max(1, recipe.warmup))
    along = max(0, step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, along)))
    rate *= recipe.final_fraction + (1 - recipe.final_fraction) * cosine
    if resumed_at is not None:
        rate *= min(1.0, (step - resumed_at + 1) / REWARM)
    return rate
