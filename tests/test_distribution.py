"""What a stranger installs."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import irrm_core
from irrm_core.cli import main
from irrm_core.networks import cost
from irrm_core.zoo import DamagedModel, FoundModel, scan
from irrm_core.zoo.index import INDEX, index_of
from irrm_core.zoo.model import load_network

ROOT = Path(__file__).resolve().parents[1]


def test_the_manifest_at_the_top_is_the_plugin_s_own() -> None:
    top = ROOT / "napari.yaml"
    assert top.is_symlink()
    assert top.resolve() == ROOT / "src" / "napari_irrm" / "napari.yaml"


def test_napari_finds_the_plugin_by_its_manifest() -> None:
    npe2 = pytest.importorskip("npe2")
    manifest = npe2.PluginManifest.from_file(ROOT / "napari.yaml")
    assert manifest.name == "napari-irrm"
    assert npe2.PluginManifest.from_distribution("napari-irrm").name == manifest.name


def test_the_version_is_the_same_everywhere() -> None:
    assert version("napari-irrm") == irrm_core.__version__


def test_the_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="irrm")
    assert command.load() is main


@pytest.mark.slow
def test_one_wheel_holds_the_three_packages_and_what_they_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"irrm_core", "napari_irrm", "irrm_watcher"}
    assert "napari_irrm/napari.yaml" in names
    assert {f"{top}/py.typed" for top in tops} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    for model in BUNDLED.glob("*@*"):
        for name in BESIDE_THE_WEIGHTS:
            assert f"irrm_core/zoo/bundled/{model.name}/{name}" in names


BUNDLED = ROOT / "src" / "irrm_core" / "zoo" / "bundled"
MODELS = ROOT / "models"
"""Released models that are not in the wheel; `irrm models fetch` brings them."""

IN_THE_WHEEL = {"irrm-fast-x2", "irrm-fast-x4", "irrm-fast-gray-x2"}
BESIDE_THE_WEIGHTS = {"card.json", "weights.safetensors", "recipe.toml", "log.jsonl", "curve.png"}

# Every model that was ever released, so that what it made small can be restored for ever.
RELEASED = {
    "irrm-fast-x4@1": "09a47673a7ac82b410db7901a7f95c0a3f22c745fdcff5c3f1dd73eefa3fc578",
    "irrm-fast-x2@1": "e6837eac63d8c1ec6821de030462a0530d97275702b883f2b6edd00eb6fc22c4",
    "irrm-fast-gray-x2@1": "4ecba0091f744b2f0506d7e54af9f17b8d5c09230c724949b4b6413586d25981",
    "irrm-fast-x4@2": "d9d1bdddd7ef69422dbaf3569449155181638dfd7e4d3354b56bbcf610849edd",
}


def released() -> list[FoundModel]:
    found = list(scan([BUNDLED, MODELS]))
    assert not [entry for entry in found if isinstance(entry, DamagedModel)]
    return [entry for entry in found if isinstance(entry, FoundModel)]


def test_released_models_are_there_for_ever_bundled_or_to_be_fetched() -> None:
    there = {found.card.id: found.card.weights_hash for found in released()}
    assert there.items() >= RELEASED.items()
    assert there.keys() == RELEASED.keys(), "a new model: add its id and hash to RELEASED"
    assert len(released()) == len(there), "a model is both bundled and in models/"


@pytest.mark.parametrize("found", released(), ids=lambda found: str(found.card.id))
def test_a_released_model_is_whole_and_says_where_it_comes_from(found: FoundModel) -> None:
    assert found.folder.name == found.card.id
    assert {path.name for path in found.folder.iterdir()} == BESIDE_THE_WEIGHTS
    network = load_network(found)
    if found.card.name.startswith("irrm-fast-"):
        assert cost(network).multiply_adds <= 85_000
    assert (found.card.licence, found.card.latent.kind) == ("Apache-2.0", "zero")
    assert {"recipe", "steps", "seconds", "commit"} <= found.card.training.keys()
    assert "protocol" in found.card.metrics


def test_bundled_models_are_the_fast_ones_and_take_under_12_mb() -> None:
    bundled = [found for found in released() if found.folder.parent == BUNDLED]
    assert {found.card.name for found in bundled} == IN_THE_WHEEL
    assert sum(found.weights.stat().st_size for found in bundled) < 12_000_000


def test_the_other_models_take_under_25_mib_and_their_index_is_right() -> None:
    if not MODELS.is_dir():
        pytest.skip("the source distribution has no models/")
    assert sum(path.stat().st_size for path in MODELS.rglob("*")) < 25 << 20
    # `irrm models index models` writes it; publishing does so too.
    assert (MODELS / INDEX).read_text(encoding="utf-8") == index_of(MODELS)


@pytest.mark.slow
def test_the_source_distribution_holds_what_the_readme_leads_to(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#\s]+)", readme) if "://" not in link}
    assert links
    missing = {
        link
        for link in links
        if not any(name == link or name.startswith(f"{link}/") for name in names)
    }
    assert not missing
    assert {"Makefile", "constraints.txt", ".ci/debian-packages"} <= names
    # Up to 25 MiB that `irrm models fetch` brings to whoever wants them.
    assert not any(name.startswith("models/") for name in names)


def test_links_in_the_documentation_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    dead = {
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    }
    assert not dead


def test_every_page_of_the_documentation_is_listed() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(re.findall(r"\]\(([^)]+)\)", index))
