"""Which files are assessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from irrm_core.archive.assess import select
from irrm_core.errors import ImageFileError, UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "pictures")


def make(root: Path, count: int = 40) -> Path:
    for number in range(count):
        path = root / f"shoot{number % 4}" / f"{number:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    (root / "notes.txt").write_text("no picture")
    (root / ".hidden.jpg").write_bytes(b"no")
    return root


def test_all_images_below_a_folder_are_found_once(folder: Path) -> None:
    found = select([folder, folder / "shoot1" / "01.jpg", folder / "shoot0"])
    assert len(found.paths) == found.found == 40
    assert found.found_size == 200
    assert found.others == 1
    assert found.kind == "all"


def test_a_sample_is_the_same_wherever_the_folder_lies(folder: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "elsewhere" / "copy")
    samples = [
        {path.relative_to(root) for path in select([root], sample=10).paths}
        for root in (folder, other, folder)
    ]
    assert samples[0] == samples[1] == samples[2]
    assert len(samples[0]) == 10


def test_a_sample_comes_from_everywhere_and_is_called_one(folder: Path) -> None:
    found = select([folder], sample=12)
    assert len({path.parent for path in found.paths}) > 1
    assert (found.kind, found.found) == ("sample", 40)


def test_a_larger_sample_holds_the_smaller_one(folder: Path) -> None:
    assert set(select([folder], sample=5).paths) < set(select([folder], sample=9).paths)


def test_the_first_few_are_the_first_by_name(folder: Path) -> None:
    found = select([folder], limit=3)
    assert [path.name for path in found.paths] == ["00.jpg", "04.jpg", "08.jpg"]
    assert found.kind == "first"
    assert select([folder], limit=99).kind == "all"


def test_what_cannot_be_chosen_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="no such file"):
        select([folder / "gone"])
    with pytest.raises(UsageError, match="one of them"):
        select([folder], limit=1, sample=1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no image"):
        select([tmp_path / "empty"])
