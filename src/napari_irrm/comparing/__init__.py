"""Measure what was lost: tables, difference layers, two layers side by side."""

from __future__ import annotations

from napari_irrm.comparing.board import Board, board_of
from napari_irrm.comparing.comparison import Comparison, Point, Row
from napari_irrm.comparing.measuring import measure_planes
from napari_irrm.comparing.pairing import pair_of
from napari_irrm.comparing.score import Score, pool
from napari_irrm.comparing.work import CompareWork

__all__ = [
    "Board",
    "CompareWork",
    "Comparison",
    "Point",
    "Row",
    "Score",
    "board_of",
    "measure_planes",
    "pair_of",
    "pool",
]
