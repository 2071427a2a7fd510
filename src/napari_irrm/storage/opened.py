"""A store that a window shows, with the threads that look things up in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_irrm.storage.background import Background
from napari_irrm.storage.listing import Listing
from napari_irrm.storage.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.archive.catalogue import Entry, Found
    from napari_irrm.storage.browser import StoreBrowser

    Call = Callable[[Callable[[], None]], None]

_THUMBNAILS_WAITING = 60  # more than a screen shows


@dataclass(frozen=True)
class OpenedStore:
    """A browser, a thread for questions to the catalogue, and one for thumbnails.

    Attributes
    ----------
    browser : StoreBrowser
        Asked in the threads only.
    questions : Background
        To the catalogue; closes it in the end.
    thumbnails : Thumbnails
        Of the entries.
    """

    browser: StoreBrowser
    questions: Background
    thumbnails: Thumbnails
    _pictures: Background

    @classmethod
    def of(
        cls, browser: StoreBrowser, call: Call, side: int, arrived: Callable[[Entry], None]
    ) -> OpenedStore:
        """Start with a browser.

        Parameters
        ----------
        browser : StoreBrowser
            To be closed with this.
        call : callable
            Has a function called on the viewer's thread.
        side, arrived
            As `Thumbnails` takes them.
        """
        questions = Background(call, last=browser.close)
        pictures = Background(call, newest_first=True, waiting=_THUMBNAILS_WAITING)
        return cls(browser, questions, Thumbnails(browser, pictures, side, arrived), pictures)

    def listing(self, found: Found, arrived: Callable[[int, int], None]) -> Listing:
        """Return what a search found, to be looked at."""
        return Listing(self.browser, found, self.questions, arrived)

    def close(self) -> None:
        """Close the catalogue, when nothing looks into it any more."""
        self._pictures.close()
        self.questions.close()
