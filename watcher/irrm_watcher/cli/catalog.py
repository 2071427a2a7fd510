"""``irrm-watch catalog``: make the catalogue anew from the store, and write it out as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irrm_core.cli import console
from irrm_core.errors import SomeFilesFailedError

if TYPE_CHECKING:
    from irrm_watcher.catalogue import Unused

_Config = Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")]

_catalog = typer.Typer(
    help="Make the catalogue anew from the store, or write it out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(_catalog, name="catalog")


@_catalog.command()
def rebuild(
    config: _Config,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Put a catalogue that is there aside; it is kept."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read all records, say what was found, stop.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Make the catalogue anew from the records in the store's own files.

    For a catalogue that is lost or damaged. The daemon must not run. What is stored is all
    found again; files that were kept or failed are looked at again by the next scan, and the
    time in quarantine begins anew.
    """
    with console.interruptible() as cancel, console.show_progress(quiet=quiet) as progress:
        from irrm_core.archive.store import Store
        from irrm_watcher.catalogue import rebuild as rebuild_catalogue
        from irrm_watcher.catalogue.records import read_records
        from irrm_watcher.config import load_config

        settings = load_config(config)
        store = Store.open(settings.store)
        if dry_run:
            records, found = read_records(store, progress=progress, cancel=cancel)
            count, unused = len(records), tuple(found)
            facts: dict[str, object] = {"entries": count}
        else:
            made = rebuild_catalogue(
                settings.catalogue,
                store,
                {folder.name: Path(folder.path) for folder in settings.folders},
                overwrite=overwrite,
                progress=progress,
                cancel=cancel,
            )
            count, unused = made.entries, made.unused
            facts = {
                "entries": count,
                "present": made.present,
                "quarantined": made.quarantined,
                "aside": None if made.aside is None else str(made.aside),
            }
    facts |= {"catalogue": str(settings.catalogue), "dry_run": dry_run}
    _tell(facts, unused, json=json)
    if unused:
        raise SomeFilesFailedError(
            f"{len(unused)} of {count + len(unused)} archive files could not be used, see above"
        )


def _tell(facts: dict[str, object], unused: tuple[Unused, ...], *, json: bool) -> None:
    for item in unused:
        console.say(f"{item.path}: {item.reason}")
    if json:
        listed = [{"path": str(item.path), "reason": item.reason} for item in unused]
        console.write_json(facts | {"unused": listed})
        return
    would = "would have" if facts["dry_run"] else "has"
    console.write(f"{facts['catalogue']} {would} {facts['entries']} entries")
    if not facts["dry_run"]:
        console.write(
            f"originals: {facts['present']} in their place, {facts['quarantined']} in quarantine"
        )
    if facts.get("aside") is not None:
        console.write(f"the one before is now {facts['aside']}")


@_catalog.command()
def export(
    config: _Config,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document a line, instead of CSV.")
    ] = False,
) -> None:
    """Write every entry to standard output, as CSV or as lines of JSON."""
    from irrm_core.archive.catalogue import Catalogue
    from irrm_watcher.catalogue.exporting import csv_lines, json_lines
    from irrm_watcher.config import load_config

    with Catalogue.open(load_config(config).catalogue) as catalogue:
        entries = catalogue.entries()
    for line in json_lines(entries) if json else csv_lines(entries):
        console.write(line)
