"""Tables of models on folders: what they say, where they go, and that nothing is done twice."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from irrm_core.cli import main
from irrm_core.errors import Cancelled, SomeFilesFailedError, UsageError
from irrm_core.evaluation import Survey, evaluate_folder, survey, tables
from irrm_core.evaluation.page import fill
from irrm_core.evaluation.published import Published, published
from irrm_core.networks import build, cost
from irrm_core.progress import Cancel, NoProgress
from irrm_core.zoo import load_model

MAX_PIXELS = 10**6


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Time models on small squares."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("irrm_core.benchmark.round_trip.SIDE", 32)
        patch.setattr("irrm_core.evaluation.surveying.SIDE", 32)
        yield


def _picture(*shape: int, dtype: str = "uint8") -> NDArray[np.generic]:
    y, x = np.indices(shape)[:2].astype(float)
    unit = 0.5 + 0.3 * np.sin(x / 6) * np.cos(y / 9) + 0.15 * ((x // 5 + y // 8) % 2)
    image: NDArray[np.generic] = (unit * np.iinfo(dtype).max).astype(dtype)
    return image


def _make_folders(parent: Path) -> list[Path]:
    """Two folders of photographs, one of them called like a published set, and a stack."""
    for folder, sizes in (("Set5", [(64, 72), (61, 49)]), ("holiday", [(48, 80)])):
        (parent / folder).mkdir()
        for index, size in enumerate(sizes):
            Image.fromarray(_picture(*size, 3)).save(parent / folder / f"{index}.png")
    (parent / "cells").mkdir()
    plane = _picture(40, 44, dtype="uint16")
    stack = np.stack([plane, plane // 3])
    tifffile.imwrite(parent / "cells" / "two.tif", stack, imagej=True, metadata={"axes": "CYX"})
    return [parent / name for name in ("Set5", "holiday", "cells")]


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    return _make_folders(tmp_path)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders that `found` is of."""
    return _make_folders(tmp_path_factory.mktemp("seen"))


@pytest.fixture(scope="module")
def found(model_folder: Path, seen: list[Path]) -> Survey:
    models = sorted(model_folder.glob("*@1"))
    return survey(seen, models, device="cpu", max_pixels=MAX_PIXELS)


def _rows(table: str) -> dict[str, list[str]]:
    """The cells of a Markdown table by the first of each line."""
    lines = [
        line.strip("| ").split(" | ") for line in table.split("\n\n", maxsplit=1)[0].splitlines()
    ]
    return {cells[0]: cells[1:] for cells in lines}


def test_each_scale_and_kind_of_model_has_a_table(found: Survey) -> None:
    made = tables(found)
    assert set(made) == {
        "colour-x2", "colour-x4", "gray-x2", "intensities-x2", "intensities-x4", "notes",
    }  # fmt: skip


def test_a_table_says_what_the_single_evaluations_do(
    found: Survey, seen: list[Path], model_folder: Path
) -> None:
    rows = _rows(tables(found)["colour-x4"])
    columns = [
        "parameters",
        "multiply-adds",
        "CPU s/MP",
        "Set5",
        "Set5, LR",
        "holiday",
        "holiday, LR",
    ]
    assert rows["x4"] == columns
    model = model_folder / "irrm-fast-x4@1"
    own = dict(zip(columns, rows["irrm-fast-x4@1"], strict=True))
    plain = dict(zip(columns, rows["bicubic"], strict=True))
    for folder in seen[:2]:
        single = evaluate_folder(folder, model, device="cpu")
        psnr, ssim = (single.mean(name) for name in ("psnr_y", "ssim_y"))
        assert own[folder.name] == f"{psnr:.2f} / {ssim:.4f}"
        psnr, ssim = (single.mean(name) for name in ("lr_psnr_y", "lr_ssim_y"))
        assert own[f"{folder.name}, LR"] == f"{psnr:.2f} / {ssim:.4f}"
        psnr, ssim = (single.mean(name) for name in ("bicubic_psnr_y", "bicubic_ssim_y"))
        assert plain[folder.name] == f"{psnr:.2f} / {ssim:.4f}"
    price = cost(load_model(model, device="cpu").network)
    assert own["parameters"] == f"{price.parameters / 1e6:.3g} M"
    assert own["multiply-adds"] == f"{price.multiply_adds / 1e6:.3f} M"
    assert float(own["CPU s/MP"]) > 0
    assert float(plain["CPU s/MP"]) > 0


