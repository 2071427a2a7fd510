"""Compressing a folder: tried out first, gated file by file, and originals are only read."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from irrm_core.archive import read_lr_file
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Floors
from irrm_core.errors import UsageError
from irrm_core.imagefile import write_image
from irrm_core.progress import NoProgress
from napari_irrm.jobs import JobQueue, Settings, State, Ticket
from napari_irrm.storage.compressing import (
    CompressPlan,
    CompressReport,
    CompressWork,
    FileOutcome,
    Outcome,
)
from napari_irrm.storage.compressing.plan import output_of
from napari_irrm.storage.files_progress import FilesProgress

LENIENT = Rule(floors=Floors(psnr=0, ssim=None), minimum_saving=0)
LR_FILES = {"a.png.irrm.png", "deep/b.tif.irrm.tif"}


@pytest.fixture
def folder(tmp_path: Path, pixels: Callable[..., NDArray[Any]], default_models: Path) -> Path:
    made = tmp_path / "pictures"
    (made / "deep").mkdir(parents=True)
    write_image(made / "a.png", pixels(40, 56, 3))
    write_image(made / "deep" / "b.tif", pixels(40, 56, dtype="uint16"))
    (made / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (made / "notes.txt").write_text("notes")
    return made


@pytest.fixture
def compress(queue: JobQueue) -> Callable[..., CompressReport | None]:
    """Run a plan at once."""

    def run(plan: CompressPlan, *, dry: bool = False) -> CompressReport | None:
        reports, told = list[CompressReport](), list[FileOutcome]()
        settings = Settings(device="cpu")
        work = CompressWork(plan, settings, dry=dry, told=told.append, done=reports.append)
        queue.submit(work)
        if not reports:
            return None
        assert tuple(told) == reports[0].files
        return reports[0]

    return run


Compress = Callable[..., CompressReport]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def outcomes(report: CompressReport) -> dict[str, Outcome]:
    return {file.path.as_posix(): file.outcome for file in report.files}


def test_a_dry_run_writes_nothing_and_tells_what_a_run_will_do(
    folder: Path, compress: Compress
) -> None:
    before = hashes(folder.parent)
    plan = CompressPlan(folder, output_of(folder), LENIENT)
    tried = compress(plan, dry=True)
    assert hashes(folder.parent) == before and not plan.output.exists()
    done = compress(plan)
    assert outcomes(tried) == outcomes(done)
    assert [file.lr_size for file in tried.files] == [file.lr_size for file in done.files]
    assert "2 would become LR files, 1 would stay" in str(tried)
    assert "1 other file is left alone" in str(tried)


def test_lr_files_go_into_the_same_tree_and_originals_stay_as_they_are(
    folder: Path, compress: Compress
) -> None:
    before = hashes(folder)
    report = compress(CompressPlan(folder, output_of(folder), LENIENT))
    assert hashes(folder) == before
    written = hashes(folder.with_name("pictures LR"))
    assert set(written) == LR_FILES
    record = read_lr_file(report.output / "deep" / "b.tif.irrm.tif").record
    assert record.source_hash == before["deep/b.tif"]
    (broken,) = [file for file in report.files if file.outcome == Outcome.stays]
    assert broken.path.name == "broken.png" and broken.reason
    assert report.taken == sum(f.stat().st_size for f in report.output.rglob("*.irrm.*")) + 15


def test_running_it_again_does_what_is_missing(folder: Path, compress: Compress) -> None:
    plan = CompressPlan(folder, output_of(folder), LENIENT)
    compress(plan)
    (plan.output / "a.png.irrm.png").unlink()
    before = hashes(plan.output)
    again = compress(plan)
    assert outcomes(again)["a.png"] == Outcome.lr
    assert outcomes(again)["deep/b.tif"] == Outcome.there
    assert before.items() <= hashes(plan.output).items()


def test_a_file_of_the_name_is_kept_and_so_is_the_lr_of_an_older_content(
    folder: Path, compress: Compress, pixels: Callable[..., NDArray[Any]]
) -> None:
    plan = CompressPlan(folder, output_of(folder), LENIENT)
    plan.output.mkdir()
    (plan.output / "a.png.irrm.png").write_bytes(b"mine")
    compress(plan)
    write_image(folder / "deep" / "b.tif", pixels(44, 56, dtype="uint16"), overwrite=True)
    before = hashes(plan.output)
    report = compress(plan)
    assert hashes(plan.output) == before and before["a.png.irrm.png"]
    assert {file.reason for file in report.files if file.path.name != "broken.png"} == {
        "another file of the name of its LR file is there, and was kept; move it away, or choose "
        "another output folder"
    }


def test_what_misses_a_floor_stays_with_the_reason_and_makes_no_folder(
    folder: Path, compress: Compress
) -> None:
    rule = Rule(floors=Floors(psnr=90, ssim=None), minimum_saving=0)
    report = compress(CompressPlan(folder, output_of(folder), rule))
    assert report.count(Outcome.stays) == 3 and not report.output.exists()
    assert "under the floor of 90 dB" in report.files[0].reason
    assert report.taken == report.size


def test_a_cancelled_run_leaves_whole_files_only(
    folder: Path,
    queue: JobQueue,
    compress: Callable[..., CompressReport | None],
    ended: list[Ticket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_irrm.jobs.report.PERIOD", 0)  # every step is told

    def cancel(ticket: Ticket) -> None:
        if ticket.done > 2000 and not ticket.cancelling.cancelled:
            ticket.cancel()

    queue.progressed.connect(cancel)
    plan = CompressPlan(folder, output_of(folder), LENIENT)
    assert compress(plan) is None
    assert ended[0].state == State.CANCELLED
    assert set(hashes(plan.output)) == {"a.png.irrm.png"}
    assert not (plan.output / "deep").exists()


def test_a_sample_is_the_same_each_time_and_stands_for_the_rest(
    folder: Path, compress: Compress
) -> None:
    plan = CompressPlan(folder, output_of(folder), LENIENT, sample=1)
    first, second = compress(plan, dry=True), compress(plan, dry=True)
    assert first == second and len(first.files) == 1
    assert str(first).startswith("1 of 3 images tried: ") and "would take about" in str(first)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("pictures", "need a folder of their own"),
        (".", "the images lie in it"),
        ("a file", "is a file"),
        ("store/files", "lies in the store"),
        ("watched/deep", "lies in the watched folder"),
    ],
)
def test_folders_that_cannot_be_used_are_refused(folder: Path, output: str, reason: str) -> None:
    place = folder.parent
    (place / "a file").write_text("")
    (place / "store").mkdir()
    (place / "store" / "irrm-store.json").write_text("{}")
    (place / "watched").mkdir()
    (place / "watched" / ".irrm-root.json").write_text("{}")
    with pytest.raises(UsageError, match=reason):
        CompressPlan(folder, place / output).check()
    with pytest.raises(UsageError, match="is no folder"):
        CompressPlan(place / "nowhere", place / "out").check()


def test_the_report_is_a_table_with_a_line_for_each_image(folder: Path, compress: Compress) -> None:
    report = compress(CompressPlan(folder, output_of(folder), LENIENT))
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [row["file"] for row in rows] == ["a.png", "broken.png", "deep/b.tif"]
    assert [row["outcome"] for row in rows] == ["lr", "stays", "lr"]
    assert float(rows[0]["psnr"]) > 10 and rows[1]["lr_bytes"] == ""


def test_the_bar_of_many_files_moves_within_each() -> None:
    class Bar(NoProgress):
        done, total = 0, 0

        def begin(self, what: str, total: int) -> None:
            assert (what, self.total) == ("2 files", 0)
            self.total = total

        def advance(self, steps: int = 1) -> None:
            self.done += steps

    bar = Bar()
    files = FilesProgress(bar, parts=2)
    seen = []
    files.begin("files", 2)
    for _ in range(2):
        for _ in range(3):  # one part more than was said
            files.begin("tiles", 4)
            files.advance(2)
            seen.append(bar.done / bar.total)
            files.advance(2)
            files.end()
        files.advance()
    files.end()
    assert seen == sorted(seen) and seen[:2] == [0.125, 0.375] and seen[3:5] == [0.625, 0.875]
    assert bar.done == bar.total
