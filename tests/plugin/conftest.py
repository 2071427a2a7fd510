"""Viewers for the plugin's tests, and settings that touch nobody's own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# napari reads this once, when it is imported.
os.environ["NAPARI_CONFIG"] = str(Path(tempfile.mkdtemp("-napari-settings")) / "settings.yaml")

from napari.components import ViewerModel


@pytest.fixture
def viewer_model() -> ViewerModel:
    """A viewer without a window: layers, dims and their events."""
    return ViewerModel()


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Any]) -> Any:
    """A napari viewer with a window that is not shown."""
    return make_napari_viewer()


@pytest.fixture
def shown_viewer(make_napari_viewer: Callable[..., Any]) -> Iterator[Any]:
    """A napari viewer on the screen, 1200 by 800 pixels."""
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1200, 800)
    yield viewer


@pytest.fixture
def plugins(npe2pm: Any) -> Any:
    """A plugin manager with napari's own plugin and ours; for tests without a window."""
    from npe2 import PluginManifest

    for name in ("napari", "napari-irrm"):
        npe2pm.register(PluginManifest.from_distribution(name))
    return npe2pm
