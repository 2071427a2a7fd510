"""The first setting of a ladder that reaches something, with few trials. Pure."""

from __future__ import annotations

from collections.abc import Callable


def first_reaching(
    measure: Callable[[int], float], count: int, *, within: float = 0.0
) -> int | None:
    """Return the smallest setting whose measure is not negative; None if there is none.

    Parameters
    ----------
    measure : callable
        Of a setting from 0 to ``count - 1``: negative where it falls short, rising with the
        setting. Calls cost; they are interpolated between, and halve the rest where that is
        slow.
    count : int
        Of settings.
    within : float
        A setting that overshoots by no more will do, though a smaller one may reach.
    """
    low, high = -1, count
    short = over = 0.0
    known_low = known_high = False
    slow = 0
    while high - low > 1:
        if known_low and known_high and slow < 2:
            part = -short / (over - short) if over > short else 0.5
            guess = low + max(round(part * (high - low) + 0.25), 1)
        elif known_low or known_high:
            guess = (low + high) // 2
        else:
            guess = int(count * 0.6)
        guess = min(max(guess, low + 1), high - 1)
        before = high - low
        value = measure(guess)
        if value >= 0:
            high, over, known_high = guess, value, True
            if value <= within:
                break
        else:
            low, short, known_low = guess, value, True
        slow = 0 if 2 * (high - low) <= before else slow + 1
    return high if known_high else None
