"""Copies of models: restoring needs nothing but the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from irrm_core import zoo
from irrm_core.archive.store import Store
from irrm_core.errors import ModelFileError, ModelNotFoundError
from irrm_core.zoo import registry

ID = "irrm-fast-gray-x2@1"


def contents(folder: Path) -> dict[str, bytes]:
    return {item.name: item.read_bytes() for item in folder.iterdir()}


def test_a_model_is_copied_once(store: Store) -> None:
    card = zoo.find_card(ID)
    folder = store.keep_model(card.weights_hash)
    assert folder == store.models / f"{ID}-{card.weights_hash[:12]}"
    before = {item: item.stat().st_mtime_ns for item in folder.iterdir()}
    assert store.keep_model(card) == store.keep_model(ID) == folder
    assert {item: item.stat().st_mtime_ns for item in folder.iterdir()} == before


def test_a_copy_is_all_that_is_needed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = zoo.find_card(ID)
    store.keep_model(ID)
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "nothing"))
    with pytest.raises(ModelNotFoundError):
        zoo.load_model(card.weights_hash)
    store.register_models()
    assert zoo.load_model(card.weights_hash).card == card
    assert registry.search_folders()[0] == store.models
    assert store.keep_model(card).is_dir()


@pytest.mark.parametrize("name", ["card.json", "weights.safetensors"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_copy_is_mended(name: str, damage: str, store: Store) -> None:
    store.register_models()
    folder = store.keep_model(ID)
    whole = contents(folder)
    file = folder / name
    if damage == "remove":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(whole[name][:-10])
    else:
        middle = len(whole[name]) // 2
        file.write_bytes(whole[name][:middle] + b"\x01\x7f" + whole[name][middle + 2 :])
    assert store.keep_model(ID) == folder
    assert contents(folder) == whole
    assert [item.name for item in store.models.iterdir() if item.name != ".lock"] == [folder.name]


def test_a_damaged_model_is_not_copied(
    store: Store, tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "models" / ID
    other.mkdir(parents=True)
    for name, content in contents(model_folder / ID).items():
        (other / name).write_bytes(content)
    weights = other / "weights.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-3] ^= 1
    weights.write_bytes(changed)
    monkeypatch.setenv("IRRM_MODEL_DIR", str(other.parent))
    with pytest.raises(ModelFileError, match="not those of"):
        store.keep_model(ID)
    assert not list(store.models.glob("[!.]*"))


def test_what_a_killed_writer_left_is_cleared_away(store: Store) -> None:
    left = store.models / ".part-0123456789ab"
    left.mkdir(parents=True)
    (left / "card.json").write_bytes(b"{")
    store.keep_model(ID)
    assert not left.exists()