def test_published_figures_stand_in_the_column_of_their_set_and_are_marked(found: Survey) -> None:
    rows = _rows(tables(found)["colour-x4"])
    assert rows["IRN, published"] == [
        "4.35 M", "0.584 M", "–", "36.19 / 0.9451", "–", "–", "–",
    ]  # fmt: skip
    assert "IRN, published" not in _rows(tables(found)["gray-x2"])
    assert "arXiv" not in tables(found)["notes"]
    assert "Invertible Image Rescaling, ECCV 2020" in tables(found)["notes"]


def test_published_sets_go_by_their_usual_names() -> None:
    (irn,) = [p for p in published() if (p.method, p.scale) == ("IRN", 2)]
    assert irn.on("B100") == irn.on("BSDS100") == irn.on("bsd100") == (41.32, 0.9876)
    assert irn.on("DIV2K_valid_HR") == (44.32, 0.9908)
    assert irn.on("my pictures") is None
    assert all(p.source and p.figures for p in published())


@pytest.mark.parametrize("other", [p for p in published() if p.multiply_adds], ids=str)
def test_multiply_adds_of_published_networks_are_those_of_the_networks_here(
    other: Published,
) -> None:
    network = build(other.method.lower(), {"scale": other.scale, "channels": 3})
    price = cost(network)
    assert round(price.multiply_adds) == other.multiply_adds
    # As published, to the digits that were.
    assert price.parameters == pytest.approx(other.parameters, rel=0.006)


def test_intensities_put_models_beside_each_other_by_the_values_of_their_lr(found: Survey) -> None:
    rows = _rows(tables(found)["intensities-x2"])
    assert rows["PSNR, dB"] == [
        "range",
        "bicubic (1)",
        "irrm-fast-gray-x2@1 (1)",
        "irrm-fast-x2@1, LR as one channel (1)",
        "irrm-fast-x2@1 (3)",
    ]
    assert {"two, channel 0", "two, channel 1", "mean"} <= set(rows)
    (gray,) = [m for m in found.models if m.channels == 1]
    own = [s for s in found.of(gray, "cells").intensities if s.method == gray.id]
    assert [rows[f"two, channel {s.channel}"][2] for s in own] == [
        f"{s.report.psnr:.1f}" for s in own
    ]
    assert rows["mean"][2] == f"{np.mean([s.report.psnr for s in own]):.1f}"
    assert "error, bias" in tables(found)["intensities-x2"]


def test_the_newest_version_of_each_model_may_stand_alone(
    folders: list[Path], model_folder: Path, tmp_path: Path
) -> None:
    second = tmp_path / "more" / "irrm-fast-x4@2"
    shutil.copytree(model_folder / "irrm-fast-x4@1", second)
    card = second / "card.json"
    card.write_text(card.read_text().replace("irrm-fast-x4@1", "irrm-fast-x4@2"))
    both = survey(folders[:1], [model_folder / "irrm-fast-x4@1", second], max_pixels=MAX_PIXELS)
    assert {"irrm-fast-x4@1", "irrm-fast-x4@2"} <= set(_rows(tables(both)["colour-x4"]))
    newest = _rows(tables(both.newest())["colour-x4"])
    assert "irrm-fast-x4@2" in newest
    assert "irrm-fast-x4@1" not in newest


class _CancelAfter(NoProgress):
    """Cancels when so many models on folders are done."""

    def __init__(self, count: int, cancel: Cancel) -> None:
        self._count, self._cancel, self._open = count, cancel, list[str]()

    def begin(self, what: str, total: int) -> None:
        self._open.append(what)

    def advance(self, steps: int = 1) -> None:
        if self._open[-1] == "models on folders":
            self._count -= 1
            if not self._count:
                self._cancel.cancel()

    def end(self) -> None:
        self._open.pop()


