"""``irrm bench``: how fast a model is on this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from irrm_core.cli.options import Device, Json, Quiet
from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from irrm_core.benchmark import Benchmark


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(bench)


def bench(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name, id, hash or folder of a model; repeatable. Default: fast ones."),
    ] = None,
    architecture: Annotated[
        list[str] | None,
        typer.Option(help="Time an architecture with random weights: irn-x4, irrm-l-x4, ..."),
    ] = None,
    size: Annotated[str, typer.Option(metavar="HxW", help="Of the image.")] = "512x512",
    device: Device = "auto",
    threads: Annotated[int | None, typer.Option(min=1, help="Of the CPU.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Timed round trips; medians count.")] = 3,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print megapixels a second each way and peak memory, beside the network written plainly.

    The rescaler is timed with 8-bit images in both precisions, the plain network in NCHW and
    float32; they take turns. IRN's plain form is in the repository's benchmarks folder;
    other networks are compared with themselves as they are trained.
    """
    from irrm_core.cli.console import interruptible, show_progress, write_json

    sides = _sides(size)
    with interruptible() as cancel:
        from irrm_core.benchmark import architecture_model, benchmark, default_models
        from irrm_core.zoo import load_model

        names = model or ([] if architecture else default_models())
        models = [load_model(name, device="cpu") for name in names]
        models += [architecture_model(name) for name in architecture or []]
        with show_progress(quiet=quiet) as progress:
            found = [
                benchmark(
                    each,
                    sides,
                    device=device,
                    threads=threads,
                    repeat=repeat,
                    progress=progress,
                    cancel=cancel,
                )
                for each in models
            ]
    if json:
        write_json({"results": [each.to_dict() for each in found]})
        return
    for each in found:
        _show(each)


def _sides(size: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", size)
    if not match:
        raise UsageError(f"--size {size} is no height and width; write for example 512x768")
    return int(match[1]), int(match[2])


def _show(found: Benchmark) -> None:
    from irrm_core.cli.console import size_in_words, write, write_table

    height, width = found.size
    write(
        f"{found.model}, {height}x{width} (height x width), {found.device}, "
        f"{found.threads} threads, median of {found.repeat}"
    )
    write_table(
        ("path", "down MP/s", "up MP/s", "down gain", "up gain", "peak memory"),
        (
            (
                speed.path,
                f"{speed.downscale:.3f}",
                f"{speed.restore:.3f}",
                f"{speed.downscale_gain:.2f}",
                f"{speed.restore_gain:.2f}",
                "unknown" if speed.peak_memory is None else size_in_words(speed.peak_memory),
            )
            for speed in found.speeds
        ),
    )
    write(f"plain is {found.plain}; fp32 differs from it by at most {found.difference:.1e}\n")
