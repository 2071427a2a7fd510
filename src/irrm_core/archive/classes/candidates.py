"""The candidates of one file, and the smallest of them that passes."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue.states import StorageClass
from irrm_core.archive.classes.choosing import Candidate, not_smaller, sentence, too_little
from irrm_core.archive.classes.facts import printable
from irrm_core.archive.classes.outcome import Kept, Stored
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.archive.classes.spool import hash_of
from irrm_core.archive.provenance import KEY, Provenance
from irrm_core.errors import (
    ImageDataError,
    ImageFileError,
    NotRestorableError,
    OutOfMemoryError,
    UsageError,
)
from irrm_core.imagefile.atomic import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.classes.facts import SourceFacts
    from irrm_core.archive.classes.lossless import Lossless
    from irrm_core.archive.classes.rule import Rule
    from irrm_core.archive.classes.small import Small
    from irrm_core.archive.store import Store
    from irrm_core.progress import Cancel, Progress

# What an image can have against being downscaled. A model that is missing is not among them:
# that is to be said of the rule, not of each file.
_UNFIT = (ImageFileError, ImageDataError, UsageError, OutOfMemoryError, MemoryError)


@dataclass
class Candidates:
    """Makes the archive files that a rule allows, and keeps the best; use it in a ``with``.

    On leaving, the temporary files of the losers are removed, and of all when there is no winner.
    The attributes are the parameters of `store_file`.
    """

    spooled: Path
    facts: SourceFacts
    rule: Rule
    store: Store
    pool: RescalerPool
    moment: float
    progress: Progress | None
    cancel: Cancel | None
    at: Callable[[str], None]
    _written: set[Path] = field(default_factory=set)

    def __enter__(self) -> Candidates:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for path in self._written:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def best(self) -> Stored | Kept:
        """Return the smallest that passes."""
        excluded = self._other_files()
        if excluded:
            return Kept(f"excluded: {excluded}")
        small, lr = self._small()
        lossless, exact = self._lossless(lr)
        if small is not None and lossless is not None and small.size >= lossless.size:
            lr = replace(lr, lost=not_smaller(small.size, lossless.size, StorageClass.exact))
            small = None
        if small is not None:
            stored, lr = self._judged(small, lr, exact)
            if stored is not None:
                return stored
            if lossless is not None:
                # Once more, so that its record has what the gate found.
                lossless, exact = self._lossless(lr)
        if lossless is not None:
            return self._stored(lossless.temporary, lossless.target, lossless.provenance, lr)
        return Kept(sentence([lr, exact]))

    def _small(self) -> tuple[Small | None, Candidate]:
        """Return the LR file, and whether it may be taken as far as its size says."""
        none = Candidate(StorageClass.lr)
        if StorageClass.lr not in self.rule.classes:
            return None, replace(none, lost="the rule does not allow it")
        from irrm_core.archive.classes.unkept import lost_beside
        from irrm_core.archive.formats import is_image_name

        if not is_image_name(Path(os.fsdecode(self.facts.path))):
            # Many scientific formats are TIFF inside, with parts that only their software knows.
            return None, replace(none, lost="is not called like an image")
        from irrm_core.archive.classes.small import make_small

        try:
            lost = lost_beside(self.spooled)
            if lost:
                return None, replace(none, lost=lost)
            small = make_small(
                self.spooled, self.facts, self.rule, self.store, self.pool,
                before_writing=self._prepare, progress=self.progress, cancel=self.cancel,
            )  # fmt: skip
        except StoreWriteError:
            raise
        except _UNFIT as error:
            return None, replace(none, lost=self._said(error))
        self.at("lr-written")
        lost = self._too_little(small.size)
        return None if lost else small, replace(none, size=small.size, lost=lost)

    def _lossless(self, lr: Candidate) -> tuple[Lossless | None, Candidate]:
        none = Candidate(StorageClass.exact)
        if StorageClass.exact not in self.rule.classes:
            return None, replace(none, lost="the rule does not allow it")
        from irrm_core.archive.classes.lossless import make_lossless

        others = {"others": {"lr": lr.to_json()}} if StorageClass.lr in self.rule.classes else {}
        provenance = self._provenance(StorageClass.exact, others)
        lossless = make_lossless(
            self.spooled, self.facts, self.rule, self.store, provenance, self._prepare, self.cancel
        )
        self.at("exact-written")
        lost = self._too_little(lossless.size)
        found = replace(none, size=lossless.size, form=lossless.form, lost=lost)
        return None if lost else lossless, found

    def _judged(
        self, small: Small, lr: Candidate, exact: Candidate
    ) -> tuple[Stored | None, Candidate]:
        """Let the gate judge the LR file; return it finished, or why it lost."""
        from irrm_core.archive.classes.small import judge_small, with_measurements

        try:
            verdict = judge_small(
                small, self.spooled, self.rule, progress=self.progress, cancel=self.cancel
            )
        except StoreWriteError:
            raise
        except (*_UNFIT, NotRestorableError) as error:
            return None, replace(lr, lost=f"could not be judged: {self._said(error)}")
        self.at("judged")
        report = verdict.report
        if not report.passed:
            lost = "; ".join(report.failures)
            return None, replace(lr, lost=lost, measured=report.to_json())
        usable = None if exact.lost else exact.size
        if usable is not None:
            exact = replace(exact, lost=not_smaller(usable, small.size, StorageClass.lr))
        others = {"others": {"exact": exact.to_json()}}
        card = small.rescaler.model.card
        provenance = self._provenance(
            StorageClass.lr,
            {**report.to_json(), **(others if StorageClass.exact in self.rule.classes else {})},
            model=card.id,
            weights_hash=card.weights_hash,
            scale=card.scale,
        )
        with StoreWriteError.on(self.store.models):
            self.store.keep_model(card)
        final = with_measurements(
            small, verdict.record, {KEY: provenance.to_fields()}, self._prepare
        )
        self.at("measured")
        # The measurements take bytes too, which may turn the scale for a very small file.
        lost = self._too_little(final.size)
        if not lost and usable is not None and final.size >= usable:
            lost = not_smaller(final.size, usable, StorageClass.exact)
        if lost:
            return None, replace(lr, size=final.size, lost=lost, measured=report.to_json())
        return self._stored(final.temporary, final.target, provenance, exact), lr

    def _stored(
        self, temporary: Path, target: Path, provenance: Provenance, other: Candidate
    ) -> Stored:
        stored = Stored(
            temporary=temporary,
            target=target,
            size=temporary.stat().st_size,
            sha256=hash_of(temporary),
            provenance=provenance,
            reason=sentence([other] if other.storage in self.rule.classes else []),
        )
        self._written.discard(temporary)
        return stored

    def _prepare(self, temporary: Path) -> None:
        """Make the folder of a temporary file that will be written, and remember the file."""
        with StoreWriteError.on(temporary):
            _make_folder(temporary.parent)
        self._written.add(temporary)

    def _provenance(
        self, storage: StorageClass, measured: dict[str, Any], **model: Any
    ) -> Provenance:
        facts = self.facts
        return Provenance(
            root=facts.root,
            path=facts.path,
            version=facts.version,
            size=facts.size,
            mtime_ns=facts.mtime_ns,
            mode=facts.mode,
            sha256=facts.sha256,
            xattrs=facts.xattrs,
            archived_at=self.moment,
            storage=storage,
            measured=measured,
            **model,
        )

    def _other_files(self) -> str | None:
        if self.rule.special:
            return None
        from irrm_core.archive.classes.parts import other_files

        return other_files(self.spooled)

    def _too_little(self, size: int) -> str:
        return too_little(size, self.facts.size, self.rule.minimum_saving)

    def _said(self, error: BaseException) -> str:
        """Return what an error says, of the original rather than of its copy."""
        text = printable(str(error) or "not enough memory")
        copy = printable(str(self.spooled))
        return text.removeprefix(f"{copy}: ").replace(copy, self.facts.name)


def _make_folder(folder: Path) -> None:
    """Make a folder whose name survives a power cut, as that of a file in it shall."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    sync_folder(folder.parent)
