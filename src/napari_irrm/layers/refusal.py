"""Why a layer cannot be rescaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from irrm_core.engine.record import DTYPES

if TYPE_CHECKING:
    from napari.layers import Image, Layer


def refusal(layer: Layer) -> str | None:
    """Return why a layer cannot be rescaled, as a sentence with the remedy; None if it can be.

    Looks at kind, shape and dtype only, so menus and combo boxes may ask it often.
    """
    from napari.layers import Image, Labels

    name = f"{type(layer).__name__} layer {layer.name!r}"
    if isinstance(layer, Labels):
        return (
            f"{name} holds numbers of objects: rescaling would invent numbers between them; "
            "choose an Image layer, or save labels losslessly as they are"
        )
    if not isinstance(layer, Image):
        return f"{name} holds no pixels; choose an Image layer"
    if min(layer.data.shape) < 1:
        return f"{name} has no pixels: its shape is {tuple(layer.data.shape)}; choose another layer"
    return _refused_order(name, layer) or _refused_dtype(name, np.dtype(layer.dtype))


def _refused_order(name: str, layer: Image) -> str | None:
    labels = [label.strip().lower() for label in layer.axis_labels]
    if {"y", "x"} <= set(labels) and set(labels[-2:]) != {"y", "x"}:
        return (
            f"{name} has its axes in the order {', '.join(layer.axis_labels)}, and planes are the "
            "last two; move Y and X to the end of its data"
        )
    return None


def _refused_dtype(name: str, dtype: np.dtype[np.generic]) -> str | None:
    if dtype.name in DTYPES:
        return None
    if dtype.kind == "b":
        return (
            f"{name} is a mask of true and false, which rescaling would blur; choose another "
            "layer, or make one of it as uint8"
        )
    return (
        f"{name} is {dtype.name}, which cannot be rescaled; make a layer of it as one of "
        f"{', '.join(DTYPES)}"
    )
