"""A thread that looks things up for a window, and what it was asked last matters most."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Asked(Protocol):
    """Looks things up, now or in a thread."""

    def ask(
        self,
        key: Hashable,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        replace: bool = True,
    ) -> None:
        """Have `work` called, and `then` with its result or `failed` with its error.

        Parameters
        ----------
        key : hashable
            What is asked.
        work : callable
            Called in the thread.
        then, failed : callable
            One of both is called on the viewer's thread.
        replace : bool
            Take the place of an earlier question of this key, of which nothing comes then;
            otherwise it stays, and counts as just asked.
        """

    def close(self) -> None:
        """Let nothing come of what was asked, and take no more questions."""


@dataclass(frozen=True, eq=False)
class _Question:
    key: Hashable
    work: Callable[[], Any]


@dataclass(frozen=True)
class _Asker:
    """Who asked: of a window, so no thread but the window's may hold it last."""

    question: _Question
    then: Callable[[Any], None]
    failed: Callable[[Exception], None]


class Background:
    """One thread, started with the first question.

    Parameters
    ----------
    call : callable
        Has a function called on the viewer's thread.
    newest_first : bool
        Answer what was asked last first: what was scrolled past can wait.
    waiting : int
        So many questions wait at most; the oldest are forgotten.
    last : callable, optional
        Called in the thread when it ends.
    """

    def __init__(
        self,
        call: Callable[[Callable[[], None]], None],
        *,
        newest_first: bool = False,
        waiting: int = 1000,
        last: Callable[[], None] = lambda: None,
    ) -> None:
        self._call = call
        self._newest_first = newest_first
        self._most = waiting
        self._last = last
        self._waiting: OrderedDict[Hashable, _Question] = OrderedDict()
        self._askers: dict[Hashable, _Asker] = {}
        self._changed = Condition()
        self._thread: Thread | None = None
        self._closed = False

    def ask(
        self,
        key: Hashable,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        replace: bool = True,
    ) -> None:
        """Have `work` called in the thread; see `Asked`."""
        with self._changed:
            if self._closed:
                return
            if not replace and key in self._askers:
                if key in self._waiting:
                    self._waiting.move_to_end(key)
                return
            self._waiting.pop(key, None)
            self._waiting[key] = question = _Question(key, work)
            self._askers[key] = _Asker(question, then, failed)
            while len(self._waiting) > self._most:
                forgotten, _ = self._waiting.popitem(last=False)
                del self._askers[forgotten]
            if self._thread is None:
                self._thread = Thread(target=self._run, name="irrm-lookup", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Let nothing come of what was asked; the thread ends after what it is at."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._askers.clear()
            self._changed.notify()
            started = self._thread is not None
        if not started:
            self._last()

    def _run(self) -> None:
        while (question := self._next()) is not None:
            found, error = None, None
            try:
                found = question.work()
            except Exception as why:
                error = why
            if not self._closed:
                self._call(partial(self._answer, question, found, error))
            del question, found, error  # which may hold much while the thread waits
        self._last()

    def _next(self) -> _Question | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            return self._waiting.popitem(last=self._newest_first)[1]

    def _answer(self, question: _Question, found: object, error: Exception | None) -> None:
        """Answer on the viewer's thread, unless the same was asked again meanwhile."""
        with self._changed:
            asker = self._askers.get(question.key)
            if asker is None or asker.question is not question:
                return
            del self._askers[question.key]
        if error is None:
            asker.then(found)
        else:
            asker.failed(error)
