"""What is loaded is what was saved, to the last bit, or nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from irrm_core import zoo
from irrm_core.errors import ModelFileError, OutputExistsError, UsageError
from irrm_core.networks import build

Save = Callable[..., zoo.ModelCard]


def edit_card(models: Path, model: str, **changes: Any) -> None:
    path = models / model / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_saved_network_comes_back_ready_to_run(models: Path) -> None:
    torch.manual_seed(0)
    network = build("irrm", {"scale": 2, "blocks": [1], "width": 4})
    card = zoo.save_model(
        models,
        network,
        name="tiny",
        architecture="irrm",
        parameters={"scale": 2, "blocks": [1], "width": 4},
        latent=zoo.LatentPolicy("zero"),
        halo=zoo.Halo(8, 9),
        training_data="noise",
        licence="CC0-1.0",
        metrics={"protocol": "none", "psnr": 1.0},
    )

    model = zoo.load_model("tiny", device="cpu")

    assert model.card == card
    assert (card.id, card.scale, card.channels, card.size_multiple) == ("tiny@1", 2, 3, 2)
    assert (card.colour_space, card.sampling_phase) == ("sRGB", "box")
    assert not model.network.training
    assert not any(p.requires_grad for p in model.network.parameters())
    for name, tensor in network.state_dict().items():
        assert torch.equal(model.network.state_dict()[name], tensor)


def test_float16_models_compute_from_exactly_the_stored_values(save: Save, models: Path) -> None:
    card = save("tiny", half=True)

    network = zoo.load_model("tiny", device="cpu").network

    stored = load_file(models / "tiny@1" / "weights.safetensors")
    assert {t.dtype for t in stored.values()} == {torch.float16}
    assert zoo.weights_hash(stored) == card.weights_hash
    for name, tensor in network.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, stored[name].float())


def test_weights_too_large_for_float16_are_not_saved_as_such(models: Path) -> None:
    network = build("irrm", {"scale": 2, "blocks": [1], "width": 4})
    with torch.no_grad():
        next(p for p in network.parameters() if p.requires_grad).fill_(1e6)

    with pytest.raises(ModelFileError, match="infinity"):
        zoo.save_model(
            models,
            network,
            name="tiny",
            architecture="irrm",
            parameters={"scale": 2, "blocks": [1], "width": 4},
            latent=zoo.LatentPolicy("zero"),
            halo=zoo.Halo(8, 8),
            half=True,
        )
    assert not models.exists()


def test_every_caller_gets_a_network_of_its_own(save: Save) -> None:
    save("tiny")

    mine, theirs = zoo.load_model("tiny", "cpu").network, zoo.load_model("tiny", "cpu").network
    mine.double()

    assert next(theirs.parameters()).dtype == torch.float32


def test_threads_may_load_at_once(save: Save) -> None:
    save("tiny")

    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda _: zoo.load_model("tiny", "cpu"), range(8)))

    hashes = {zoo.weights_hash(model.network.state_dict()) for model in loaded}
    assert hashes == {loaded[0].card.weights_hash}


def test_an_unknown_device_is_refused(save: Save) -> None:
    save("tiny")

    with pytest.raises(UsageError, match="abacus"):
        zoo.load_model("tiny", device="abacus")


def test_exchanged_weights_are_refused(save: Save, models: Path) -> None:
    save("one", seed=1)
    save("two", seed=2)
    (models / "one@1" / "weights.safetensors").write_bytes(
        (models / "two@1" / "weights.safetensors").read_bytes()
    )

    with pytest.raises(ModelFileError, match=r"not those of one@1"):
        zoo.load_model("one", "cpu")


def test_one_flipped_bit_is_noticed(save: Save, models: Path) -> None:
    save("tiny")
    path = models / "tiny@1" / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)

    with pytest.raises(ModelFileError):
        zoo.load_model("tiny", "cpu")


def test_missing_weights_are_named(save: Save, models: Path) -> None:
    save("tiny")
    (models / "tiny@1" / "weights.safetensors").unlink()

    with pytest.raises(ModelFileError, match=r"weights\.safetensors"):
        zoo.load_model("tiny", "cpu")


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "gan"},
        {"architecture": "irn"},
        {"parameters": {"scale": 2, "blocks": [2], "width": 4, "channels": 1}},
        {"parameters": {"scale": 2, "blocks": [1], "width": 1024, "channels": 1}},
        {"parameters": {"scale": 2, "blocks": [1], "width": 4, "channels": 0}},
        {"parameters": {"scale": 2, "blocks": [1], "width": 4, "evil": 1}},
        {"parameters": {"scale": 2, "blocks": 1}},
        {"parameters": {}},
        {"scale": 4, "size_multiple": 4},
        {"channels": 3},
        {"size_multiple": 4},
    ],
    ids=str,
)
def test_a_card_that_does_not_fit_its_weights_is_refused(
    save: Save, models: Path, changes: dict[str, Any]
) -> None:
    save("tiny")
    edit_card(models, "tiny@1", **changes)

    with pytest.raises(ModelFileError, match="tiny@1"):
        zoo.load_model("tiny", "cpu")


def test_nan_weights_with_a_matching_hash_are_refused(save: Save, models: Path) -> None:
    save("tiny")
    path = models / "tiny@1" / "weights.safetensors"
    state = load_file(path)
    state[next(iter(state))].fill_(float("nan"))
    save_file(state, path)
    edit_card(models, "tiny@1", weights_hash=zoo.weights_hash(state))

    with pytest.raises(ModelFileError, match="NaN"):
        zoo.load_model("tiny", "cpu")


def test_a_card_cannot_point_to_weights_outside_its_folder(save: Save, models: Path) -> None:
    """There is no such key: the file has one name, and what a card adds is ignored."""
    save("one", seed=1)
    other = save("two", seed=2)
    edit_card(models, "one@1", weights="../two@1/weights.safetensors")
    edit_card(models, "one@1", weights_hash=other.weights_hash)

    with pytest.raises(ModelFileError, match="one@1"):
        zoo.load_model("one", "cpu")


def test_saving_the_same_model_again_changes_nothing(save: Save, models: Path) -> None:
    first = save("tiny", licence="CC0-1.0")
    before = (models / "tiny@1" / "card.json").stat().st_mtime_ns

    again = save("tiny")

    assert again == first
    assert (models / "tiny@1" / "card.json").stat().st_mtime_ns == before
    assert [card.id for card in zoo.list_models()] == ["tiny@1"]


def test_the_same_weights_with_another_latent_are_another_version(save: Save) -> None:
    save("tiny")

    assert save("tiny", latent=zoo.LatentPolicy("gaussian")).id == "tiny@2"


def test_published_weights_never_change(save: Save, models: Path) -> None:
    first = save("tiny@1", seed=1)

    with pytest.raises(OutputExistsError, match="never change"):
        save("tiny@1", seed=2)
    (models / "tiny@1" / "card.json").write_text("{}")
    with pytest.raises(OutputExistsError, match="never change"):
        save("tiny@1", seed=2)

    stored = load_file(models / "tiny@1" / "weights.safetensors")
    assert zoo.weights_hash(stored) == first.weights_hash


@pytest.mark.parametrize("damage", ["card.json", "weights.safetensors"])
def test_saving_the_same_model_again_repairs_a_damaged_one(
    save: Save, models: Path, damage: str
) -> None:
    card = save("tiny@1")
    (models / "tiny@1" / damage).write_bytes(b"\0")

    assert save("tiny@1") == card

    assert zoo.load_model("tiny@1", "cpu").card == card
    assert sorted(p.name for p in models.iterdir()) == [".lock", "tiny@1"]


def test_a_failed_save_leaves_nothing(
    save: Save, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="No space"):
            save("tiny")

    assert [p.name for p in models.iterdir()] == [".lock"]
    assert save("tiny").id == "tiny@1"


def test_what_a_killed_writer_left_is_cleared(save: Save, models: Path) -> None:
    (models / ".part-abc").mkdir(parents=True)
    (models / ".part-abc" / "card.json").write_text("{")
    assert zoo.list_models() == []

    save("tiny")

    assert sorted(p.name for p in models.iterdir()) == [".lock", "tiny@1"]


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "deadbeef", "UP", "tiny@0", "tiny@x"])
def test_names_that_are_no_names_are_refused(save: Save, models: Path, name: str) -> None:
    with pytest.raises(ValueError, match="model"):
        save(name)
    assert not models.exists()
