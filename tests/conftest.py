"""What all tests share: the data beside the repository, small models, made-up pictures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the shared data beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this repository."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=Path(__file__).resolve().parents[1],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


# Small, untrained, with some weight everywhere, and called as the default models are.
DEFAULT_MODELS: dict[str, dict[str, Any]] = {
    "irrm-fast-x4": {"scale": 4, "blocks": [1, 1], "width": 8},
    "irrm-fast-x2": {"scale": 2, "blocks": [1], "width": 8},
    "irrm-fast-gray-x2": {"scale": 2, "blocks": [1], "width": 8, "channels": 1},
}


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small models that are called as the default ones are."""
    folder = tmp_path_factory.mktemp("models")
    import torch

    from irrm_core import zoo
    from irrm_core.networks import build

    for seed, (name, parameters) in enumerate(DEFAULT_MODELS.items()):
        torch.manual_seed(seed)
        network = build("irrm", parameters)
        for parameter in network.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.02)
        zoo.save_model(
            folder,
            network,
            name=f"{name}@1",
            architecture="irrm",
            parameters=parameters,
            latent=zoo.LatentPolicy("zero"),
            halo=zoo.Halo(8, 8),
        )
    return folder


@pytest.fixture
def default_models(model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let these models be found, and no others."""
    from irrm_core.zoo import registry

    monkeypatch.setenv("IRRM_MODEL_DIR", str(model_folder))
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "no-bundled-models")
    monkeypatch.setattr(registry, "_registered", [])
    return model_folder


@pytest.fixture
def pixels() -> Callable[..., NDArray[Any]]:
    """Make an image with smooth areas, edges and texture, of any shape and dtype."""

    def make(*shape: int, dtype: str = "uint8") -> NDArray[Any]:
        random = np.random.default_rng(7)
        y, x = np.indices(shape)[:2].astype(float)
        unit = 0.5 + 0.3 * np.sin(x / 6) * np.cos(y / 9) + 0.15 * ((x // 5 + y // 8) % 2)
        unit = (unit + 0.02 * random.standard_normal(shape)).clip(0, 1)
        top = np.iinfo(dtype).max if np.dtype(dtype).kind in "iu" else 1
        image: NDArray[Any] = (unit * top).astype(dtype)
        return image

    return make


@pytest.fixture
def photo(tmp_path: Path, pixels: Callable[..., NDArray[Any]]) -> Path:
    """A JPEG with EXIF, a colour profile and a resolution."""
    from PIL import Image, ImageCms

    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Camera with a long name"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "photo.jpg"
    Image.fromarray(pixels(50, 70, 3)).save(
        path, quality=92, exif=exif.tobytes(), icc_profile=profile, dpi=(300, 300)
    )
    return path
