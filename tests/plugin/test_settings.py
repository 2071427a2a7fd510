"""Preferences, as napari keeps them."""

from __future__ import annotations

import sys
from typing import Any

import napari.settings
import pytest

from napari_irrm.settings import PLUGIN, Preferences, preferences


@pytest.fixture
def stated(plugin_settings: None, plugins: Any) -> Any:
    """The settings that napari builds from the manifest, kept in a folder of the test."""
    return napari.settings.get_plugin_settings(PLUGIN)


def test_nothing_is_preferred_at_first(stated: Any) -> None:
    assert preferences() == Preferences(model=None, device="auto", precision="auto", tile=None)


def test_what_people_prefer_is_kept_by_napari(stated: Any) -> None:
    chosen = stated.rescaling
    chosen.model, chosen.device = " irrm-fast-x2 ", "cpu"
    chosen.precision, chosen.tile = "fp32", 512
    assert preferences() == Preferences("irrm-fast-x2", "cpu", "fp32", 512)
    assert "irrm-fast-x2" in stated.config_path.read_text()


def test_napari_refuses_what_makes_no_sense(stated: Any) -> None:
    for name, value in (("precision", "fp8"), ("tile", -1), ("tile", "large")):
        with pytest.raises(ValueError, match=name):
            setattr(stated.rescaling, name, value)


def test_an_older_napari_gives_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(napari.settings, "get_plugin_settings")
    assert preferences() == Preferences()


def test_no_napari_at_all_gives_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "napari.settings", None)
    assert preferences() == Preferences()


def test_a_disabled_plugin_gives_the_defaults(stated: Any, plugins: Any) -> None:
    stated.rescaling.device = "cpu"
    plugins.disable(PLUGIN)
    assert preferences() == Preferences()
