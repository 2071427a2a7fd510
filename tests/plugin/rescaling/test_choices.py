"""Which models are offered for a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_irrm.layers import image_of
from napari_irrm.rescaling import fitting_models, unfitting
from napari_irrm.rescaling.choices import assumable_models

pytestmark = pytest.mark.usefixtures("default_models")

GRAY, RGB_X2, RGB_X4 = "irrm-fast-gray-x2@1", "irrm-fast-x2@1", "irrm-fast-x4@1"


@pytest.fixture
def image(viewer_model: ViewerModel) -> Callable[..., Any]:
    """Return the image of a layer of some shape."""

    def make(*shape: int, rgb: bool = False, dtype: str = "uint8") -> Any:
        pixels = np.zeros(shape, dtype)
        return image_of(viewer_model.add_image(pixels, rgb=rgb, contrast_limits=(0, 1)))

    return make


def test_a_gray_layer_gets_the_gray_model_first_and_rgb_models_after_it(image: Any) -> None:
    choices = fitting_models(image(40, 40))
    assert [choice.model for choice in choices] == [GRAY, RGB_X2, RGB_X4]
    assert [choice.label for choice in choices[:2]] == [
        "irrm-fast-gray-x2 (gray)",
        "irrm-fast-x2 (RGB)",
    ]
    assert unfitting(image(40, 40)) == []


def test_a_photograph_gets_rgb_models_and_is_told_why_no_other(image: Any) -> None:
    photo = image(40, 40, 3, rgb=True)
    assert [choice.model for choice in fitting_models(photo)] == [RGB_X4, RGB_X2]
    [(choice, reason)] = unfitting(photo)
    assert choice.model == GRAY
    assert "is for single-channel images" in reason


def test_only_models_that_make_such_an_lr_may_be_assumed(image: Any) -> None:
    assert [choice.model for choice in assumable_models(image(40, 40))] == [GRAY]
    photo = image(40, 40, 3, rgb=True)
    assert [choice.model for choice in assumable_models(photo)] == [RGB_X4, RGB_X2]
    assert assumable_models(image(40, 40, dtype="float32")) == []
    assert assumable_models(image(40, 40, 4, rgb=True)) == []
