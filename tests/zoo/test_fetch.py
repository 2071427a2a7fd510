"""Models come from elsewhere whole and verified, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from irrm_core import zoo
from irrm_core.errors import (
    Cancelled,
    ModelFileError,
    ModelNotFoundError,
    OutputExistsError,
    UsageError,
)
from irrm_core.progress import Cancel, NoProgress
from irrm_core.zoo import registry
from irrm_core.zoo.index import INDEX, index_of

Save = Callable[..., zoo.ModelCard]


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and writes no log."""

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    return folder


@pytest.fixture
def address(mirror: Path) -> Iterator[str]:
    """A web server on this machine that serves the mirror."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(mirror)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_model_is_fetched_from_a_web_server(
    save: Save, mirror: Path, address: str, models: Path
) -> None:
    card = save("tiny", folder=mirror)

    assert zoo.fetch_model("tiny@1", address) == card

    assert zoo.load_model("tiny", "cpu").card == card
    assert (models / "tiny@1").is_dir()


def test_a_file_address_and_a_folder_are_sources_too(
    save: Save, mirror: Path, tmp_path: Path
) -> None:
    card = save("tiny", folder=mirror)

    assert zoo.fetch_model("tiny@1", mirror.as_uri(), folder=tmp_path / "one") == card
    assert zoo.fetch_model("tiny", mirror, folder=tmp_path / "two") == card
    assert zoo.fetch_model(card.weights_hash[:12], mirror, folder=tmp_path / "three") == card


def test_the_source_may_come_from_the_environment(
    save: Save, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = save("tiny", folder=mirror)
    monkeypatch.chdir(mirror.parent)
    with pytest.raises(UsageError, match="where from"):
        zoo.fetch_model("tiny")
    # A clone of the repository has models in a folder of this name.
    mirror.rename("models")
    Path("models", INDEX).write_text(index_of("models"))
    with pytest.raises(UsageError, match="--from models"):
        zoo.fetch_model("tiny")
    mirror = Path("models").rename("mirror").absolute()

    monkeypatch.setenv("IRRM_MODEL_SOURCE", str(mirror))

    assert zoo.fetch_model("tiny") == card


def test_offline_forbids_every_address_but_no_folder(
    save: Save, mirror: Path, address: str, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = save("tiny", folder=mirror)
    monkeypatch.setenv("IRRM_OFFLINE", "1")

    with pytest.raises(UsageError, match="IRRM_OFFLINE"):
        zoo.fetch_model("tiny@1", address)
    assert not models.exists()
    assert zoo.fetch_model("tiny@1", mirror) == card


def test_an_address_must_be_asked_for_a_version(save: Save, mirror: Path, address: str) -> None:
    save("tiny", folder=mirror)

    with pytest.raises(UsageError, match=r"no index\.json.*id with version"):
        zoo.fetch_model("tiny", address)


def test_with_an_index_an_address_knows_names_and_hashes(
    save: Save, mirror: Path, address: str, tmp_path: Path
) -> None:
    old, new = (save("tiny", seed=seed, folder=mirror) for seed in (1, 2))
    (mirror / INDEX).write_text(index_of(mirror))

    assert zoo.fetch_model("tiny", address) == new
    assert zoo.fetch_model(old.weights_hash, address) == old
    assert zoo.fetch_model(old.weights_hash[:8], address, folder=tmp_path / "other") == old
    with pytest.raises(ModelNotFoundError, match="it has tiny@1, tiny@2"):
        zoo.fetch_model("huge", address)
    with pytest.raises(ModelNotFoundError, match="has no model"):
        zoo.fetch_model("0" * 64, address)


def test_what_the_server_has_must_be_what_its_index_says(
    save: Save, mirror: Path, address: str, models: Path
) -> None:
    card = save("tiny", folder=mirror)
    text = index_of(mirror)
    (mirror / INDEX).write_text(text.replace(card.weights_hash, "0" * 64))
    with pytest.raises(ModelFileError, match=r"index\.json says 0{12}"):
        zoo.fetch_model("tiny", address)
    replaced = [
        ("tiny@1", "../tiny"),
        ('": 1,', '": 9,'),
        ('"tiny@1"', "5"),
        ('"scale": 2', '"scale": 1e999'),
    ]
    for damaged in ("no index", *(text.replace(*pair) for pair in replaced)):
        (mirror / INDEX).write_text(damaged)
        with pytest.raises(ModelFileError, match="not a usable index"):
            zoo.fetch_model("tiny", address)
    assert not models.exists()


class Telling(NoProgress):
    """Remembers, and may cancel at the first kilobyte."""

    def __init__(self, cancel: Cancel | None = None) -> None:
        self.calls: list[tuple[str, int]] = []
        self._cancel = cancel

    def begin(self, what: str, total: int) -> None:
        self.calls.append((what, total))

    def advance(self, steps: int = 1) -> None:
        self.calls.append(("kB", steps))
        if self._cancel:
            self._cancel.cancel()


def test_a_download_tells_its_progress(save: Save, mirror: Path, address: str) -> None:
    save("tiny", folder=mirror)
    size = (mirror / "tiny@1" / "weights.safetensors").stat().st_size
    progress = Telling()

    zoo.fetch_model("tiny@1", address, progress=progress)

    (first, total), *steps = progress.calls
    assert first == "fetching tiny@1, kB"
    assert total == sum(step for _, step in steps) == size // 1000


def test_a_cancelled_download_leaves_nothing(
    save: Save, mirror: Path, address: str, models: Path
) -> None:
    save("tiny", folder=mirror)
    cancel = Cancel()

    with pytest.raises(Cancelled):
        zoo.fetch_model("tiny@1", address, progress=Telling(cancel), cancel=cancel)
    assert not models.exists()


def test_an_id_that_means_other_weights_elsewhere_is_refused(
    save: Save, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("tiny@1", seed=1)
    save("tiny@1", seed=2, folder=mirror)
    # As a bundled one would be: found, and not where the copy would go.
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "models")
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "own"))

    with pytest.raises(OutputExistsError, match="never change"):
        zoo.add_models(mirror)
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("place", ["model", "folder", "run"])
def test_models_on_this_machine_are_added(
    save: Save, tmp_path: Path, models: Path, place: str
) -> None:
    folder = tmp_path / "run" / "models"
    card = save("mine", folder=folder)
    given = {"model": folder / "mine@1", "folder": folder, "run": tmp_path / "run"}[place]

    assert zoo.add_models(given) == [card]

    assert zoo.load_model("mine", "cpu").card == card
    assert zoo.find_model("mine").folder == models / "mine@1"


def test_what_is_no_model_is_not_added(save: Save, tmp_path: Path, models: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no model.*irrm models import"):
        zoo.add_models(tmp_path)
    save("mine", folder=tmp_path / "run")
    weights = tmp_path / "run" / "mine@1" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(ModelFileError, match="damaged"):
        zoo.add_models(tmp_path / "run")
    (tmp_path / "run" / "mine@1" / "card.json").write_text("{")
    with pytest.raises(ModelFileError, match="card"):
        zoo.add_models(tmp_path / "run")
    assert not models.exists()


def test_only_ones_own_models_are_removed_and_by_version_only(
    save: Save, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("mine")
    save("mine", seed=1)
    with pytest.raises(UsageError, match="which version"):
        zoo.remove_model("mine")

    assert zoo.remove_model("mine@2") == models / "mine@2"

    assert [card.id for card in zoo.list_models()] == ["mine@1"]
    assert sorted(path.name for path in models.iterdir()) == [".lock", "mine@1"]
    monkeypatch.setattr(registry, "_BUNDLED", models)
    monkeypatch.setenv("IRRM_MODEL_DIR", str(tmp_path / "own"))
    with pytest.raises(ModelNotFoundError, match="no such model"):
        zoo.remove_model("mine@1")
    assert (models / "mine@1").exists()


def test_weights_that_do_not_match_their_card_are_not_kept(
    save: Save, mirror: Path, address: str, models: Path
) -> None:
    save("tiny", folder=mirror)
    path = mirror / "tiny@1" / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)

    for source in (address, mirror):
        with pytest.raises(ModelFileError, match="tiny@1"):
            zoo.fetch_model("tiny@1", source)
    assert not models.exists()


def test_a_cut_download_is_not_kept(save: Save, mirror: Path, address: str, models: Path) -> None:
    save("tiny", folder=mirror)
    path = mirror / "tiny@1" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(ModelFileError, match="damaged"):
        zoo.fetch_model("tiny@1", address)
    assert not models.exists()


def test_a_download_that_ends_early_is_told_as_that(
    save: Save, mirror: Path, address: str, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("tiny", folder=mirror)
    path = mirror / "tiny@1" / "weights.safetensors"

    def cut(handler: Any, source: BinaryIO, output: BinaryIO) -> None:
        content = source.read()
        output.write(content[:-100] if content == path.read_bytes() else content)

    monkeypatch.setattr(Quiet, "copyfile", cut)
    with pytest.raises(ModelNotFoundError, match="cannot be downloaded"):
        zoo.fetch_model("tiny@1", address)
    assert not models.exists()


def test_another_model_than_the_expected_one_is_not_kept(
    save: Save, mirror: Path, address: str, models: Path
) -> None:
    save("tiny", folder=mirror)

    with pytest.raises(ModelFileError, match="not the expected"):
        zoo.fetch_model("tiny@1", address, expected_hash="0" * 64)
    assert not models.exists()


def test_a_card_of_another_model_is_refused(save: Save, mirror: Path, address: str) -> None:
    save("tiny", folder=mirror)
    (mirror / "tiny@1").rename(mirror / "other@1")

    with pytest.raises(ModelFileError, match="card of tiny@1"):
        zoo.fetch_model("other@1", address)


def test_what_the_source_lacks_is_told(mirror: Path, address: str) -> None:
    with pytest.raises(ModelNotFoundError, match=r"tiny@1/card\.json.*404"):
        zoo.fetch_model("tiny@1", address)
    with pytest.raises(ModelNotFoundError, match="tiny@1"):
        zoo.fetch_model("tiny@1", mirror)


def test_a_source_that_cannot_be_reached_is_told() -> None:
    with pytest.raises(ModelNotFoundError, match="check the address and the network"):
        zoo.fetch_model("tiny@1", "http://127.0.0.1:1")


def test_fetching_never_replaces_other_weights(save: Save, mirror: Path, address: str) -> None:
    own = save("tiny@1", seed=1)
    save("tiny@1", seed=2, folder=mirror)

    with pytest.raises(OutputExistsError, match="never change"):
        zoo.fetch_model("tiny@1", address)
    assert zoo.load_model("tiny", "cpu").card == own


def test_fetching_repairs_a_damaged_model(save: Save, mirror: Path, models: Path) -> None:
    card = save("tiny", folder=mirror)
    zoo.fetch_model("tiny", mirror)
    (models / "tiny@1" / "weights.safetensors").write_bytes(b"damaged")

    zoo.fetch_model("tiny", mirror)

    assert zoo.load_model("tiny", "cpu").card == card


def test_many_may_fetch_the_same_model_at_once(
    save: Save, mirror: Path, address: str, models: Path
) -> None:
    card = save("tiny", folder=mirror)

    with ThreadPoolExecutor(6) as pool:
        cards = list(pool.map(lambda _: zoo.fetch_model("tiny@1", address), range(6)))

    assert cards == [card] * 6
    assert sorted(path.name for path in models.iterdir()) == [".lock", "tiny@1"]
