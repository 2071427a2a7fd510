"""What is looked for in a store: name, kind, folder, date, order."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from qtpy.QtCore import QDate, QTimer, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from irrm_core.archive.catalogue import ARCHIVED, PENDING, Order, Search, State, StorageClass
from napari_irrm.widgets.parts import ChoiceBox, Section, form

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPING = 250  # milliseconds after the last key

_LR, _EXACT = frozenset({StorageClass.lr}), frozenset({StorageClass.exact})
_NONE: frozenset[StorageClass] = frozenset()
# States and classes by what people call them.
_KINDS = {
    "stored": ("In the store", ARCHIVED, _NONE),
    "lr": ("Stored as LR", ARCHIVED, _LR),
    "exact": ("Stored exactly", ARCHIVED, _EXACT),
    "kept": ("Left alone", frozenset({State.kept}), _NONE),
    "waiting": ("Waiting", PENDING, _NONE),
    "failed": ("Failed", frozenset({State.failed}), _NONE),
    "all": ("Everything", frozenset[State](), _NONE),
}
_ORDERS = (
    ((Order.name, False), "By name"),
    ((Order.archived, True), "Newest first"),
    ((Order.archived, False), "Oldest first"),
    ((Order.size, True), "Largest first"),
    ((Order.saved, True), "Most saved first"),
)
_ANY, _BETWEEN = None, -1
_DAYS = (
    (_ANY, "At any time"),
    (1, "Today"),
    (7, "In the last 7 days"),
    (30, "In the last 30 days"),
    (365, "In the last year"),
    (_BETWEEN, "Between two days"),
)


class SearchForm(QWidget):
    """Fields of a search.

    Attributes
    ----------
    changed : signal
        Another search is meant; while somebody types, a moment later.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLineEdit()
        self.text.setPlaceholderText("Name, or pattern such as *.tif")
        self.text.setClearButtonEnabled(True)
        self.text.setToolTip(
            "A part of the path in upper or lower case.\n"
            "In patterns * and ? stay within a name, ** stands for any folders"
        )
        self.kind, self.order = ChoiceBox(), ChoiceBox()
        self.root, self.days = ChoiceBox(), ChoiceBox()
        self.since, self.until = QDateEdit(), QDateEdit()
        self.versions = QCheckBox("All versions of files that changed")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING)
        self.order.offer(_ORDERS, _ORDERS[0][0])
        self.days.offer(_DAYS, _ANY)
        self.offer_roots([])
        self.kind.offer([(name, kind[0]) for name, kind in _KINDS.items()], "stored")
        self._lay_out()
        self._connect()

    @property
    def search(self) -> Search:
        """What is looked for."""
        _, states, classes = _KINDS[self.kind.value]
        order, descending = self.order.value
        since, until = self._times()
        return Search(
            text=self.text.text(),
            root=self.root.value,
            states=states,
            classes=classes,
            since=since,
            until=until,
            versions=self.versions.isChecked(),
            order=order,
            descending=descending,
        )

    def offer_roots(self, names: Sequence[str]) -> None:
        """Offer the watched folders of a store."""
        offered = [(None, "All watched folders"), *((name, name) for name in names)]
        self.root.offer(offered, self.root.value)
        self.root.setVisible(len(names) > 1)

    def _lay_out(self) -> None:
        for edit in (self.since, self.until):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setDate(QDate.currentDate())
        self._between = QWidget()
        between = QHBoxLayout(self._between)
        between.setContentsMargins(0, 0, 0, 0)
        between.addWidget(self.since, 1)
        between.addWidget(QLabel("to"))
        between.addWidget(self.until, 1)
        self._between.hide()
        content = QWidget()
        more = form()
        more.setContentsMargins(12, 0, 0, 0)
        more.addRow(self.root)
        more.addRow("Archived", self.days)
        more.addRow(self._between)
        more.addRow(self.versions)
        content.setLayout(more)
        self.more = Section("More to search by", content)
        two = QHBoxLayout()
        two.addWidget(self.kind, 1)
        two.addWidget(self.order, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.text)
        rows.addLayout(two)
        rows.addWidget(self.more)

    def _connect(self) -> None:
        self._typing.timeout.connect(self.changed)
        self.text.textChanged.connect(self._soon)
        self.text.returnPressed.connect(self._at_once)
        for box in (self.kind, self.order, self.root):
            box.chosen.connect(self._tell)
        self.days.chosen.connect(self._choose_days)
        self.since.dateChanged.connect(self._soon)
        self.until.dateChanged.connect(self._soon)
        self.versions.toggled.connect(self._tell)

    def _tell(self, _: object) -> None:
        self.changed.emit()

    def _soon(self, _: object) -> None:
        self._typing.start()

    def _at_once(self) -> None:
        self._typing.stop()
        self.changed.emit()

    def _choose_days(self, days: int | None) -> None:
        self._between.setVisible(days == _BETWEEN)
        self.changed.emit()

    def _times(self) -> tuple[float | None, float | None]:
        days = self.days.value
        if days is _ANY:
            return None, None
        midnight = datetime.combine(datetime.now().date(), time())
        if days != _BETWEEN:
            return (midnight - timedelta(days=days - 1)).timestamp(), None
        first, last = sorted(
            datetime(date.year(), date.month(), date.day())
            for date in (self.since.date(), self.until.date())
        )
        return first.timestamp(), (last + timedelta(days=1)).timestamp()
