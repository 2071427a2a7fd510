"""What `make demo-napari` opens."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def test_the_demonstration_opens_a_photograph_and_the_widget(
    viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, "demo_napari", raising=False)
    from demo_napari import prepare

    from napari_irrm.widgets.rescale import RescaleWidget

    prepare(viewer)
    assert [layer.name for layer in viewer.layers] == ["coffee"]
    (dock,) = viewer.window.dock_widgets.values()
    assert isinstance(dock, RescaleWidget)
    assert dock.layer.layer is viewer.layers["coffee"]
