"""When a thing counts as quiet, whatever happened to it before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from irrm_watcher.scan import Stability

STEPS = st.lists(
    st.tuples(st.floats(0, 30, allow_nan=False), st.booleans(), st.booleans()), max_size=60
)


@given(STEPS, st.floats(0.1, 20))
def test_nothing_is_stable_within_the_delay_of_its_last_change(
    steps: list[tuple[float, bool, bool]], delay: float
) -> None:
    stability = Stability(delay)
    now, content, changed_at = 0.0, 0, 0.0
    for passed, changes, looked_at in steps:
        now += passed
        if changes:
            content, changed_at = content + 1, now
        if looked_at and stability.see(b"a", content, now):
            assert now - changed_at >= delay


@given(STEPS, st.floats(0.1, 20))
def test_whatever_happened_a_thing_left_alone_is_stable_after_the_delay(
    steps: list[tuple[float, bool, bool]], delay: float
) -> None:
    stability = Stability(delay)
    now, content = 0.0, 0
    for passed, changes, looked_at in steps:
        now += passed
        content += changes
        if looked_at:
            stability.see(b"a", content, now)
    stability.see(b"a", content, now)
    due = stability.due()
    assert due is not None and due <= now + delay
    assert stability.see(b"a", content, now + delay * 1.000001)


@given(STEPS)
def test_what_one_thing_does_is_nothing_to_another(steps: list[tuple[float, bool, bool]]) -> None:
    alone, together = Stability(5), Stability(5)
    now = 0.0
    for number, (passed, changes, _) in enumerate(steps):
        now += passed
        together.see(b"other", number if changes else 0, now)
        assert alone.see(b"a", 0, now) == together.see(b"a", 0, now)


def test_counting_anew_keeps_a_thing_waiting() -> None:
    stability = Stability(10)
    stability.see(b"a", 1, 0)
    stability.restart(b"a", 9)
    assert not stability.see(b"a", 1, 18)
    assert stability.see(b"a", 1, 19)
    assert stability.ripe(19) == [b"a"]


def test_what_was_forgotten_is_waited_for_no_more() -> None:
    stability = Stability(10)
    stability.see(b"a", 1, 0)
    stability.forget(b"a")
    assert stability.due() is None and len(stability) == 0