def test_what_was_cancelled_goes_on_where_it_was(
    default_models: Path, folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, cancel = tmp_path / "kept.json", Cancel()
    with pytest.raises(Cancelled):
        survey(
            folders, kept=kept, max_pixels=MAX_PIXELS,
            progress=_CancelAfter(4, cancel), cancel=cancel,
        )  # fmt: skip
    measured: list[str] = []

    def counting(folder: Path, *arguments: object, **options: object) -> object:
        measured.append(folder.name)
        return evaluate_folder(folder, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("irrm_core.evaluation.surveying.evaluate_folder", counting)
    whole = survey(folders, kept=kept, max_pixels=MAX_PIXELS)
    assert measured == ["holiday"] * 2 + ["cells"] * 3
    measured.clear()
    again = survey(folders, kept=kept, max_pixels=MAX_PIXELS)
    assert measured == []
    assert again.evaluations == whole.evaluations
    # One picture more, and this folder is measured again.
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(folders[0] / "black.png")
    survey(folders, kept=kept, max_pixels=MAX_PIXELS)
    assert measured == ["Set5"] * 3
    # Results that are damaged are none.
    document = json.loads(kept.read_text())
    damaged = {key: {"scores": 5} for key in document["results"]}
    kept.write_text(json.dumps(document | {"results": damaged}))
    survey(folders[:1], kept=kept, max_pixels=MAX_PIXELS)
    assert measured == ["Set5"] * 6


def test_a_file_that_holds_something_else_keeps_nothing(
    default_models: Path, folders: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "kept.json").write_text("[]")
    with pytest.raises(UsageError, match=r"kept\.json.*remove it"):
        survey(folders, kept=tmp_path / "kept.json", max_pixels=MAX_PIXELS)


def test_a_page_without_a_place_for_tables_is_told_before_anything_is_measured(
    default_models: Path, folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.md").write_text("<!-- table all -->\n\nno end\n")
    monkeypatch.setattr("irrm_core.evaluation.surveying.evaluate_folder", pytest.fail)
    for page in (tmp_path / "page.md", tmp_path / "none.md"):
        arguments = ["eval", str(folders[0]), "--all", "--write", str(page)]
        assert main(arguments) == UsageError.exit_code


def test_a_marker_without_its_end_does_not_swallow_the_next_table() -> None:
    text = "<!-- table notes -->\nprose\n<!-- table colour-x2 -->\n<!-- end of table -->\n"
    filled = fill(text, {"notes": "N", "colour-x2": "C"}, {}, "page")
    assert filled == (
        "<!-- table notes -->\nprose\n<!-- table colour-x2 -->\n\nC\n\n<!-- end of table -->\n"
    )


PAGE = """# Numbers

<!-- table colour-x2 newest -->
old
<!-- end of table -->

Prose stays.

<!-- table notes -->
<!-- end of table -->

<!-- table all -->
<!-- end of table -->
"""


def test_the_command_prints_tables_and_puts_them_into_pages(
    default_models: Path, folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    arguments = ["eval", *map(str, folders[:2]), "--all", "--table", "--write", str(page)]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    text = page.read_text()
    assert "old" not in text
    assert "Prose stays." in text
    (table,) = re.findall(r"newest -->\n\n(.*?)\n\n<!-- end", text, re.DOTALL)
    assert table in out
    assert "irrm-fast-x2@1" in _rows(table)
    assert f"<!-- table all -->\n\n{out}\n<!-- end" in text
    # Writing into what was written changes figures only, not the page around them.
    assert main([*arguments, "--quiet"]) == 0
    assert re.sub(r"\|.*\|", "", page.read_text()) == re.sub(r"\|.*\|", "", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "has no place for a table"),
        ("<!-- table colour-x8 -->\n<!-- end of table -->\n", "asks for the table colour-x8"),
    ],
)
def test_a_page_that_cannot_be_filled_stays_as_it_is(
    default_models: Path, folders: list[Path], tmp_path: Path, text: str, message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    page = tmp_path / "page.md"
    page.write_text(text)
    assert main(["eval", str(folders[1]), "--all", "--write", str(page)]) == UsageError.exit_code
    assert message in capsys.readouterr().err
    assert page.read_text() == text


def test_everything_is_there_as_json_and_broken_images_are_named_once(
    default_models: Path, folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folders[0] / "broken.png").write_bytes(b"rubbish")
    page = tmp_path / "page.md"
    page.write_text("<!-- table notes -->\n<!-- end of table -->\n")
    arguments = ["eval", str(folders[0]), "--all", "--json", "--write", str(page)]
    assert main(arguments) == SomeFilesFailedError.exit_code
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert [m["id"] for m in document["models"]] == [
        "irrm-fast-gray-x2@1", "irrm-fast-x2@1", "irrm-fast-x4@1",
    ]  # fmt: skip
    assert len(document["evaluations"]) == 3
    assert all(e["images"] == 2 for e in document["evaluations"])
    assert captured.err.count("broken.png") == 1
    assert "could not be measured: Set5/broken.png." in page.read_text()


def test_what_does_not_fit_together_is_told(
    default_models: Path, folders: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    set5 = str(folders[0])
    for arguments, message in (
        ([set5], "which models?"),
        ([set5, "--all", "--model", "irrm-fast-x2"], "which models?"),
        ([set5, "--all", "--also", "irrm-fast-x2"], "--also is for one model"),
        ([set5, "--model", "irrm-fast-x2", "--cache", "x.json"], "add --table"),
        ([set5, "--all", "--cache", str(folders[0] / "no" / "x.json")], "make it first"),
        ([set5, set5, "--all"], "two folders have the same name"),
    ):
        assert main(["eval", *arguments]) == UsageError.exit_code
        assert message in capsys.readouterr().err
