"""The plot of error by plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

# Before pyqtgraph, which takes the Qt binding that it finds imported.
from qtpy.QtCore import QBuffer, QIODevice, QSize, Qt, Signal
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

import pyqtgraph as pg  # isort: skip
from pyqtgraph.exporters import ImageExporter  # isort: skip

if TYPE_CHECKING:
    from napari_irrm.comparing import Comparison, Measure, Point

_COLOURS = {
    "red": "#e0444e",
    "green": "#2fa04b",
    "blue": "#4d7fe0",
}
# By Okabe and Ito: told apart by colour-blind people, on dark and on light.
_CHANNELS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2")
_SYMBOLS = ("o", "s", "t", "d", "+", "x")
_MANY = 150
"""Points of a line from which on they have no symbols."""


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
        self.plot = pg.PlotWidget(parent=self)
        self.plot.setMouseEnabled(False, False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        # Wheels scroll the widget that the plot is in.
        self.plot.wheelEvent = lambda event: event.ignore()
        self.plot.scene().sigMouseClicked.connect(self._click)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._worst = pg.ScatterPlotItem(size=15, symbol="o", brush=None)
        self._worst_text = pg.TextItem(anchor=(0.5, 1.3))
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
        self.plot.setLabel("left", measure.label)
        self.plot.setLabel("bottom", axis or (comparison.moving if comparison else "") or "Plane")
        self._draw()

    def show_place(self, index: int | None) -> None:
        """Mark the place on the axis that the viewer shows; none without an index."""
        self._here.setVisible(index is not None)
        if index is not None:
            self._here.setValue(index)

    def set_theme(self, background: str, text: str, warning: str) -> None:
        """Take the colours of the viewer."""
        self._text = text
        self.plot.setBackground(background)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(text)
            axis.setTextPen(text)
        self._here.setPen(pg.mkPen(text, style=Qt.PenStyle.DotLine))
        self._worst.setPen(pg.mkPen(warning, width=3))
        self._worst_text.setColor(text)
        self._draw()

    def to_png(self) -> bytes:
        """Return the plot as it is seen, as a PNG file 1600 pixels wide."""
        exporter = ImageExporter(self.plot.plotItem)
        exporter.parameters()["width"] = 1600
        image = exporter.export(toBytes=True)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")
        return bytes(buffer.data().data())

    def _draw(self) -> None:
        item = self.plot.plotItem
        item.clear()
        if item.legend is not None:
            item.legend.scene().removeItem(item.legend)
            item.legend = None
        if self._measure is None or not self._lines:
            return
        if len(self._lines) > 1:
            legend = item.addLegend(offset=(-4, 4), labelTextColor=self._text, colCount=1)
            legend.setBrush(None)
        for number, points in enumerate(self._lines):
            self._draw_line(number, points)
        item.addItem(self._here, ignoreBounds=True)
        self._mark_worst()

    def _draw_line(self, number: int, points: tuple[Point, ...]) -> None:
        name = self._names[number]
        colour = _COLOURS.get(name, _CHANNELS[number % len(_CHANNELS)])
        few = len(points) <= _MANY
        self.plot.plot(
            [point.index for point in points],
            [self._height(point) for point in points],
            name=name or None,
            pen=pg.mkPen(colour, width=1.5),
            symbol=_SYMBOLS[number % len(_SYMBOLS)] if few else None,
            symbolSize=6,
            symbolBrush=colour,
            symbolPen=None,
            connect="finite",
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
        self._worst.setData([point.index], [height])
        self._worst_text.setText(f"{point.index}: {self._measure.text(point.score)}")
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
