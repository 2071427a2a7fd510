"""``python -m benchmarks``: the speed that the project promises, checked on this machine.

On a busy machine the figures mean little. Ends with 1 where a promise is not kept.
"""

from __future__ import annotations

import sys

from irrm_core.benchmark import Benchmark, architecture_model, benchmark, default_models
from irrm_core.errors import UsageError
from irrm_core.zoo import load_model

# Times the plain IRN x4, and the largest difference from its results in float32.
PROMISED = {"fp32": 1.5, "auto": 2.5}
DIFFERENCE = 1e-4


def main() -> int:
    irn = benchmark(architecture_model("irn-x4"), repeat=5)
    _print(irn)
    try:
        for name in default_models():
            _print(benchmark(load_model(name, device="cpu"), repeat=5))
    except UsageError as error:
        print(error)
    broken = _broken(irn)
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


def _broken(irn: Benchmark) -> list[str]:
    gains = {speed.path: min(speed.downscale_gain, speed.restore_gain) for speed in irn.speeds}
    lines = [
        f"{path} is {gains[path]:.2f} times as fast as the plain IRN x4, not {promised}"
        for path, promised in PROMISED.items()
        if gains[path] < promised
    ]
    if irn.difference > DIFFERENCE:
        lines.append(f"fp32 differs from the plain IRN x4 by {irn.difference:.1e}")
    return lines


def _print(found: Benchmark) -> None:
    height, width = found.size
    print(f"{found.model} on {height}x{width}, {found.device}, {found.threads} threads")
    for speed in found.speeds:
        memory = "" if speed.peak_memory is None else f", peak {speed.peak_memory / 1e6:.0f} MB"
        print(
            f"  {speed.path:5s} down {speed.downscale:7.3f} MP/s (x{speed.downscale_gain:.2f})"
            f"  up {speed.restore:7.3f} MP/s (x{speed.restore_gain:.2f}){memory}"
        )
    print(f"  plain: {found.plain}; fp32 differs by at most {found.difference:.1e}")


if __name__ == "__main__":
    sys.exit(main())
