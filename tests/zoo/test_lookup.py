"""A name, an id, a hash or a path means one model; damage nearby does not matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from irrm_core import zoo
from irrm_core.errors import ModelFileError, ModelNotFoundError

Save = Callable[..., zoo.ModelCard]


def test_a_name_means_its_newest_version_and_old_ones_stay(save: Save) -> None:
    cards = [save("tiny", seed=seed) for seed in range(11)]

    assert [card.id for card in cards] == [f"tiny@{n}" for n in range(1, 12)]
    assert zoo.find_card("tiny") == cards[10]
    assert zoo.find_card("tiny@2") == cards[1]


def test_models_are_listed_by_name_newest_first(save: Save) -> None:
    save("bb", seed=1)
    save("aa", seed=2)
    save("aa", seed=3)

    assert [card.id for card in zoo.list_models()] == ["aa@2", "aa@1", "bb@1"]


def test_a_hash_and_an_unambiguous_beginning_of_it_mean_the_model(save: Save) -> None:
    old = save("tiny", seed=0)
    save("tiny", seed=1)

    assert zoo.find_card(old.weights_hash) == old
    assert zoo.find_card(old.weights_hash[:8]) == old


def test_an_ambiguous_beginning_of_a_hash_asks_for_more_digits(save: Save, models: Path) -> None:
    card = save("tiny")
    twin = models / "twin@1"
    twin.mkdir()
    raw = json.loads(zoo.card_to_json(card))
    raw |= {"id": "twin@1", "weights_hash": card.weights_hash[:60] + "0000"}
    (twin / "card.json").write_text(json.dumps(raw))

    with pytest.raises(ModelNotFoundError, match="more digits"):
        zoo.find_card(card.weights_hash[:20])
    assert zoo.find_card(card.weights_hash) == card


def test_the_same_weights_under_two_names_are_found_by_hash(save: Save) -> None:
    one, two = save("one"), save("two")

    assert one.weights_hash == two.weights_hash
    assert zoo.find_card(one.weights_hash).weights_hash == one.weights_hash


def test_a_path_to_the_folder_the_card_or_the_weights_means_the_model(
    save: Save, tmp_path: Path
) -> None:
    card = save("tiny", folder=tmp_path / "elsewhere")
    folder = tmp_path / "elsewhere" / card.id

    for path in (folder, folder / "card.json", folder / "weights.safetensors"):
        assert zoo.find_card(path) == card
        assert zoo.find_card(str(path)) == card


def test_pointing_the_environment_at_a_folder_registers_it(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = save("tiny", folder=tmp_path / "elsewhere")
    assert zoo.list_models() == []

    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "elsewhere"))

    assert zoo.list_models() == [card]


def test_code_may_register_a_folder_that_is_searched_first(save: Save, tmp_path: Path) -> None:
    save("tiny@1", seed=0)
    first = save("tiny@1", seed=1, folder=tmp_path / "mine")

    zoo.register_folder(tmp_path / "mine")
    zoo.register_folder(tmp_path / "mine")

    assert zoo.find_card("tiny") == first
    assert zoo.search_folders().count(tmp_path / "mine") == 1


def test_models_of_the_wheel_are_found_last(save: Save, tmp_path: Path) -> None:
    bundled = save("tiny", seed=1, folder=tmp_path / "bundled")
    assert zoo.find_card("tiny") == bundled

    own = save("tiny@1", seed=2)

    assert zoo.find_card("tiny") == own
    assert zoo.find_card(bundled.weights_hash) == bundled


def test_without_the_variable_models_lie_in_the_platforms_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("IRRM_MODEL_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    folder = zoo.user_folder()

    assert "irrm" in folder.parts
    assert not folder.exists(), "nothing may be made before it is needed"


def test_a_damaged_card_hides_no_other_and_is_named_when_asked_for(
    save: Save, models: Path
) -> None:
    good = save("good")
    save("bad")
    (models / "bad@1" / "card.json").write_text("{")
    (models / "notes.txt").write_text("not a model")
    (models / "empty").mkdir()

    assert zoo.list_models() == [good]
    assert zoo.find_card("good") == good
    for reference in ("bad", "bad@1"):
        with pytest.raises(ModelFileError, match=r"bad@1.*card\.json"):
            zoo.find_card(reference)


def test_an_enormous_card_is_not_read_whole(models: Path) -> None:
    folder = models / "huge@1"
    folder.mkdir(parents=True)
    with (folder / "card.json").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(ModelFileError, match="too long"):
        zoo.find_card("huge@1")


def test_what_is_not_there_is_told_with_what_is_and_what_to_do(save: Save, models: Path) -> None:
    save("tiny")

    with pytest.raises(ModelNotFoundError, match=r"'huge'.*tiny@1.*irrm models fetch") as caught:
        zoo.find_card("huge")
    assert str(models) in str(caught.value)
    with pytest.raises(ModelNotFoundError, match="00000000"):
        zoo.find_card("0" * 64)
    with pytest.raises(ModelNotFoundError, match="no such model folder"):
        zoo.find_card(models / "gone")
    with pytest.raises(ModelNotFoundError, match="not a model folder"):
        zoo.find_card(models)


def test_listing_models_imports_no_torch_and_touches_nothing(models: Path) -> None:
    code = (
        "import sys\n"
        "from irrm_core import zoo\n"
        "zoo.list_models()\n"
        "assert 'torch' not in sys.modules\n"
    )

    source = str(Path(zoo.__file__).parents[2])
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": source}
    )

    assert not models.exists()


def test_loading_a_model_leaves_out_the_compiler_of_torch() -> None:
    code = (
        "import sys\n"
        "from irrm_core import zoo\n"
        "zoo.load_model('irrm-fast-x2', device='cpu')\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
