"""Image rescaling with invertible networks: a small viewable picture restores the large one.

Names are loaded when they are first used, so importing this package costs nothing and
brings no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.lazily import names_of

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
    __getattr__ = names_of(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
