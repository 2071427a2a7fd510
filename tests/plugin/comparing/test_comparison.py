"""What is told of a comparison: pooled scores, tables, files."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.errors import OutputExistsError
from napari_irrm.comparing import MEASURES, lines, measure_planes, place_headings, to_csv

from .conftest import Images

Series = tuple[NDArray[np.uint16], NDArray[np.uint16]]


def test_scores_along_time_pool_the_planes_of_a_stack(images: Images) -> None:
    before = np.zeros((4, 3, 20, 20), np.uint8)
    after = before.copy()
    after[2, 1] = 5
    found = measure_planes(*images(before, after, "TZYX"), (255.0,))
    (points,) = found.along("T")
    assert [point.index for point in points] == [0, 1, 2, 3]
    assert [point.score.largest for point in points] == [0, 0, 5, 0]
    assert points[2].worst.place == (2, 1)
    assert points[2].score.bias == pytest.approx(5 / 3)
    assert found.moving == "TZ"


def test_planes_are_numbered_through_without_an_axis_channels_apart(
    images: Images, series: Series
) -> None:
    found = measure_planes(*images(*series, "TCYX"), (1.0, 1.0))
    channels = found.along(None)
    assert [[point.index for point in points] for points in channels] == [[0, 1, 2, 3, 4]] * 2
    assert channels[1][3].worst is found.rows[7]


def test_the_table_begins_with_the_total_and_each_channel(images: Images, series: Series) -> None:
    found = measure_planes(*images(*series, "TCYX"), (1.0, 1.0))
    assert place_headings(found) == ("T", "C")
    table = lines(found)
    assert [line.place for line in table[:5]] == [
        ("all", "all"),
        ("all", 0),
        ("all", 1),
        (0, 0),
        (0, 1),
    ]
    assert table[3].plane == 0
    assert len(table) == 13


def test_a_single_plane_is_one_line(images: Images) -> None:
    found = measure_planes(*images(np.zeros((20, 20)), np.zeros((20, 20)), "YX"), (1.0,))
    assert [(line.place, line.plane) for line in lines(found)] == [((), 0)]
    assert MEASURES[0].text(found.total) == "∞"


def test_a_photograph_has_the_total_and_three_colours(images: Images) -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    found = measure_planes(*images(picture, picture, "YXS"), (255.0,))
    assert [line.place for line in lines(found)] == [("all",), ("red",), ("green",), ("blue",)]


def test_a_csv_file_holds_every_line_with_all_digits(
    images: Images, series: Series, tmp_path: Path
) -> None:
    found = measure_planes(*images(*series, "TCYX"), (4000.0, 4000.0))
    to_csv(found, tmp_path / "error.csv", overwrite=False)
    with (tmp_path / "error.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    assert len(table) == 13
    assert (table[0]["plane"], table[0]["t"], table[0]["c"]) == ("all", "all", "all")
    worst = min(table[3:], key=lambda line: float(line["psnr_db"]))
    assert (worst["t"], worst["c"], worst["plane"]) == ("3", "1", "7")
    assert float(worst["psnr_db"]) == found.worst.score.psnr
    assert float(worst["peak"]) == 4000


def test_infinite_decibels_can_be_read_back(images: Images, tmp_path: Path) -> None:
    picture = np.zeros((20, 20), np.uint8)
    to_csv(
        measure_planes(*images(picture, picture, "YX"), (255.0,)),
        tmp_path / "a.csv",
        overwrite=False,
    )
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as stream:
        (line,) = csv.DictReader(stream)
    assert math.isinf(float(line["psnr_db"]))


def test_a_csv_file_replaces_nothing_unasked(
    images: Images, series: Series, tmp_path: Path
) -> None:
    found = measure_planes(*images(*series, "TCYX"), (1.0, 1.0))
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    with pytest.raises(OutputExistsError):
        to_csv(found, path, overwrite=False)
    assert path.read_text() == "mine"
    to_csv(found, path, overwrite=True)
    assert path.read_text().startswith("original,restored,plane,t,c,psnr_db,ssim,largest_error")
