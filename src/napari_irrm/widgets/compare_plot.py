"""The plot of error by plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

# Before pyqtgraph, which takes the Qt binding that it finds imported.
from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QFont, QWheelEvent
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

import pyqtgraph as pg  # isort: skip

from napari_irrm.widgets.parts import AMBER

if TYPE_CHECKING:
    from napari_irrm.comparing import Comparison, Measure, Point

_COLOURS = {
    "red": "#e0444e",
    "green": "#2fa04b",
    "blue": "#4d7fe0",
}
# By Okabe and Ito: told apart by colour-blind people, on dark and on light.
_CHANNELS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2")
_SYMBOLS, _SIGNS = ("o", "s", "t", "d", "+", "x"), "●■▼◆+✕"
_MANY = 150
"""Points of a line from which on they have no symbols, and lines are drawn as fast as can be."""


class ErrorPlot(QWidget):
    """Draws a measure along an axis, a line for each channel, and marks the worst point.

    Attributes
    ----------
    picked : signal
        Somebody clicked at a point, which it carries as a `Row`.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[Point, ...], ...] = ()
        self._measure: Measure | None = None
        self._names: tuple[str, ...] = ()
        self._text = "#808080"
        self.plot = _Plot(parent=self)
        self.plot.setMouseEnabled(False, False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.scene().sigMouseClicked.connect(self._click)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._worst = pg.ScatterPlotItem(size=15, symbol="o", brush=None)
        self._worst_text = pg.TextItem()
        self.take_font(self.font())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """Wide, and some 12 lines of text high."""
        return QSize(280, self.fontMetrics().height() * 12)

    def minimumSizeHint(self) -> QSize:
        """As low as some 9 lines of text."""
        return QSize(180, self.fontMetrics().height() * 9)

    def show_comparison(
        self, comparison: Comparison | None, measure: Measure, axis: str | None
    ) -> None:
        """Draw a measure along an axis, or nothing.

        Parameters
        ----------
        comparison : Comparison, optional
            What was found.
        measure : Measure
            What is drawn.
        axis : str, optional
            As `Comparison.along` takes it.
        """
        self._measure = measure
        self._lines = comparison.along(axis) if comparison is not None else ()
        self._names = comparison.channels if comparison is not None else ()
        planes = ", ".join(comparison.moving) if comparison is not None else ""
        self.plot.setLabel("bottom", axis or f"Plane ({planes})")
        self._draw()

    def show_place(self, index: int | None) -> None:
        """Mark the place on the axis that the viewer shows; none without an index."""
        self._here.setVisible(index is not None)
        if index is not None:
            self._here.setValue(index)

    def set_theme(self, background: str, text: str) -> None:
        """Take the colours of the viewer."""
        self._text = text
        self.plot.setBackground(background)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(text)
            axis.setTextPen(text)
        self._here.setPen(pg.mkPen(text, style=Qt.PenStyle.DotLine))
        self._worst.setPen(pg.mkPen(AMBER, width=3))
        self._worst_text.setColor(text)
        veil = pg.mkColor(background)
        veil.setAlphaF(0.5)
        self._worst_text.fill = pg.mkBrush(veil)
        self._draw()

    def take_font(self, font: QFont) -> None:
        """Write with another font."""
        self.setFont(font)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setStyle(tickFont=font)
            axis.label.setFont(font)
        self._worst_text.setFont(font)
        # Numbers at the ends of the axes stand out by half.
        half = self.fontMetrics().height() // 2
        self.plot.plotItem.layout.setContentsMargins(half // 2, half, half, half // 2)
        self.updateGeometry()
        self._draw()

    def _draw(self) -> None:
        item = self.plot.plotItem
        item.clear()
        item.setTitle(self._legend() or None, size=f"{self.font().pointSize()}pt")
        if self._measure is None or not self._lines:
            return
        for number, points in enumerate(self._lines):
            self._draw_line(number, points)
        item.addItem(self._here, ignoreBounds=True)
        self._mark_worst()

    def _legend(self) -> str:
        """Return the names of the lines in their colours, above the plot where nothing crosses."""
        if len(self._names) < 2:
            return ""
        return " &nbsp; ".join(
            f'<span style="color: {self._colour(number)}">{_SIGNS[number % len(_SIGNS)]}</span> '
            f'<span style="color: {self._text}">{name}</span>'
            for number, name in enumerate(self._names)
        )

    def _colour(self, number: int) -> str:
        return _COLOURS.get(self._names[number], _CHANNELS[number % len(_CHANNELS)])

    def _draw_line(self, number: int, points: tuple[Point, ...]) -> None:
        colour = self._colour(number)
        heights = [self._height(point) for point in points]
        if not any(map(math.isfinite, heights)):
            return
        few = len(points) <= _MANY
        self.plot.plot(
            [point.index for point in points],
            heights,
            pen=pg.mkPen(colour, width=1.5 if few else 1),
            symbol=_SYMBOLS[number % len(_SYMBOLS)] if few else None,
            symbolSize=6,
            symbolBrush=colour,
            symbolPen=None,
            connect="finite",
            antialias=few,
        )

    def _mark_worst(self) -> None:
        measured = [
            (point, height)
            for points in self._lines
            for point in points
            if math.isfinite(height := self._height(point))
        ]
        if len(measured) < 2 or self._measure is None:
            return
        rising, key = self._measure.rising, self._measure.key
        # A bias may be bad either way.
        point, height = max(
            measured,
            key=lambda pair: -pair[1] if rising else abs(pair[1]) if key == "bias" else pair[1],
        )
        indices = [point.index for point, _ in measured]
        left = point.index < (min(indices) + max(indices)) / 2
        self._worst.setData([point.index], [height])
        self._worst_text.setText(f"{point.index}: {self._measure.text(point.score)}")
        self._worst_text.setAnchor((-0.2, 0.5) if left else (1.2, 0.5))
        self._worst_text.setPos(point.index, height)
        self.plot.addItem(self._worst, ignoreBounds=True)
        self.plot.addItem(self._worst_text, ignoreBounds=True)

    def _height(self, point: Point) -> float:
        value = self._measure.of(point.score) if self._measure is not None else None
        # No height is drawn for what is infinitely good.
        return math.nan if value is None or math.isinf(value) else value

    def _click(self, event: Any) -> None:
        points = [point for points in self._lines for point in points]
        if not points or not self.plot.plotItem.sceneBoundingRect().contains(event.scenePos()):
            return
        box = self.plot.plotItem.vb
        at = box.mapSceneToView(event.scenePos())
        wide, high = box.viewPixelSize()

        def distance(point: Point) -> tuple[float, float]:
            height = self._height(point)
            return (
                abs(round((point.index - at.x()) / wide)),
                abs(height - at.y()) / high if math.isfinite(height) else math.inf,
            )

        self.picked.emit(min(points, key=distance).worst)


class _Plot(pg.PlotWidget):
    """A plot that leaves the wheel to the widget that scrolls it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, axisItems={"bottom": _WholeNumbers(orientation="bottom")})

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Do nothing, so that the event goes on."""
        event.ignore()


class _WholeNumbers(pg.AxisItem):
    """An axis with marks at whole numbers only: there is no plane between two planes."""

    def tickSpacing(self, lowest: float, highest: float, size: float) -> list[tuple[float, float]]:
        """Return how far marks are apart and where they begin, major ones first."""
        spacing = super().tickSpacing(lowest, highest, size)
        return [(space, offset) for space, offset in spacing if space >= 1] or [(1, 0)]
