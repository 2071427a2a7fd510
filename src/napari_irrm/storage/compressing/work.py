"""The work that makes LR files of a folder, or tries out what they would be."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import ImageFileError, OutputExistsError
from napari_irrm.storage.compressing.report import CompressReport, FileOutcome, Outcome
from napari_irrm.storage.files_progress import FilesProgress
from napari_irrm.storage.words import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from irrm_core.archive import RescalerPool
    from irrm_core.archive.assess import Selection
    from irrm_core.archive.gated import GatedFile
    from napari_irrm.jobs import Context, Settings
    from napari_irrm.storage.compressing.plan import CompressPlan

_PASSES = 3  # of a file: its range is looked for, it is downscaled, and restored by the gate


class CompressWork:
    """Make the LR file of every image in a folder that passes the gate.

    Originals are only read. What is in the output folder stays: running it again does what is
    missing. After a cancel, what is done stays and nothing half is left. A dry run writes nothing
    but to a temporary folder.

    Parameters
    ----------
    plan : CompressPlan
        The folders and the rule.
    settings : Settings
        Device and tile.
    dry : bool
        Only try out a sample.
    told : callable
        Told of each image, on the viewer's thread.
    done : callable
        Given the report, on the viewer's thread.

    Raises
    ------
    UsageError
        One of the folders is none to use.
    """

    def __init__(
        self,
        plan: CompressPlan,
        settings: Settings,
        *,
        dry: bool,
        told: Callable[[FileOutcome], None],
        done: Callable[[CompressReport], None],
    ) -> None:
        plan.check()
        self._plan = plan
        self._settings = settings
        self._dry = dry
        self._told = told
        self._done = done

    @property
    def title(self) -> str:
        """For people."""
        verb = "Try out" if self._dry else "Compress"
        return f"{verb} {printable(self._plan.folder.name or self._plan.folder)}"

    def run(self, context: Context) -> CompressReport:
        """Work on the images, one after the other."""
        from napari_irrm.jobs.pool import working_threads

        chosen = self._choose()
        pool = self._plan.rule.pool(
            device=self._settings.device, tile=self._settings.tile, threads=working_threads()
        )
        pool.prepare()
        progress = FilesProgress(context.progress, _PASSES)
        files = []
        progress.begin("files", len(chosen.paths))
        try:
            for source in chosen.paths:
                context.cancel.check()
                files.append(self._file(source, pool, progress, context))
                context.show(partial(self._told, files[-1]))
                progress.advance()
        finally:
            progress.end()
        return CompressReport(
            output=self._plan.output,
            dry=self._dry,
            found=chosen.found,
            found_size=chosen.found_size,
            others=chosen.others,
            files=tuple(files),
        )

    def finish(self, result: CompressReport) -> None:
        """Hand over the report."""
        self._done(result)

    def abandon(self) -> None:
        """Leave the LR files that are complete."""

    def _choose(self) -> Selection:
        from irrm_core.archive import is_image_name
        from irrm_core.archive.assess import select

        output = self._plan.output

        def wanted(path: Path) -> bool:
            return is_image_name(path) and not path.is_relative_to(output)

        return select(
            [self._plan.folder], sample=self._plan.sample if self._dry else None, wanted=wanted
        )

    def _file(
        self, source: Path, pool: RescalerPool, progress: FilesProgress, context: Context
    ) -> FileOutcome:
        from irrm_core.archive.gated import downscale_gated

        name = source.relative_to(self._plan.folder)
        standing = _standing(source, name, self._plan.target_folder(source))
        if standing is not None:
            return standing
        try:
            with self._room(source) as folder:
                found = downscale_gated(
                    source,
                    folder,
                    self._plan.rule,
                    pool,
                    keep=not self._dry,
                    progress=progress,
                    cancel=context.cancel,
                )
        except OutputExistsError:
            size = source.stat().st_size
            return FileOutcome(name, Outcome.stays, size, None, {}, _TAKEN)
        return _outcome(name, found)

    @contextmanager
    def _room(self, source: Path) -> Iterator[Path]:
        """Give the folder for an LR file, and make it only if one comes to lie there."""
        if self._dry:
            with tempfile.TemporaryDirectory(prefix="irrm-trial-") as trial:
                yield Path(trial)
            return
        folder = self._plan.target_folder(source)
        made = [place for place in (folder, *folder.parents) if not place.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise ImageFileError(
                f"{printable(folder)}: cannot be made ({why.strerror or why}); choose another "
                "folder for LR files"
            ) from why
        try:
            yield folder
        finally:
            _remove_empty(made)


_TAKEN = (
    "another file of the name of its LR file is there, and was kept; move it away, or choose "
    "another output folder"
)


def _standing(source: Path, name: Path, folder: Path) -> FileOutcome | None:
    """Return what was made of an image before; None if there is nothing of its name."""
    from irrm_core.archive import lr_name, read_lr_file
    from irrm_core.archive.classes.spool import hash_of
    from irrm_core.archive.formats import SUFFIXES
    from irrm_core.errors import IrrmError

    places = (folder / lr_name(source.name, suffix) for suffix in SUFFIXES.values())
    standing = next((place for place in places if place.exists()), None)
    if standing is None:
        return None
    size = 0
    try:
        size = source.stat().st_size
        file = read_lr_file(standing)
        record = file.record
        if record.source_size == size and record.source_hash == hash_of(source):
            psnr = {k: v for k, v in record.quality.items() if k == "psnr"}
            return FileOutcome(name, Outcome.there, size, file.file_size, psnr)
    except (IrrmError, OSError):
        pass  # no LR file of this image, or one of the two is gone
    return FileOutcome(name, Outcome.stays, size, None, {}, _TAKEN)


def _outcome(name: Path, found: GatedFile) -> FileOutcome:
    measured: dict[str, float] = {}
    if (report := found.report) is not None:
        values = {
            "psnr": report.psnr,
            "ssim": report.ssim,
            "max_error": report.max_error,
            "bias": report.bias,
        }
        measured = {key: value for key, value in values.items() if value is not None}
    outcome = Outcome.lr if found.passed else Outcome.stays
    return FileOutcome(name, outcome, found.size, found.lr_size, measured, found.reason)


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return  # something lies there, or in a folder below
