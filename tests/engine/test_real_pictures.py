"""Real pictures through real weights, where they are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

import irrm_core
from irrm_core.engine import Rescaler
from irrm_core.zoo import registry

BUNDLED = Path(irrm_core.__file__).parent / "zoo" / "bundled"
NAMES = sorted(path.parent.name for path in BUNDLED.glob("*/card.json"))


@pytest.fixture(autouse=True)
def bundled(models: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bundled models be found after all."""
    monkeypatch.setattr(registry, "_BUNDLED", BUNDLED)


def _photograph(shared: Path) -> NDArray[np.uint8]:
    path = sorted((shared / "data" / "bench" / "Kodak").glob("*.png"))[4]
    return np.asarray(Image.open(path).convert("RGB"))[:383, :510]


def _psnr(a: Any, b: Any, peak: float) -> float:
    return float(10 * np.log10(peak**2 / np.square(a.astype(float) - b).mean()))


@pytest.mark.shared
@pytest.mark.parametrize("name", NAMES)
def test_a_photograph_comes_back_better_than_bicubic_and_without_seams(
    shared: Path, name: str
) -> None:
    image: NDArray[np.uint8] = _photograph(shared)
    whole = Rescaler(name, device="cpu", precision="fp32", tile=4096)
    if whole.model.card.channels == 1:
        image = image[..., 1]
    result = whole.roundtrip(image)
    quality = result.downscaled.record.quality["psnr"]
    assert quality > _psnr(_bicubic(image, whole.model.card.scale), image, 255) + 1.5
    assert len(result.downscaled.record.to_bytes()) < 600
    tiled = Rescaler(name, device="cpu", precision="fp32", tile=120)
    for one, other in (
        (tiled.downscale(image).image, result.downscaled.image),
        (tiled.restore(result.downscaled), result.restored),
    ):
        difference = np.abs(one.astype(int) - other)
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.005


def _bicubic(image: NDArray[np.uint8], scale: int) -> NDArray[Any]:
    """Downscale and enlarge again by antialiased and plain bicubic, on a size that divides."""
    height, width = (-(-n // scale) * scale for n in image.shape[:2])
    grown = np.pad(
        image,
        [(0, height - image.shape[0]), (0, width - image.shape[1])] + [(0, 0)] * (image.ndim - 2),
        mode="symmetric",
    )
    small = Image.fromarray(grown).resize(
        (width // scale, height // scale), Image.Resampling.BICUBIC
    )
    back = small.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(back)[: image.shape[0], : image.shape[1]]


@pytest.mark.shared
@pytest.mark.skipif("irrm-fast-gray-x2@1" not in NAMES, reason="the gray model is not bundled")
@pytest.mark.parametrize(
    ("file", "axes"),
    [
        ("xy_16bit__rat_hippocampal_neuron.tif", "YX"),
        ("xyc_16bit__hela-cells.tif", None),
        ("xyz_calibrated_16bit__golgi_bfa.tif", None),
    ],
)
def test_microscopy_keeps_its_intensities(shared: Path, file: str, axes: str | None) -> None:
    with tifffile.TiffFile(shared / "data" / "microscopy" / file) as tif:
        image, axes = tif.asarray(), axes or tif.series[0].axes
    crop = image[..., :301, :299] if axes.endswith("YX") else image[:301, :299]
    if crop.ndim == 3 and "Z" in axes:
        crop = crop[:3]
    axes = axes.replace("S", "C")
    result = Rescaler("irrm-fast-gray-x2", device="cpu").roundtrip(crop, axes=axes)
    assert result.downscaled.image.dtype == np.uint16
    assert result.restored.dtype == crop.dtype
    difference = result.restored.astype(float) - crop
    span = max(m.high - m.low for m in result.downscaled.record.mappings)
    assert abs(difference.mean()) < 2e-3 * span
    assert result.downscaled.record.quality["psnr"] > 30
