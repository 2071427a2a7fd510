"""Looking things up beside a window: what is seen comes first, what is wanted no more never."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import pytest

from irrm_core.archive.catalogue import Search
from irrm_core.archive.store import Store
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.testing.filling import fill
from napari_irrm.storage.background import Background
from napari_irrm.storage.browser import StoreBrowser
from napari_irrm.storage.listing import PAGE, Listing

from .at_once import AtOnce

Answers = SimpleQueue[Callable[[], None]]


@pytest.fixture
def answers() -> Answers:
    """What waits to be called on the viewer's thread."""
    return SimpleQueue()


def pump(answers: Answers, count: int) -> None:
    for _ in range(count):
        answers.get(timeout=20)()


class Gate:
    """Holds the thread until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.reached.set()
        self.open.wait(20)
        return "gate"


def held(background: Background, told: list[object]) -> Gate:
    gate = Gate()
    background.ask("gate", gate, told.append, told.append)
    assert gate.reached.wait(20)
    return gate


def test_answers_and_errors_come_on_the_viewers_thread(answers: Answers) -> None:
    told: list[object] = []
    background = Background(answers.put)
    background.ask("one", lambda: 1, told.append, told.append)
    background.ask("two", lambda: 1 // 0, told.append, told.append)
    pump(answers, 2)
    assert told[0] == 1 and isinstance(told[1], ZeroDivisionError)
    background.close()


def test_a_question_asked_again_is_answered_once_and_as_it_was_asked_last(
    answers: Answers,
) -> None:
    told: list[object] = []
    background = Background(answers.put)
    gate = held(background, told)
    background.ask("gate", lambda: "newer", told.append, told.append)
    for text in ("first", "second"):
        background.ask("search", partial(str, text), told.append, told.append)
    gate.open.set()
    pump(answers, 3)
    assert told == ["newer", "second"]
    background.close()


def test_one_that_stays_when_asked_again_is_not_worked_on_twice(answers: Answers) -> None:
    told: list[object] = []
    background = Background(answers.put)
    gate = held(background, told)
    background.ask("gate", lambda: "again", told.append, told.append, replace=False)
    gate.open.set()
    pump(answers, 1)
    assert told == ["gate"] and answers.empty()
    background.close()


def test_the_newest_may_come_first_and_the_oldest_be_forgotten(answers: Answers) -> None:
    told: list[object] = []
    background = Background(answers.put, newest_first=True, waiting=2)
    gate = held(background, told)
    for number in range(4):
        background.ask(number, partial(int, number), told.append, told.append)
    gate.open.set()
    pump(answers, 3)
    assert told == ["gate", 3, 2]
    background.close()


def test_nothing_comes_of_what_was_asked_after_closing(answers: Answers) -> None:
    told: list[object] = []
    ended = threading.Event()
    background = Background(answers.put, last=ended.set)
    gate = held(background, told)
    background.close()
    gate.open.set()
    assert ended.wait(20)
    background.ask("late", lambda: 1, told.append, told.append)
    assert not told and answers.empty()


def test_a_long_list_is_fetched_page_by_page(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    with CatalogueWriter.open(store.catalogue) as writer:
        fill(writer, 5 * PAGE)
    arrived: list[tuple[int, int]] = []
    with StoreBrowser.open(store.path) as browser:
        found = browser.search(Search())
        listing = Listing(browser, found, AtOnce(), lambda *places: arrived.append(places))
        assert len(listing) == 5 * PAGE and not arrived
        entry = listing.entry(2 * PAGE + 7)
        assert entry is not None and entry.id == found.numbers[2 * PAGE + 7]
        assert listing.entry(2 * PAGE) is not None
    assert arrived == [(2 * PAGE, 3 * PAGE)]
