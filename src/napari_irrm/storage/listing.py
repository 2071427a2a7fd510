"""What a search found, fetched in pages as it is looked at."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from irrm_core.archive.catalogue import Entry
    from napari_irrm.storage.background import Asked
    from napari_irrm.storage.browser import StoreBrowser

PAGE = 100
"""Entries that are fetched together."""

_PAGES = 40  # that are kept


class Listing:
    """Entries by their place in a list of any length; used on the viewer's thread.

    Parameters
    ----------
    browser : StoreBrowser
        That knows the entries.
    found : Found
        What is listed.
    background : Asked
        That fetches pages.
    arrived : callable
        Told the first place and the one behind the last that are known now.
    """

    def __init__(
        self,
        browser: StoreBrowser,
        found: Found,
        background: Asked,
        arrived: Callable[[int, int], None],
    ) -> None:
        self.found = found
        self._browser = browser
        self._background = background
        self._arrived = arrived
        self._pages: OrderedDict[int, dict[int, Entry]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.found.numbers)

    def entry(self, place: int) -> Entry | None:
        """Return an entry; None while it is fetched, and if it is gone."""
        page = place // PAGE
        known = self._pages.get(page)
        if known is None:
            self._ask(page)
            known = self._pages.get(page, {})
        else:
            self._pages.move_to_end(page)
        return known.get(self.found.numbers[place])

    def numbers(self, places: Iterable[int]) -> Sequence[int]:
        """Return the numbers of entries, for a work that fetches them itself."""
        return [self.found.numbers[place] for place in places]

    def _ask(self, page: int) -> None:
        numbers = self.found.numbers[page * PAGE : (page + 1) * PAGE]
        browser = self._browser  # the thread must not hold this list, which is a window's

        def arrived(entries: Sequence[Entry]) -> None:
            self._pages[page] = {entry.id: entry for entry in entries}
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
            self._arrived(page * PAGE, page * PAGE + len(numbers))

        def failed(_: Exception) -> None:
            self._pages[page] = {}  # a search says what is wrong with the catalogue

        self._background.ask(
            ("page", id(self), page),
            lambda: browser.entries(numbers),
            arrived,
            failed,
            replace=False,
        )
