"""The states of a file: what may follow what."""

from __future__ import annotations

import pytest

from irrm_core.archive.catalogue import ARCHIVED, PENDING, TRANSITIONS, UNFINISHED, State


def reachable(start: State) -> set[State]:
    found, new = {start}, [start]
    while new:
        after = TRANSITIONS[new.pop()] - found
        found |= after
        new += after
    return found


def test_every_state_can_be_reached_by_a_new_file() -> None:
    assert reachable(State.seen) == set(State)


@pytest.mark.parametrize("state", sorted(ARCHIVED))
def test_what_is_archived_stays_archived(state: State) -> None:
    assert reachable(state) <= ARCHIVED


@pytest.mark.parametrize("state", State)
def test_a_step_may_be_repeated(state: State) -> None:
    assert state in TRANSITIONS[state]


@pytest.mark.parametrize("state", sorted(UNFINISHED))
def test_what_a_crash_leaves_can_be_rolled_back(state: State) -> None:
    assert {State.seen, State.stable, State.failed} <= TRANSITIONS[state]


def test_only_a_verified_file_becomes_committed_and_only_a_quarantined_one_is_purged() -> None:
    before = {s for s, after in TRANSITIONS.items() if State.committed in after}
    assert before - ARCHIVED == {State.verified}
    assert {s for s, after in TRANSITIONS.items() if State.purged in after} == {
        State.quarantined,
        State.purged,
    }


def test_every_state_is_pending_archived_or_an_end() -> None:
    assert set(State) == PENDING | ARCHIVED | {State.kept, State.failed}
    assert not PENDING & ARCHIVED
