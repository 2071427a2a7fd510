"""``irrm models``: which models there are, and getting more of them."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import console, getting
from irrm_core.errors import ModelFileError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from irrm_core.zoo import LatentPolicy, ModelCard


class _Latent(StrEnum):
    zero = "zero"
    gaussian = "gaussian"


_WHICH = "Id (irrm-fast-x4@1), name (its newest version), weights hash, or model folder."
_Which = Annotated[str, typer.Argument(metavar="MODEL", help=_WHICH)]
_MaybeWhich = Annotated[str | None, typer.Argument(metavar="[MODEL]", help=_WHICH)]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

_models = typer.Typer(
    help="List, check, fetch, add and import models.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(app: typer.Typer) -> None:
    """Add ``irrm models`` to the application."""
    getting.register(_models)
    app.add_typer(_models, name="models")


@_models.command("list")
def list_(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FOLDER|URL",
            help="List what can be fetched from there, beside what is here.",
        ),
    ] = None,
    json: _Json = False,
) -> None:
    """List the usable models; name the damaged ones on stderr."""
    if source is not None:
        _list_source(source, json)
        return
    from irrm_core.zoo import DamagedModel, list_models, scan

    for entry in scan():
        if isinstance(entry, DamagedModel):
            console.say(entry.error)
    cards = list_models()
    if json:
        console.write_json([_document(card) for card in cards])
        return
    console.write_table(
        ("model", "scale", "colours", "latent", "weights"),
        [
            (c.id, f"x{c.scale}", c.colour_space, _latent_in_words(c.latent), c.weights_hash[:12])
            for c in cards
        ],
    )


def _list_source(source: str, json: bool) -> None:
    models = [(model, getting.here(model)) for model in getting.available(source)]
    if json:
        console.write_json([dataclasses.asdict(m) | {"here": here} for m, here in models])
        return
    console.write_table(
        ("model", "scale", "colours", "size", "weights", "here"),
        [
            (
                m.id,
                f"x{m.scale}",
                "gray" if m.channels == 1 else "sRGB",
                console.size_in_words(m.size),
                m.weights_hash[:12],
                "yes" if here else "no",
            )
            for m, here in models
        ],
    )


@_models.command()
def show(model: _Which, json: _Json = False) -> None:
    """Show what a model's card says and what its network costs."""
    from irrm_core.networks import cost
    from irrm_core.zoo import load_model

    loaded = load_model(model, device="cpu")
    price = cost(loaded.network)
    document = _document(loaded.card) | {
        "parameter_count": price.parameters,
        "multiply_adds_per_pixel": round(price.multiply_adds),
    }
    if json:
        console.write_json(document)
        return
    for key, value in document.items():
        console.write(f"{key.replace('_', ' '):24}{_in_words(value)}")


@_models.command()
def sizes(json: _Json = False) -> None:
    """Show parameters and multiply-adds of the named IRRM sizes, and of IRN and FIRN."""
    from irrm_core.networks import SCALES, SIZES, build, cost, size_parameters

    named: list[tuple[str, str, dict[str, Any]]] = [
        (f"irrm {size}", "irrm", size_parameters(size, scale, channels))
        for channels in (3, 1)
        for scale in SCALES
        for size in SIZES
    ]
    named += [("irn", "irn", {"scale": scale, "channels": 3}) for scale in (2, 3, 4, 8)]
    named += [("firn", "firn", {"scale": scale, "channels": 3}) for scale in (2, 4)]
    rows = []
    for name, architecture, parameters in named:
        price = cost(build(architecture, parameters))
        rows.append(
            {
                "network": name,
                "scale": parameters["scale"],
                "channels": parameters["channels"],
                "parameters": price.parameters,
                "multiply_adds_per_pixel": round(price.multiply_adds),
            }
        )
    if json:
        console.write_json(rows)
        return
    counts = ("parameters", "multiply_adds_per_pixel")
    console.write_table(
        ("network", "scale", "channels", "parameters", "multiply-adds per HR pixel"),
        [
            (r["network"], f"x{r['scale']}", str(r["channels"]), *(f"{r[c]:,}" for c in counts))
            for r in rows
        ],
    )


