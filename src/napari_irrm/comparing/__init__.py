"""Measure what was lost: tables, difference layers, two layers side by side."""

from __future__ import annotations

from napari_irrm.comparing.board import Board, board_of
from napari_irrm.comparing.comparison import Comparison, Point, Row
from napari_irrm.comparing.measuring import measure_planes
from napari_irrm.comparing.pairing import comparable, hindrance, pair_of
from napari_irrm.comparing.score import Score, pool
from napari_irrm.comparing.showing import Blink, side_by_side
from napari_irrm.comparing.table import MEASURES, Line, Measure, lines, place_headings, to_csv
from napari_irrm.comparing.visiting import show_plane
from napari_irrm.comparing.work import CompareWork

__all__ = [
    "MEASURES",
    "Blink",
    "Board",
    "CompareWork",
    "Comparison",
    "Line",
    "Measure",
    "Point",
    "Row",
    "Score",
    "board_of",
    "comparable",
    "hindrance",
    "lines",
    "measure_planes",
    "pair_of",
    "place_headings",
    "pool",
    "show_plane",
    "side_by_side",
    "to_csv",
]
