"""The gallery is whole, links, origins and all; and the command makes one of any pictures."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from irrm_core import write_image
from irrm_core.networks import build
from irrm_core.zoo import Halo, LatentPolicy, save_model

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images" / "gallery"
LARGEST = 3_000_000
"""Bytes of all images of the gallery."""


def links(page: Path) -> list[Path]:
    """Return what the page's links and images lead to."""
    found = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert not any(" " in link for link in found), "Markdown ends a link at a space"
    return [page.parent / unquote(link) for link in found]


def model(folder: Path, name: str, scale: int, channels: int) -> None:
    parameters = {"scale": scale, "blocks": [1] * (scale // 2), "channels": channels, "width": 4}
    save_model(
        folder,
        build("irrm", parameters),
        name=f"{name}@999",
        architecture="irrm",
        parameters=parameters,
        latent=LatentPolicy("zero"),
        halo=Halo(8, 8),
    )


class Made(NamedTuple):
    """What the command left: its exit status, what it said of failures, and the folder."""

    status: int
    errors: str
    out: Path


def run(*arguments: object) -> tuple[int, str]:
    """Run the command in this process, where torch is loaded already."""
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(io.StringIO()) as said:
        patch.syspath_prepend(DOCS)
        gallery = importlib.import_module("gallery")
        return gallery.main([str(argument) for argument in arguments]), said.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Run the command on small pictures of every kind, among them some that cannot be shown."""
    here = tmp_path_factory.mktemp("gallery")
    pictures, out = here / "my pictures", here / "out"
    (pictures / "deep").mkdir(parents=True)
    random = np.random.default_rng(0)
    colour = random.integers(0, 256, (96, 110, 3), dtype=np.uint8)
    Image.fromarray(colour).save(pictures / "colour.png")
    Image.fromarray(np.dstack([colour, colour[..., :1]])).save(pictures / "see through.png")
    Image.fromarray(colour[..., 0]).save(pictures / "gray.png")
    stack = random.integers(100, 4000, (3, 90, 100), dtype=np.uint16)
    write_image(pictures / "deep" / "stack.tif", stack, axes="TYX")
    Image.fromarray(colour[:20, :20]).save(pictures / "tiny.png")
    (pictures / "notes.txt").write_text("no picture")
    names = "net-a", "net-b", "net-c"
    for name, scale, channels in zip(names, (2, 4, 2), (3, 3, 1), strict=True):
        model(here / "models", name, scale, channels)
    paths = [f"--model={here / 'models' / name}@999" for name in names]
    status, errors = run("--pictures", pictures, "--out", out, *paths)
    return Made(status, errors, out)


def test_a_page_of_own_pictures_shows_each_at_each_scale_and_all_links_lead_there(
    made: Made,
) -> None:
    assert made.status == 0, made.errors
    out = made.out
    targets = links(out / "gallery.md")
    assert all(path.is_file() for path in targets)
    strips = {path.name for path in targets if path.suffix == ".webp" and "-lr" not in path.name}
    assert strips == {
        f"{number:02}-{stem}-net-{name}@999.webp"
        for number, stem, names in (
            (1, "colour", "ab"),
            (2, "stack", "c"),
            (3, "gray", "c"),
            (5, "see through", "ab"),
        )
        for name in names
    }


def test_what_cannot_be_shown_is_named_with_the_reason(made: Made) -> None:
    page = (made.out / "gallery.md").read_text(encoding="utf-8")
    for name in ("notes.txt", "tiny.png"):
        assert f"- {name}: " in page
        assert f"left out: {name}: " in made.errors
    assert "first of 3 planes" in page
    assert "without alpha" in page


def test_making_it_again_with_another_model_leaves_no_image_of_the_first(
    made: Made, tmp_path: Path
) -> None:
    models, out = made.out.parent / "models", tmp_path / "out"
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", (64, 64), "teal").save(pictures / "flat.png")
    for name in ("net-a", "net-b"):
        status, errors = run(
            *("--pictures", pictures, "--out", out, "--model", models / f"{name}@999")
        )
        assert status == 0, errors
    images = {path.resolve() for path in (out / "images").rglob("*.webp")}
    assert images == {path.resolve() for path in links(out / "gallery.md")} - {
        (pictures / "flat.png").resolve()
    }


def test_lr_pictures_are_shown_at_their_true_size(made: Made) -> None:
    with Image.open(made.out / "images" / "gallery" / "01-colour-net-b@999-lr.webp") as lr:
        assert lr.size == (110 // 4, 96 // 4)


def test_a_file_that_the_command_did_not_make_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "gallery.md").write_text("mine")
    status, errors = run("--pictures", ROOT / "examples" / "photos", "--out", tmp_path)
    assert status == 2
    assert "gallery.md" in errors
    assert (tmp_path / "gallery.md").read_text() == "mine"


def test_the_links_of_our_page_lead_somewhere_and_nothing_lies_about_unused() -> None:
    targets = {path.resolve() for path in links(DOCS / "gallery.md")}
    assert all(path.is_file() for path in targets)
    there = {path.resolve() for path in IMAGES.rglob("*") if path.is_file()}
    assert there <= targets


def test_every_picture_of_ours_has_an_origin_and_terms_and_is_small() -> None:
    originals = {path.name for path in (IMAGES / "originals").iterdir()} - {"SOURCES.md"}
    rows = re.findall(
        r"^\| `(.+?)` \|.+\|.+\| (.+) \|$",
        (IMAGES / "originals" / "SOURCES.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    assert {name for name, _ in rows} == originals
    assert all(
        "Apache-2.0" in terms or "public domain" in terms or "no known" in terms
        for _, terms in rows
    )
    for name in originals:
        with Image.open(IMAGES / "originals" / name) as picture:
            assert max(picture.size) <= 512
    assert sum(path.stat().st_size for path in IMAGES.rglob("*") if path.is_file()) < LARGEST


def test_the_page_says_what_each_image_shows() -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert "![](" not in page
    for subject in ("text", "texture", "face", "foliage", "line art", "microscopy"):
        assert re.search(rf"^## .*{subject}", page, flags=re.MULTILINE | re.IGNORECASE)
