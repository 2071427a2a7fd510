"""The tables of the HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.assess.markup import cell, row, table, text
from irrm_core.archive.assess.words import (
    bytes_in_words,
    decibels_in_words,
    part_in_words,
    ssim_in_words,
)
from irrm_core.archive.codecs import CODECS, LOSSLESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from irrm_core.archive.assess.totals import Totals
    from irrm_core.archive.assess.values import FileAssessment, Left, Match, Trial

_NONE = '<span class="none">–</span>'


def sums(found: Totals) -> str:
    """Return the table of sums: what all files take in every form."""
    return table(
        "Sums and means over the files that each form can hold",
        ["<form", "files", "bytes", "of the originals", "PSNR (dB)", "SSIM", "reach the floors"],
        list(_sum_rows(found)),
    )


def _sum_rows(found: Totals) -> Iterator[str]:
    yield row("originals", _cells(found.files, found.bytes, found.bytes))
    for model in found.models:
        passing = f"{model.passing} of {model.files}"
        yield row(
            f"LR files of {model.model} (x{model.scale})",
            _cells(model.files, model.bytes, model.original_bytes, model.psnr, model.ssim, passing),
            cls="model",
        )
        for codec in model.codecs:
            name = f"{codec.codec} at the same PSNR"
            if not codec.files:
                why = "; ".join(codec.problems)
                yield row(f"{name}: {why}", _cells(0, None, 0), cls="beside")
                continue
            yield row(
                name,
                _cells(codec.files, codec.bytes, codec.original_bytes, codec.psnr, codec.ssim),
                cls="beside",
            )
    for index, form in enumerate(found.forms):
        back = "to the byte" if form.gives_back == "file" else "the pixels"
        yield row(
            f"{form.form} ({back})",
            _cells(form.files, form.bytes, form.original_bytes),
            cls="" if index else "group",
        )
    yield row(
        "in the archive: the smallest that passes",
        _cells(found.files, found.stored_bytes, found.bytes),
        cls="group",
    )


def _cells(
    files: int,
    size: int | None,
    whole: int,
    psnr: float | None = None,
    ssim: float | None = None,
    passing: str = "",
) -> list[str]:
    return [
        cell(f"{files:,}"),
        cell(_NONE if size is None else text(bytes_in_words(size))),
        cell(_NONE if size is None else _bar(size, whole), cls="share"),
        cell(decibels_in_words(psnr)),
        cell(ssim_in_words(ssim)),
        cell(passing),
    ]


def _bar(part: int, whole: int) -> str:
    width = min(100 * part / whole, 100) if whole else 0
    return (
        f'<div class="bar"><i style="width:{width:.1f}%"></i>'
        f"<span>{text(part_in_words(part, whole))}</span></div>"
    )


def classes(files: Sequence[FileAssessment], folder: Path) -> str:
    """Return the table of what the archive would make of each file, and the forms without loss."""
    return table(
        "The smallest class that passes, and every form without loss",
        ["<file", "original", "<class", "would take", "<why", *LOSSLESS],
        [
            row(
                str(relative(file.path, folder)),
                [
                    cell(_size(file.size)),
                    cell(f"<b>{file.choice.storage}</b>", cls="text"),
                    cell(_size(file.choice.size)),
                    cell(text(file.choice.reason), cls="reason"),
                    *(cell(_or_why(form.size, form.problem)) for form in file.forms),
                ],
                head_cls="name",
            )
            for file in files
        ],
    )


def codecs(files: Sequence[FileAssessment], folder: Path) -> str:
    """Return the table of LR files and codecs: a row for each file and model."""
    return table(
        "Codecs at the PSNR of the LR file's restoration; bytes, and below them the PSNR reached",
        ["<file", "<model", "LR file", "PSNR (dB)", "SSIM", "floors", *CODECS],
        [line for file in files for line in _file_rows(file, folder)],
    )


def _file_rows(file: FileAssessment, folder: Path) -> Iterator[str]:
    for index, trial in enumerate(file.trials):
        yield row(
            None if index else str(relative(file.path, folder)),
            [
                cell(text(f"{trial.model} (x{trial.scale})"), cls="text"),
                cell(_size(trial.size), cls="lr"),
                cell(decibels_in_words(trial.quality.psnr)),
                cell(ssim_in_words(trial.quality.ssim)),
                cell(_floors(trial)),
                *(cell(_match(match)) for match in trial.at_psnr),
            ],
            cls="" if index else "group",
            head_cls="name",
            lines=len(file.trials),
        )


def relative(path: Path, folder: Path) -> Path:
    """Return a path below the folder that all files have in common."""
    whole = path.absolute()
    return whole.relative_to(folder) if whole.is_relative_to(folder) else path


def _size(size: int) -> str:
    return text(bytes_in_words(size))


def _floors(trial: Trial) -> str:
    if not trial.failures:
        return '<span class="pass">reached</span>'
    return f'<span class="miss" title="{text("; ".join(trial.failures))}">missed</span>'


def _match(match: Match) -> str:
    if match.size is None or match.quality is None:
        return _or_why(None, match.problem)
    setting = text(match.setting or "")
    psnr = decibels_in_words(match.quality.psnr)
    return f'<span title="{setting}">{_size(match.size)}<br><small>{psnr}</small></span>'


def _or_why(size: int | None, problem: str | None) -> str:
    if size is not None:
        return _size(size)
    return f'<span class="none" title="{text(problem or "")}">–</span>'


def left(files: Sequence[Left], folder: Path) -> str:
    """Return the table of files that were not assessed."""
    return table(
        "Files that were left out, and why",
        ["<file", "<what", "<reason"],
        [
            row(
                str(relative(each.path, folder)),
                [
                    cell("damaged" if each.damaged else "left out", cls="text"),
                    cell(text(each.reason.removeprefix(f"{each.path}: ")), cls="reason"),
                ],
                head_cls="name",
            )
            for each in files
        ],
    )
