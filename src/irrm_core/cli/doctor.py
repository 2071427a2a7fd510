"""``irrm doctor``: what is installed, what it runs on, and which models are there."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pathlib import Path

# What the core stands on, then what the extras bring.
_DISTRIBUTIONS = (
    "napari-irrm",
    "torch",
    "numpy",
    "safetensors",
    "Pillow",
    "imageio",
    "tifffile",
    "imagecodecs",
    "napari",
    "PySide6_Essentials",
    "PyQt6",
    "watchdog",
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(doctor)


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show versions, the device and why, models and whether they are whole, free space.

    Ends with exit code 8 if a model is damaged.
    """
    from irrm_core.cli.console import write_json
    from irrm_core.errors import ModelFileError

    found = _examine()
    if json:
        write_json(found)
    else:
        _show(found)
    if any(model["error"] for model in found["models"]):
        raise typer.Exit(ModelFileError.exit_code)


def _examine() -> dict[str, Any]:
    import platform
    import tempfile
    from pathlib import Path

    import torch

    from irrm_core.device import choose_device, has_bfloat16
    from irrm_core.zoo import user_folder

    device = choose_device()
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in _DISTRIBUTIONS},
        "device": asdict(device) | {"bfloat16": has_bfloat16(device.device)},
        "cpu": {"threads": torch.get_num_threads(), "bfloat16": has_bfloat16("cpu")},
        "models": _models(),
        "folders": {
            "models": _space(user_folder()),
            "temporary": _space(Path(tempfile.gettempdir())),
        },
    }


def _version(distribution: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _models() -> list[dict[str, Any]]:
    """Read and verify every model; what is wrong with one is said, not raised."""
    from irrm_core.errors import ModelFileError
    from irrm_core.zoo import DamagedModel, load_model, scan

    models = []
    for entry in scan():
        error = None
        if isinstance(entry, DamagedModel):
            name, error = entry.folder.name, str(entry.error)
        else:
            name = entry.card.id
            try:
                load_model(entry.folder, device="cpu")
            except ModelFileError as failure:
                error = str(failure)
        models.append({"id": name, "folder": entry.folder, "error": error})
    return models


def _space(folder: Path) -> dict[str, Any]:
    """Return a folder and the free bytes where it is, or would be made."""
    import shutil

    there = next(path for path in (folder, *folder.parents) if path.exists())
    return {"path": folder, "free_bytes": shutil.disk_usage(there).free}


def _show(found: dict[str, Any]) -> None:
    from irrm_core.cli.console import size_in_words, write, write_table

    versions = {"Python": found["python"], **found["versions"]}
    write_table(
        ("package", "version"),
        [(name, version or "not installed") for name, version in versions.items()],
    )
    write("")
    device, cpu = found["device"], found["cpu"]
    write(f"platform    {found['platform']}")
    write(f"device      {device['device']}: {device['reason']}")
    bfloat16 = "computes in" if device["bfloat16"] else "has no"
    write(f"precision   {device['device']} {bfloat16} bfloat16")
    write(f"threads     {cpu['threads']}")
    for name, folder in found["folders"].items():
        write(f"{name:<11} {folder['path']}, {size_in_words(folder['free_bytes'])} free")
    write("")
    if not found["models"]:
        write("no models: `irrm models fetch` or `irrm models import` brings one")
    for model in found["models"]:
        write(f"{model['id']}: {model['error'] or 'whole'}")
