"""Published checkpoints become models; whatever else comes as a checkpoint is refused unrun."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from irrm_core import zoo
from irrm_core.errors import ModelFileError
from irrm_core.networks import build
from irrm_core.zoo import checkpoint
from irrm_core.zoo.checkpoint import read_checkpoint
from irrm_core.zoo.recognise import recognise

SMALL_IRN: dict[str, Any] = {"scale": 2, "blocks": [1], "growth": 4, "channels": 3}


def state_of(architecture: str, parameters: dict[str, Any]) -> dict[str, Tensor]:
    torch.manual_seed(0)
    return dict(build(architecture, parameters).state_dict())


@pytest.mark.parametrize(
    ("architecture", "parameters"),
    [
        ("irn", {"scale": 2}),
        ("irn", {"scale": 3}),
        ("irn", {"scale": 4}),
        ("irn", {"scale": 8}),
        ("firn", {"scale": 2}),
        ("firn", {"scale": 4}),
        ("irn", {"scale": 2, "channels": 1}),
        ("irn", {"scale": 3, "channels": 1}),
        ("firn", {"scale": 4, "channels": 1}),
        ("irn", {"scale": 4, "blocks": [2, 5], "growth": 16}),
        ("irn", {"scale": 4, "blocks": [0, 3], "growth": 8}),
        ("irn", {"scale": 4, "blocks": [3], "growth": 8, "learned_downsampling": True}),
        ("firn", {"scale": 4, "blocks": [1, 3]}),
    ],
    ids=str,
)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_every_published_kind_is_recognised_from_its_tensors(
    architecture: str, parameters: dict[str, Any], prefix: str
) -> None:
    state = state_of(architecture, parameters)

    found = recognise({prefix + name: tensor for name, tensor in state.items()}, "x.pth")

    assert found.architecture == architecture
    rebuilt = build(found.architecture, found.parameters)
    rebuilt.load_state_dict(found.state)
    expected = build(architecture, parameters)
    assert (rebuilt.scale, rebuilt.channels) == (expected.scale, expected.channels)
    assert {n: t.shape for n, t in rebuilt.state_dict().items()} == {
        n: t.shape for n, t in state.items()
    }


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("wrap", [None, "state_dict", "params"])
def test_a_checkpoint_becomes_a_model_with_exactly_its_weights(
    tmp_path: Path, suffix: str, wrap: str | None
) -> None:
    state = state_of("irn", SMALL_IRN)
    path = tmp_path / f"irn{suffix}"
    if suffix == ".pth":
        prefixed = OrderedDict((f"module.{name}", tensor) for name, tensor in state.items())
        torch.save({wrap: prefixed} if wrap else prefixed, path)
    else:
        save_file(state, path)

    card = zoo.import_checkpoint(path, "irn-x2", training_data="DIV2K", licence="Apache-2.0")
    model = zoo.load_model("irn-x2", "cpu")

    assert model.card == card
    assert (card.id, card.architecture, card.parameters["growth"]) == ("irn-x2@1", "irn", 4)
    assert (card.training_data, card.licence) == ("DIV2K", "Apache-2.0")
    for name, tensor in state.items():
        assert torch.equal(model.network.state_dict()[name], tensor)


def test_published_networks_are_fed_unit_noise_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "irn.pth"
    torch.save(state_of("irn", SMALL_IRN), path)

    default = zoo.import_checkpoint(path, "default")
    chosen = zoo.import_checkpoint(path, "chosen", zoo.LatentPolicy("zero"))

    assert default.latent == zoo.LatentPolicy("gaussian", 1.0)
    assert chosen.latent.kind == "zero"


class Hostile:
    """Unpickling it would write a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("kind", ["legacy", "zip", "among weights"])