@_models.command()
def verify(model: _MaybeWhich = None, json: _Json = False) -> None:
    """Load every model, or one, and check its weights against its card."""
    from irrm_core.zoo import DamagedModel, find_model, scan
    from irrm_core.zoo.model import load_network

    reports: list[dict[str, Any]] = []
    for entry in scan() if model is None else [find_model(model)]:
        error: ModelFileError | None = None
        if isinstance(entry, DamagedModel):
            error = entry.error
        else:
            try:
                load_network(entry)
            except ModelFileError as damage:
                error = damage
        name = entry.folder.name if isinstance(entry, DamagedModel) else entry.card.id
        reports.append({"id": name, "folder": entry.folder, "ok": not error, "error": error})
    damaged = [report for report in reports if not report["ok"]]
    if json:
        console.write_json(reports)
    else:
        for report in reports:
            console.write(f"{report['id']}: {'ok' if report['ok'] else report['error']}")
    if damaged:
        raise ModelFileError(
            f"{len(damaged)} of {len(reports)} models are damaged: "
            f"{', '.join(str(report['folder']) for report in damaged)}; fetch or import them again"
        )


@_models.command()
def where(model: _MaybeWhich = None, json: _Json = False) -> None:
    """Print the folder of a model, or the folders that are searched."""
    from irrm_core.zoo import find_model, search_folders

    folders = search_folders() if model is None else [find_model(model).folder]
    if json:
        console.write_json(folders)
        return
    for folder in folders:
        console.write(str(folder))


@_models.command("import")
def import_(
    checkpoint: Annotated[Path, typer.Argument(help="Published .pth, or safetensors.")],
    name: Annotated[str, typer.Option(help="Name of the model, such as firn-x4.")],
    latent: Annotated[
        _Latent | None,
        typer.Option(help="What it was trained to be fed; gaussian for published networks."),
    ] = None,
    std: Annotated[float, typer.Option(help="Standard deviation of a gaussian latent.")] = 1.0,
    halo_images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Pictures to measure the halo on, in place of a synthetic one.",
        ),
    ] = None,
    training_data: Annotated[str, typer.Option(help="For the card.")] = "unknown",
    licence: Annotated[str, typer.Option(help="Of the weights, for the card.")] = "unknown",
) -> None:
    """Make a model of a published IRN or FIRN checkpoint; nothing in the file is run."""
    from irrm_core.zoo import LatentPolicy, import_checkpoint, user_folder

    try:
        policy = LatentPolicy(latent.value, std) if latent else None
        card = import_checkpoint(
            checkpoint,
            name,
            policy,
            images=_pictures(halo_images) if halo_images else None,
            training_data=training_data,
            licence=licence,
        )
    except ValueError as error:
        if isinstance(error, ModelFileError):
            raise
        raise UsageError(str(error)) from error
    console.write(
        f"{card.id} ({card.architecture} x{card.scale}, latent {_latent_in_words(card.latent)}, "
        f"halo {card.halo.downscale} and {card.halo.restore} LR pixels) is in "
        f"{user_folder() / card.id}"
    )


def _pictures(folder: Path) -> list[NDArray[np.float64]]:
    import numpy as np

    from irrm_core.errors import ImageFileError
    from irrm_core.imagefile import read_image

    pictures = []
    for path in sorted(folder.iterdir()):
        try:
            pixels, info = read_image(path)
        except ImageFileError:
            continue
        if info.axes not in ("YX", "YXS"):
            continue
        values = pixels.astype(np.float64)
        top = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else values.max()
        pictures.append((values / top).clip(0.0, 1.0))
    if not pictures:
        raise UsageError(f"{folder}: no picture in it to measure the halo on")
    return pictures


def _document(card: ModelCard) -> dict[str, Any]:
    return dataclasses.asdict(card)


def _latent_in_words(latent: LatentPolicy) -> str:
    return "zero" if latent.kind == "zero" else f"gaussian, std {latent.std:g}"


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
