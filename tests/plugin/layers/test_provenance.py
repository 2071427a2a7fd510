"""Records in the metadata of layers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel

from irrm_core.errors import NotRestorableError
from napari_irrm.layers import Display, Provenance, provenance_of

from .conftest import make_record


def _provenance() -> Provenance:
    return Provenance(
        "lr",
        make_record("ZYX", (3, 80, 100)),
        {"alpha": np.arange(6, dtype=np.uint8)},
        "cells",
        Display((-3.5, 900)),
    )


def test_provenance_goes_into_metadata_and_comes_back(viewer_model: ViewerModel) -> None:
    made = _provenance()
    layer = viewer_model.add_image(
        np.zeros((3, 40, 50), np.uint16), metadata={"irrm": made.to_metadata(), "other": 1}
    )
    found = provenance_of(layer)
    assert found is not None
    assert (found.kind, found.record, found.source, found.display) == (
        made.kind,
        made.record,
        made.source,
        made.display,
    )
    assert (found.side_data["alpha"] == made.side_data["alpha"]).all()


def test_all_but_the_arrays_is_json() -> None:
    packed = _provenance().to_metadata()
    assert isinstance(packed.pop("side_data")["alpha"], np.ndarray)
    record = make_record("ZYX", (3, 80, 100))
    assert Provenance.from_metadata(json.loads(json.dumps(packed))).record == record


def test_a_layer_of_somebody_else_has_no_provenance(viewer_model: ViewerModel) -> None:
    assert provenance_of(viewer_model.add_image(np.zeros((8, 8)))) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "unknown"},
        {"kind": ["lr"]},
        {"record": None},
        {"record": {"v": 1}},
        {"source": 3},
        {"side_data": {"alpha": [1, 2]}},
        {"side_data": 5},
        {"display": []},
        {"display": {"contrast_limits": [1]}},
        {"display": {"contrast_limits": [0, float("inf")]}},
    ],
)
def test_damage_is_told(viewer_model: ViewerModel, damage: dict[str, Any]) -> None:
    metadata = {"irrm": {**_provenance().to_metadata(), **damage}}
    layer = viewer_model.add_image(np.zeros((8, 8), np.uint16), metadata=metadata)
    with pytest.raises(NotRestorableError, match="damaged"):
        provenance_of(layer)


def test_metadata_of_another_kind_is_told(viewer_model: ViewerModel) -> None:
    layer = viewer_model.add_image(np.zeros((8, 8)), metadata={"irrm": "yes"})
    with pytest.raises(NotRestorableError, match="damaged"):
        provenance_of(layer)
