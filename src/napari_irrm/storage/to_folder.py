"""The work that brings chosen files of a store back as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.recall.places import ROOT_MARKER
from irrm_core.errors import UsageError
from napari_irrm.storage.files_progress import FilesProgress
from napari_irrm.storage.words import printable
from napari_irrm.words import count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from irrm_core.archive.recall import Failed, Restored
    from napari_irrm.jobs import Context, Settings
    from napari_irrm.storage.browser import StoreBrowser


@dataclass(frozen=True)
class Returned:
    """What became of the files that were to come back.

    Attributes
    ----------
    folder : Path
        Where they were to go.
    written : int
        How many were written.
    standing : int
        How many stood there already, as they were or as they would have been restored.
    kept : tuple of Path
        Other files that stood there under their names, and were kept.
    failed : tuple of str
        Why the rest could not be restored, a sentence for each.
    """

    folder: Path
    written: int
    standing: int
    kept: tuple[Path, ...]
    failed: tuple[str, ...]

    def __str__(self) -> str:
        told = [f"{count_text(self.written, 'file')} restored to {printable(self.folder)}"]
        if self.standing:
            told.append(f"{self.standing:,} there already")
        if self.kept:
            first = printable(self.kept[0].name)
            told.append(f"{len(self.kept):,} kept out by another file of the same name ({first})")
        if self.failed:
            told.append(f"{len(self.failed):,} failed: {self.failed[0]}")
        return "; ".join(told)


class RestoreToFolderWork:
    """Restore entries of a store into a folder; nothing that stands there is replaced.

    Each file is checked against the catalogue before and after it is decoded; one that is damaged
    is refused and the others go on. Running it again does what is missing. After a cancel, what is
    done stays and nothing half is left.

    Parameters
    ----------
    browser : StoreBrowser
        Of the store.
    numbers : sequence of int
        Of the entries.
    folder : Path
        Where the tree is built; outside the store and watched folders.
    settings : Settings
        Device, tile; the model is the one that each file names.
    done : callable
        Told what became of them, on the viewer's thread.

    Raises
    ------
    UsageError
        Nothing is chosen, or the folder lies in the store or in a watched folder.
    """

    def __init__(
        self,
        browser: StoreBrowser,
        numbers: Sequence[int],
        folder: Path,
        settings: Settings,
        done: Callable[[Returned], None],
    ) -> None:
        if not numbers:
            raise UsageError("no file of the store is chosen; choose some in the list")
        refuse_folder(folder, browser.store.path)
        self._browser = browser
        self._numbers = tuple(numbers)
        self._folder = folder
        self._settings = settings
        self._done = done

    @property
    def title(self) -> str:
        """For people."""
        return f"Restore {count_text(len(self._numbers), 'file')} to {printable(self._folder)}"

    def run(self, context: Context) -> Returned:
        """Restore the files, one after the other."""
        from irrm_core.archive.recall import Failed, Outcome, plan_restore, restore_all
        from napari_irrm.jobs.pool import working_threads

        with self._browser.again() as browser:
            entries = browser.entries(self._numbers)
        plan = plan_restore(entries, roots={}, to=self._folder)
        results: list[Restored | Failed] = list(
            restore_all(
                plan,
                self._browser.store,
                progress=FilesProgress(context.progress),
                cancel=context.cancel,
                device=self._settings.device,
                tile=self._settings.tile,
                threads=working_threads(),
            )
        )
        failed = [result for result in results if isinstance(result, Failed)]
        outcomes = [result for result in results if not isinstance(result, Failed)]
        gone = len(self._numbers) - len(plan)
        missing = [f"{count_text(gone, 'file')} not in the store any more"] if gone else []
        return Returned(
            folder=self._folder,
            written=sum(result.outcome is Outcome.restored for result in outcomes),
            standing=sum(result.outcome is Outcome.there for result in outcomes),
            kept=tuple(r.target for r in outcomes if r.outcome is Outcome.kept),
            failed=(*(str(result.error) for result in failed), *missing),
        )

    def finish(self, result: Returned) -> None:
        """Tell what became of the files."""
        self._done(result)

    def abandon(self) -> None:
        """Leave the files that are complete."""


def refuse_folder(folder: Path, store: Path) -> None:
    """Raise `UsageError` if a folder lies in the store, or in a folder that a watcher watches."""
    from irrm_core.archive.recall import refuse_inside

    refuse_inside(folder, roots={}, store=store, what="the output folder")
    watched = watched_above(folder.resolve())
    if watched is not None:
        raise UsageError(
            f"the output folder {printable(folder)}: lies in the watched folder "
            f"{printable(watched)}, which would take what appears there for new files; choose a "
            "folder outside"
        )


def watched_above(folder: Path) -> Path | None:
    """Return the folder that a watcher has marked as watched and that holds this one, if any."""
    return next((at for at in (folder, *folder.parents) if (at / ROOT_MARKER).exists()), None)
