"""Which storage class a file would get under a rule: the smallest that passes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import StorageClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irrm_core.archive.assess.values import Trial
    from irrm_core.archive.classes import Rule
    from irrm_core.archive.codecs import LosslessForm


@dataclass(frozen=True)
class Choice:
    """What the archive would make of a file.

    Attributes
    ----------
    storage : StorageClass
        ``lr``, ``exact`` or ``kept``.
    size : int
        Bytes that it would take.
    reason : str
        Why.
    """

    storage: StorageClass
    size: int
    reason: str


def choose(size: int, trials: Sequence[Trial], forms: Sequence[LosslessForm], rule: Rule) -> Choice:
    """Return the storage class of a file.

    Parameters
    ----------
    size : int
        Its bytes.
    trials : sequence of Trial
        LR files; those that miss a floor do not count.
    forms : sequence of LosslessForm
        Those that give back what the rule asks for count.
    rule : Rule
        Classes, what is exact, and the saving that is asked for.
    """
    candidates = []
    if StorageClass.lr in rule.classes:
        candidates += [
            Choice(StorageClass.lr, trial.size, f"{trial.model} passes and is the smallest")
            for trial in trials
            if not trial.failures
        ]
    if StorageClass.exact in rule.classes:
        candidates += [
            Choice(StorageClass.exact, form.size, f"{form.name} is the smallest")
            for form in forms
            if form.size is not None and form.gives_back in ("file", rule.exact)
        ]
    best = min(candidates, key=lambda choice: choice.size, default=None)
    if best is not None and best.size <= size * (1 - rule.minimum_saving):
        return best
    if best is None:
        return Choice(StorageClass.kept, size, "nothing passes that the rule allows")
    saving = max(1 - best.size / size, 0)
    return Choice(
        StorageClass.kept, size, f"too small a saving: {saving * 100:.1f} % by {best.storage}"
    )
