"""Image rescaling with invertible networks: a small viewable picture restores the large one.

Names are loaded when they are first used, so importing this package costs nothing and
brings no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irrm_core.archive import downscale_file, restore_file
    from irrm_core.engine import Downscaled, Rescaler, RestoreRecord, Roundtrip
    from irrm_core.errors import IrrmError
    from irrm_core.imagefile import ImageInfo, open_image, read_image, write_image
    from irrm_core.metrics import psnr, ssim
    from irrm_core.progress import Cancel, Progress
    from irrm_core.zoo import Model, ModelCard, list_models, load_model, register_folder

__version__ = "0.1.0"

_HOMES = {
    "archive": ("downscale_file", "restore_file"),
    "engine": ("Downscaled", "Rescaler", "RestoreRecord", "Roundtrip"),
    "errors": ("IrrmError",),
    "imagefile": ("ImageInfo", "open_image", "read_image", "write_image"),
    "metrics": ("psnr", "ssim"),
    "progress": ("Cancel", "Progress"),
    "zoo": ("Model", "ModelCard", "list_models", "load_model", "register_folder"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Cancel",
    "Downscaled",
    "ImageInfo",
    "IrrmError",
    "Model",
    "ModelCard",
    "Progress",
    "Rescaler",
    "RestoreRecord",
    "Roundtrip",
    "__version__",
    "downscale_file",
    "list_models",
    "load_model",
    "open_image",
    "psnr",
    "read_image",
    "register_folder",
    "restore_file",
    "ssim",
    "write_image",
]


if not TYPE_CHECKING:  # so that a type checker sees the names above, and no others

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