def test_a_hostile_pickle_is_refused_and_runs_nothing(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "executed"
    path = tmp_path / "evil.pth"
    content: object = Hostile(target)
    if kind == "legacy":
        path.write_bytes(pickle.dumps(content))
    elif kind == "zip":
        torch.save(content, path)
    else:
        torch.save(state_of("irn", SMALL_IRN) | {"operations.9.extra": content}, path)

    with pytest.raises(ModelFileError, match=r"evil\.pth.*refused"):
        zoo.import_checkpoint(path, "evil")
    assert not target.exists()
    assert zoo.list_models() == []

    # The bait is live: an unrestricted reader does run it.
    if kind != "legacy":
        torch.load(path, weights_only=False)
        assert target.exists()


@pytest.mark.parametrize("keep", [0, 1, 10, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "cut.pth"
    torch.save(state_of("irn", SMALL_IRN), path)
    content = path.read_bytes()
    path.write_bytes(content[: keep if isinstance(keep, int) else int(keep * len(content))])

    with pytest.raises(ModelFileError, match=r"cut\.pth"):
        zoo.import_checkpoint(path, "cut")


def test_noise_is_refused_as_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "noise.pth"
    for seed in range(20):
        path.write_bytes(np.random.default_rng(seed).bytes(5000))
        with pytest.raises(ModelFileError, match=r"noise\.pth"):
            zoo.import_checkpoint(path, "noise")


def test_huge_checkpoints_and_zip_bombs_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MAX_WEIGHTS_BYTES", 1 << 20)
    huge = tmp_path / "huge.pth"
    huge.write_bytes(bytes((1 << 20) + 1))
    bomb = tmp_path / "bomb.pth"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", bytes(1 << 22))
    assert bomb.stat().st_size < 1 << 16

    for path in (huge, bomb):
        with pytest.raises(ModelFileError, match="more than any known model"):
            zoo.import_checkpoint(path, "big")


def test_a_small_file_that_claims_enormous_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "expanded.pth"
    torch.save({"operations.0.haar_weights": torch.ones(1).expand(100_000, 100_000)}, path)

    with pytest.raises(ModelFileError, match="more numbers"):
        zoo.import_checkpoint(path, "expanded")


@pytest.mark.parametrize(
    "content",
    [
        {},
        [1, 2],
        torch.zeros(3),
        {"a": 1},
        {1: torch.zeros(2)},
        {"conv.weight": torch.zeros(3, 3)},
        {"operations.0.conv_weights": torch.eye(3)},
        {"operations.1.F.conv1.weight": torch.zeros(4, 9, 3, 3)},
        {"operations.x.haar_weights": torch.zeros(12, 1, 2, 2)},
        {"operations.0.haar_weights": torch.zeros(12, 1, 2, 2)},
        {
            "operations.0.haar_weights": torch.tensor(1.0),
            "operations.1.H.conv1.weight": torch.ones(1),
        },
        {"operations.0.haar_weights": torch.ones(12, 1, 2, 2).to_sparse()},
        {"operations.0.haar_weights": torch.ones(12, 1, 2, 2, device="meta")},
        {"operations.0.haar_weights": torch.ones(12, 1, 2, 2, dtype=torch.complex64)},
    ],
    ids=lambda content: str(type(content).__name__),
)
def test_what_is_no_published_network_is_refused(tmp_path: Path, content: object) -> None:
    path = tmp_path / "other.pth"
    torch.save(content, path)

    with pytest.raises(ModelFileError, match=r"other\.pth"):
        zoo.import_checkpoint(path, "other")
    assert zoo.list_models() == []


@pytest.mark.parametrize("change", ["missing", "added", "reshaped", "nan", "foreign wavelet"])
def test_a_checkpoint_that_is_almost_a_network_is_refused(tmp_path: Path, change: str) -> None:
    state = state_of("irn", SMALL_IRN)
    match change:
        case "missing":
            del state["operations.1.G.conv3.bias"]
        case "added":
            state["operations.1.G.conv6.bias"] = torch.zeros(4)
        case "reshaped":
            state["operations.1.G.conv3.weight"] = torch.zeros(4, 11, 1, 1)
        case "nan":
            state["operations.1.G.conv3.bias"] = torch.full((4,), torch.nan)
        case "foreign wavelet":
            state["operations.0.haar_weights"] = state["operations.0.haar_weights"] * 0.5
    path = tmp_path / "almost.pth"
    torch.save(state, path)

    with pytest.raises(ModelFileError, match=r"almost\.pth.*(G\.conv|haar_weights)"):
        zoo.import_checkpoint(path, "almost")
    assert zoo.list_models() == []


def test_a_checkpoint_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such"):
        zoo.import_checkpoint(tmp_path / "gone.pth", "gone")


def test_a_name_that_is_none_is_refused_before_the_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot name a model"):
        zoo.import_checkpoint(tmp_path / "not even there.pth", "../evil")


def test_published_firn_becomes_a_model(shared: Path) -> None:
    path = shared / "weights" / "FIRN.pth"

    card = zoo.import_checkpoint(path, "firn-x4", zoo.LatentPolicy("gaussian"))

    assert card.architecture == "firn"
    assert (card.scale, card.channels, card.parameters["blocks"]) == (4, 3, [8, 8])
    assert card.latent == zoo.LatentPolicy("gaussian", 1.0)
    assert 10 <= card.halo.downscale <= 20
    assert 10 <= card.halo.restore <= 25
    # Published weights never change: neither may the name that files know them by.
    assert card.weights_hash == "215515de58f391c7a84c2fc88033c835dc9682d395193d256fb9f8dd6a6941eb"
    state = zoo.load_model(card.weights_hash, "cpu").network.state_dict()
    for name, tensor in read_checkpoint(path).items():
        assert torch.equal(state[name.removeprefix("module.")], tensor)
