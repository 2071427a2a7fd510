"""How fast a model is on this machine, beside the same network written plainly."""

from __future__ import annotations

from irrm_core.benchmark.contestants import ARCHITECTURES, architecture_model, default_models
from irrm_core.benchmark.measuring import Benchmark, Speed, benchmark

__all__ = [
    "ARCHITECTURES",
    "Benchmark",
    "Speed",
    "architecture_model",
    "benchmark",
    "default_models",
]
