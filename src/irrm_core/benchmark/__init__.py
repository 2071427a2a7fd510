"""How fast a model is on this machine, beside the same network written plainly."""

from __future__ import annotations

from irrm_core.benchmark.contestants import ARCHITECTURES, architecture_model, default_models
from irrm_core.benchmark.measuring import Benchmark, Speed, benchmark
from irrm_core.benchmark.round_trip import SIDE, cpu_seconds, noise, seconds_per_megapixel

__all__ = [
    "ARCHITECTURES",
    "SIDE",
    "Benchmark",
    "Speed",
    "architecture_model",
    "benchmark",
    "cpu_seconds",
    "default_models",
    "noise",
    "seconds_per_megapixel",
]
