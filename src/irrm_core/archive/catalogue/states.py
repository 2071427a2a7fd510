"""The states of a file in a catalogue, and which may follow which."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class StorageClass(StrEnum):
    """How a file is stored.

    ``lr``: as a small picture with the record that restores it. ``exact``: so that the restored
    file has the original's SHA-256, or its pixels where a rule asked for no more. ``kept``: not
    at all; the original is left alone, for a reason.
    """

    lr = "lr"
    exact = "exact"
    kept = "kept"


class State(StrEnum):
    """How far a file has come.

    ``seen``: found, and may still be written to. ``stable``: quiet for long enough. ``claimed``:
    a worker has it. ``encoded``: an archive file of it is being looked at by the gate.
    ``verified``: the archive file was read back and judged, and may not have its name yet.
    ``committed``: the archive file has its name. ``quarantined``: the original lies in
    quarantine. ``purged``: the original was deleted after its time there. ``kept`` and
    ``failed``: nothing is stored, for the reason in the entry.
    """

    seen = "seen"
    stable = "stable"
    claimed = "claimed"
    encoded = "encoded"
    verified = "verified"
    committed = "committed"
    quarantined = "quarantined"
    purged = "purged"
    kept = "kept"
    failed = "failed"


WAITING = frozenset({State.seen, State.stable})
"""States of files that nobody works on yet."""

UNFINISHED = frozenset({State.claimed, State.encoded, State.verified})
"""States that a crash leaves behind: each is finished or rolled back at the next start."""

PENDING = WAITING | UNFINISHED
"""States of files for which there is still something to do."""

ARCHIVED = frozenset({State.committed, State.quarantined, State.purged})
"""States of files that the store can give back."""

# Back to `seen` or `stable` is a roll-back, a retry, or a file that changed before it was stored;
# what is archived never falls back behind `committed`. From `quarantined` to `committed`: the
# original was taken out of quarantine; from `purged`: the same original was put back.
_FRESH = WAITING | {State.kept, State.failed}
_AFTER: dict[State, frozenset[State]] = {
    State.seen: frozenset({State.stable, State.kept, State.failed}),
    State.stable: frozenset({State.seen, State.claimed, State.kept, State.failed}),
    State.claimed: _FRESH | {State.encoded, State.verified},
    State.encoded: _FRESH | {State.verified},
    State.verified: _FRESH | {State.committed},
    State.committed: frozenset({State.quarantined}),
    State.quarantined: frozenset({State.committed, State.purged}),
    State.purged: frozenset({State.committed}),
    State.kept: frozenset({State.seen, State.stable, State.failed}),
    State.failed: frozenset({State.seen, State.stable, State.kept}),
}

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {state: after | {state} for state, after in _AFTER.items()}
)
"""Which states may follow a state. Each may follow itself: a step may be repeated."""
