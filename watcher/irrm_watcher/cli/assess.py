"""``irrm-watch assess``: ``irrm assess`` over the watched folders, by their own rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from irrm_core.archive.assess import ModelField, Terms
    from irrm_watcher.config import Config, FolderConfig


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(assess)


def assess(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with tables and pictures to look at."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N files by name.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="N files from everywhere, the same in every run."),
    ] = None,
    pictures: Annotated[
        int, typer.Option(min=0, metavar="N", help="Files that the page has pictures of.")
    ] = 12,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the page.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bar and no table.")
    ] = False,
) -> None:
    """Measure what the watched folders would take, beside JPEG, WebP, AVIF and JPEG XL.

    Each file is tried with the model that its rule asks for, and judged by its rule's floors.
    Nothing is stored, and nothing written but the page.
    """
    from irrm_core.cli.assess import show
    from irrm_core.cli.console import interruptible, show_progress

    with interruptible() as cancel:
        from irrm_core.archive import assess as rooms
        from irrm_core.archive.formats import is_image_name
        from irrm_core.imagefile import refuse_existing
        from irrm_watcher.config import load_config

        if html is not None:
            refuse_existing(html, overwrite)
        settings = load_config(config)
        rules = _Rules(settings)
        selection = rooms.select(
            [folder.path for folder in settings.folders],
            limit=limit,
            sample=sample,
            wanted=lambda path: is_image_name(path) and rules.takes(path),
        )
        with show_progress(quiet=quiet) as progress:
            found = rooms.assess(
                selection,
                rules.terms,
                pictures=0 if html is None else pictures,
                progress=progress,
                cancel=cancel,
            )
    show(found, html=html, overwrite=overwrite, json=json, quiet=quiet)


class _Rules:
    """The rule of every file, and the models that it asks for, each loaded once."""

    def __init__(self, settings: Config) -> None:
        self._settings = settings
        self._fields: dict[tuple[str | None, int | None, str], ModelField] = {}

    def takes(self, path: Path) -> bool:
        """Return whether the watcher would take a file."""
        from irrm_watcher.scan.taking import Taking

        folder, inside = self._place(path)
        return Taking(folder.include, folder.exclude, folder.hidden).file(inside)

    def terms(self, path: Path) -> Terms:
        """Return the rule of a file with its models."""
        from irrm_core.archive.assess import ModelField, Terms

        folder, inside = self._place(path)
        daemon = self._settings.daemon
        rule = folder.rule_for(inside, precision=daemon.precision)
        model, scale, precision = rule.pool_key
        if rule.pool_key not in self._fields:
            self._fields[rule.pool_key] = ModelField(
                [] if model is None else [model],
                [] if scale is None else [scale],
                device=daemon.device,
                precision=precision,
                threads=daemon.threads or None,
            )
        return Terms(self._fields[rule.pool_key], rule)

    def _place(self, path: Path) -> tuple[FolderConfig, bytes]:
        """Return the folder that a file lies in, and where in it."""
        for folder in self._settings.folders:
            if path.is_relative_to(folder.path):
                return folder, os.fsencode(path.relative_to(folder.path).as_posix())
        raise LookupError(f"{path} lies in no watched folder")
