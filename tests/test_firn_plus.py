"""The published perceptual model, FIRN+: imported, it scores what it should and is sharper."""

from __future__ import annotations

from pathlib import Path

import pytest

from irrm_core import Rescaler, read_image
from irrm_core.evaluation import evaluate_folder
from irrm_core.metrics import Sharpness, luma, sharpness
from irrm_core.zoo import LatentPolicy, import_checkpoint

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def models(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both published checkpoints, imported."""
    folder = tmp_path_factory.mktemp("published")
    for file, name in (("FIRN.pth", "firn-x4"), ("FIRN+.pth", "firn-plus-x4")):
        import_checkpoint(shared / "weights" / file, name, LatentPolicy("gaussian"), folder=folder)
    return folder


def test_firn_plus_scores_on_set5_what_its_weights_are_known_for(
    shared: Path, models: Path
) -> None:
    folder = shared / "data" / "bench" / "Set5"
    found = evaluate_folder(folder, models / "firn-plus-x4@1", device="cpu")
    assert found.images == 5
    assert found.mean("psnr_y") == pytest.approx(31.34, abs=0.03)
    assert found.mean("lr_psnr_y") == pytest.approx(42.75, abs=0.1)


def test_firn_plus_is_sharper_than_firn(shared: Path, models: Path) -> None:
    # A butterfly: edges and fine texture.
    picture, _ = read_image(shared / "data" / "bench" / "Set5" / "img_003_SRF_4_HR.png")

    def restored(model: str) -> Sharpness:
        trip = Rescaler(models / model, device="cpu", precision="fp32").roundtrip(picture)
        return sharpness(luma(picture), luma(trip.restored))

    soft, sharp = restored("firn-x4@1"), restored("firn-plus-x4@1")
    assert sharp.edges > soft.edges + 0.03
    assert sharp.texture > soft.texture + 0.1
