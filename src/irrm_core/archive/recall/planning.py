"""Which file of a store goes where: pure, so that a dry run tells the truth."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.recall.names import name_of, numbered, parts_of
from irrm_core.archive.recall.planned import Overwrite, Planned
from irrm_core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from irrm_core.archive.catalogue import Entry


def plan_restore(
    entries: Iterable[Entry],
    *,
    roots: Mapping[str, Path],
    to: Path | None = None,
    overwrite: Overwrite | str = Overwrite.never,
) -> list[Planned]:
    """Return what restoring `entries` means; nothing is looked at but the arguments.

    Entries without a file in the store are left out. Where two would take one name, as an old
    and a new version of a file would, the newer keeps it and the other is numbered:
    ``photo~2.jpg``.

    Parameters
    ----------
    entries : iterable of Entry
        What was selected.
    roots : mapping of str to Path
        The watched folders by their names.
    to : Path, optional
        The folder in which the tree is built: ``<to>/<relative path>``, or, when there is more
        than one root, ``<to>/<root>/<relative path>``. By default files go where they were.
    overwrite : Overwrite
        What becomes of files that stand there.

    Raises
    ------
    UsageError
        A root is configured no more and `to` is not given, or a path in the catalogue leads
        out of its root.
    """
    stored = [entry for entry in entries if restorable(entry)]
    several = len(roots) > 1 or len({entry.root for entry in stored}) > 1
    mode = Overwrite(overwrite)
    taken: set[Path] = set()
    plan = []
    for entry in sorted(stored, key=lambda entry: (entry.root, entry.path, -entry.version)):
        base = _base(entry, roots, to)
        parts = parts_of(entry.path)
        if parts is None:
            raise UsageError(
                f"{entry.path!r} in {entry.root}: leads out of its folder; the catalogue is "
                "damaged, make it anew with `irrm-watch catalog rebuild`"
            )
        folder = base / entry.root if to is not None and several else base
        target = folder.joinpath(*parts[:-1], name_of(entry, parts[-1]))
        if target in taken:
            names = (numbered(target.name, number) for number in count(2))
            target = next(p for n in names if (p := target.with_name(n)) not in taken)
        taken.add(target)
        plan.append(Planned(entry, target, base, mode))
    return plan


def restorable(entry: Entry) -> bool:
    """Return whether the store can give an entry back."""
    return entry.archived and bool(entry.stored_path)


def _base(entry: Entry, roots: Mapping[str, Path], to: Path | None) -> Path:
    if to is not None:
        return to
    try:
        return roots[entry.root]
    except KeyError:
        known = ", ".join(sorted(roots)) or "none"
        raise UsageError(
            f"the folder {entry.root!r} is in the store but in the configuration no more (there: "
            f"{known}); say where to restore to with --to"
        ) from None
