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
from irrm_core.zoo import list_models, load_model
from irrm_core.zoo.registry import find_model

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
    bundled = ROOT / "src" / "irrm_core" / "zoo" / "bundled"
    for model in bundled.glob("*@*"):
        for name in ("card.json", "weights.safetensors", "recipe.toml", "log.jsonl", "curve.png"):
            assert f"irrm_core/zoo/bundled/{model.name}/{name}" in names


def test_bundled_models_are_within_their_limits() -> None:
    cards = [card for card in list_models() if card.id.startswith("irrm-fast-")]
    assert {"irrm-fast-x2@1", "irrm-fast-x4@1"} <= {card.id for card in cards}
    for card in cards:
        model = load_model(card.id, device="cpu")
        assert cost(model.network).multiply_adds <= 70_000, card.id
        assert (card.latent.kind, card.licence) == ("zero", "Apache-2.0"), card.id
        assert find_model(card.id).weights.stat().st_size < 4_000_000, card.id


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
