"""The codecs that are an extra."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType


def needed(name: str) -> ModuleType:
    """Import a codec, or say how to install it."""
    try:
        return import_module(name)
    except ImportError as why:
        raise UsageError(
            f"files of class exact need {name}, which is not installed: "
            "pip install 'napari-irrm[codecs]'"
        ) from why
