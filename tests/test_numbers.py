"""The figures in the tables of the documentation are those of the models' cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from irrm_core.zoo import FoundModel, scan

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "docs" / "numbers.md"]
FOLDERS = [ROOT / "src" / "irrm_core" / "zoo" / "bundled", ROOT / "models"]
_PAIR = re.compile(r"(\d+\.\d+) / (\d\.\d{4})")


def rows(page: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Model and cells by column, of each line of a table of a scale that names a model."""
    head: list[str] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip("* ") for cell in line.strip("| ").split("|")]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
        elif re.fullmatch(r"x\d+", head[0]) and "@" in cells[0]:
            yield cells[0], dict(zip(head[1:], cells[1:], strict=True))


def cards() -> dict[str, dict[str, Any]]:
    return {f.card.id: dict(f.card.metrics) for f in scan(FOLDERS) if isinstance(f, FoundModel)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_what_a_table_says_of_a_model_is_what_its_card_says(page: Path) -> None:
    known = cards()
    told = list(rows(page))
    assert told
    for model, cells in told:
        if model not in known and not FOLDERS[1].is_dir():
            continue  # the source distribution has the bundled models only
        assert model in known, f"{page.name} tells of {model}, which is not released"
        for folder, figures in known[model].items():
            for column, keys in (
                (folder, ("psnr_y", "ssim_y")),
                (f"{folder}, LR", ("lr_psnr_y", "lr_ssim_y")),
            ):
                pair = _PAIR.fullmatch(cells.get(column, ""))
                if pair and isinstance(figures, dict):
                    assert float(pair[1]) == pytest.approx(figures[keys[0]], abs=0.0051), column
                    assert float(pair[2]) == pytest.approx(figures[keys[1]], abs=5.1e-5), column


def test_the_page_of_numbers_tells_of_every_released_model() -> None:
    assert cards().keys() == {model for model, _ in rows(ROOT / "docs" / "numbers.md")}


def test_means_over_microscopy_are_those_of_the_cards() -> None:
    means: dict[str, str] = {}
    head: list[str] = []
    for line in (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if cells[0] == "PSNR, dB":
            head = cells
        elif cells[0] == "mean":
            means.update(zip(head[2:], cells[2:], strict=True))
    known = {
        model: metrics["microscopy"]["psnr"]
        for model, metrics in cards().items()
        if "gray" in model and "microscopy" in metrics
    }
    assert known
    for model, psnr in known.items():
        assert float(means[f"{model} (1)"]) == pytest.approx(psnr, abs=0.051), model
