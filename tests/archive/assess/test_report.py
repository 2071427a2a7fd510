"""What an assessment says: sums, sentences, the page."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive.assess import (
    Assessment,
    FileAssessment,
    Left,
    Match,
    Selection,
    Terms,
    Trial,
    document,
    page,
    select,
    totals,
    verdict,
)
from irrm_core.archive.assess import assess as run
from irrm_core.archive.assess.choice import choose
from irrm_core.archive.assess.models import ModelField
from irrm_core.archive.assess.quality import Quality
from irrm_core.archive.classes import Rule
from irrm_core.archive.codecs import LOSSLESS, LosslessForm
from irrm_core.archive.gate import ChannelQuality
from irrm_core.archive.gate.report import missed
from irrm_core.imagefile import write_image

RULE = Rule()


def quality(psnr: float) -> Quality:
    return Quality(psnr, 0.97, (ChannelQuality(psnr, 0.97, 0.1, 0.0),))


def made_up(
    name: str, size: int, lr: int, psnr: float, avif: int | None, exact: int | None = None
) -> FileAssessment:
    """A file with these figures."""
    match = Match("AVIF", avif, quality(psnr), "quality 50")
    if avif is None:
        match = Match("AVIF", problem="holds no such thing")
    others = tuple(Match(codec, problem="was left at home") for codec in ("JPEG", "WebP"))
    trial = Trial(
        model="net@1",
        scale=2,
        size=lr,
        record_size=300,
        quality=quality(psnr),
        failures=missed(quality(psnr).channels, RULE.floors),
        at_psnr=(*others, match, Match("JPEG XL", problem="was left at home")),
        at_size=None,
    )
    forms = (
        LosslessForm(LOSSLESS[0], exact, "file", None if exact else "is no JPEG"),
        LosslessForm(LOSSLESS[1], size + 10, "file"),
        LosslessForm(LOSSLESS[2], None, "pixels", "holds it not"),
    )
    choice = choose(size, (trial,), forms, RULE)
    return FileAssessment(
        Path(name), size, (8, 8), "YX", "uint8", "png", 0, (trial,), forms, choice
    )


def assessment(
    *files: FileAssessment, kind: str = "all", left: tuple[Left, ...] = ()
) -> Assessment:
    paths = tuple(file.path for file in files) + tuple(each.path for each in left)
    selection = Selection(paths, 100, 10**6, 0, kind)
    return Assessment(selection, RULE, files, left)


def test_it_says_plainly_that_avif_is_smaller_where_it_is() -> None:
    said = " ".join(verdict(assessment(made_up("a.png", 1000, 400, 40.0, avif=100))))
    assert "AVIF takes 0.25 times their bytes" in said
    assert "For bytes alone AVIF is the better choice" in said
    assert "As AVIF of the same PSNR 1 such file would take 100 B instead of 400 B" in said


def test_it_says_so_too_where_the_lr_file_is_smaller() -> None:
    said = " ".join(verdict(assessment(made_up("a.png", 1000, 400, 40.0, avif=800))))
    assert "AVIF takes 2.00 times" in said
    assert "the LR files are the better choice" in said


def test_storage_that_no_file_would_use_does_not_pay() -> None:
    found = assessment(made_up("a.png", 1000, 400, 30.0, avif=100))
    assert verdict(found)[0].startswith("LR storage does not pay here")
    assert "no restoration reaches the floors" in verdict(found)[0]
    smaller = assessment(made_up("a.jpg", 1000, 900, 40.0, avif=100, exact=800))
    assert "the exact class is smaller" in verdict(smaller)[0]


def test_the_sum_is_that_of_the_classes() -> None:
    files = (
        made_up("lr.png", 1000, 400, 40.0, avif=100),
        made_up("exact.jpg", 1000, 900, 40.0, avif=100, exact=800),
        made_up("kept.png", 1000, 400, 30.0, avif=None),
    )
    sums = totals(files)
    assert [(each.storage, each.files, each.bytes) for each in sums.classes] == [
        ("lr", 1, 400),
        ("exact", 1, 800),
        ("kept", 1, 1000),
    ]
    assert sums.stored_bytes == 2200
    assert "1 lr, 1 exact, 1 kept" in " ".join(verdict(assessment(*files)))


def test_a_codec_is_compared_over_the_files_that_it_holds() -> None:
    files = (
        made_up("a.png", 1000, 400, 40.0, avif=100),
        made_up("b.png", 9000, 7000, 40.0, avif=None),
    )
    avif = totals(files).models[0].codec("AVIF")
    assert (avif.files, avif.lr_bytes, avif.original_bytes, avif.ratio) == (1, 400, 1000, 0.25)
    assert "(1 of 2 files)" in " ".join(verdict(assessment(*files)))


def test_a_sample_is_called_a_sample() -> None:
    file = made_up("a.png", 1000, 400, 40.0, avif=100)
    assert any("This is a sample: 1 of 100" in s for s in verdict(assessment(file, kind="sample")))
    assert any("the first 1 of 100" in s for s in verdict(assessment(file, kind="first")))
    assert not any("sample" in s for s in verdict(assessment(file)))


def test_the_document_is_json() -> None:
    file = made_up("a.png", 1000, 400, 40.0, avif=100)
    said = json.loads(json.dumps(document(assessment(file)), allow_nan=False))
    assert said["files"][0]["lr"][0]["same_psnr"][2]["bytes"] == 100
    assert said["totals"]["models"][0]["codecs"][2]["lr_bytes"] == 400


VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Collects what a page refers to, and finds tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, value) for key, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


@pytest.fixture
def pictured(tmp_path: Path, pixels: Callable[..., NDArray[Any]]) -> Assessment:
    write_image(tmp_path / "<img src=x onerror=alert(1)>&'.png", pixels(60, 70, 3))
    write_image(tmp_path / "deep\nstack.tif", pixels(3, 40, 50, dtype="uint16"), axes="ZYX")
    return run(select([tmp_path]), Terms(ModelField(device="cpu")), pictures=9)


def test_the_page_stands_alone(pictured: Assessment) -> None:
    reader = read(page(pictured, "1.2.3"))
    fetched = [
        value for _, key, value in reader.attributes if key in ("src", "href", "srcset", "data")
    ]
    assert fetched
    assert all(value is not None and value.startswith("data:image/webp") for value in fetched)
    assert "script" not in {tag for tag, _, _ in reader.attributes}
    assert "url(" not in page(pictured, "1.2.3") and "@import" not in page(pictured, "1.2.3")


def test_file_names_are_shown_and_never_become_markup(pictured: Assessment) -> None:
    words = "".join(read(page(pictured, "1.2.3")).words)
    assert "<img src=x onerror=alert(1)>&'.png" in words
    assert "deep\\nstack.tif" in words


def test_a_name_that_is_no_text_is_shown_too() -> None:
    file = made_up("a\udcff.png", 1000, 400, 40.0, avif=100)
    assert b"a\\udcff.png" in page(assessment(file), "1.2.3").encode("utf-8")


def test_every_picture_can_be_opened_and_is_described(pictured: Assessment) -> None:
    attributes = read(page(pictured, "1.2.3")).attributes
    sources = [value for tag, key, value in attributes if (tag, key) == ("img", "src")]
    # Five pictures for each model: two of a photograph, one of a gray stack.
    assert len(sources) == 15
    for source in sources:
        data = base64.b64decode(str(source).partition(",")[2])
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    assert sum((tag, key) == ("img", "alt") and bool(v) for tag, key, v in attributes) == 15


def test_tables_have_captions_and_heads(pictured: Assessment) -> None:
    text = page(pictured, "1.2.3")
    assert text.count("<caption>") == text.count("<table>") >= 3
    assert 'scope="col"' in text and 'scope="row' in text


def test_the_page_lists_what_was_left_out() -> None:
    left = (Left(Path("/x/bad.jpg"), "/x/bad.jpg: is damaged", True),)
    words = read(page(assessment(left=left), "1.2.3")).words
    assert "is damaged" in words
    assert "No file could be assessed." in words
