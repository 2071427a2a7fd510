"""Models come from elsewhere whole and verified, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from irrm_core import zoo
from irrm_core.errors import ModelFileError, ModelNotFoundError, OutputExistsError, UsageError

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
    with pytest.raises(UsageError, match="where from"):
        zoo.fetch_model("tiny")

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

    with pytest.raises(UsageError, match="version"):
        zoo.fetch_model("tiny", address)


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
