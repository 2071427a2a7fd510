"""``irrm-watch check``: whether the store still holds what the catalogue says."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import console
from irrm_core.errors import FindingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irrm_core.archive.store import Finding


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(check)


def check(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    read_data: Annotated[
        bool,
        typer.Option(
            "--read-data",
            help="Restore files as well: an exact file must give back its original's SHA-256, an "
            "LR file the recorded means of 16 blocks of the picture, to some levels of 255.",
        ),
    ] = False,
    sample: Annotated[
        str, typer.Option(metavar="PART", help="Of the files to restore: 5%, or 0.05.")
    ] = "100%",
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="By which the sample is chosen; by default today's date (UTC), so that other "
            "days choose others.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bar; findings only.")
    ] = False,
) -> None:
    """Look for files and models of the store that are missing, damaged, unknown or misnamed.

    Every file is read and compared with the catalogue; nothing is changed. The daemon may run
    or not. Ends with exit code 16 if anything is found.
    """
    with console.interruptible() as cancel, console.show_progress(quiet=quiet) as progress:
        from irrm_core.archive.catalogue import ARCHIVED, Catalogue, Entry
        from irrm_core.archive.store import Store, check_store, sampled, today
        from irrm_watcher.config import load_config

        share, seed = _share(sample), today() if seed is None else seed
        settings = load_config(config)
        store = Store.open(settings.store)
        rows: list[Entry] = []
        with closing(Catalogue.open(settings.catalogue)) as catalogue:

            def entries() -> list[Entry]:
                rows.extend(catalogue.entries())
                return rows

            findings = list(
                check_store(
                    store,
                    entries,
                    read_data=read_data,
                    sample=share,
                    seed=seed,
                    device=device,
                    progress=progress,
                    cancel=cancel,
                )
            )
    archived = [entry for entry in rows if entry.state in ARCHIVED and entry.stored_path]
    restored = len(sampled(archived, share, seed)) if read_data else 0
    if json:
        console.write_json(
            {
                "store": os.fspath(settings.store),
                "files": len(archived),
                "restored": restored,
                "sample": share if read_data else None,
                "seed": seed if read_data else None,
                "findings": [_document(finding) for finding in findings],
            }
        )
    else:
        for finding in findings:
            console.write(f"{finding.problem}: {console.printable(finding.message)}")
        if not quiet:
            console.write(_summary(len(archived), restored, seed, findings))
    if findings:
        raise FindingsError(f"{settings.store}: {_counted(findings)}; see the lines above")


def _share(text: str) -> float:
    number, percent, _ = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"--sample {text}: is no part of the files; write 5%, or 0.05")
    return share


def _summary(files: int, restored: int, seed: str, findings: Sequence[Finding]) -> str:
    found = _counted(findings) if findings else "nothing wrong"
    chosen = f", {restored} restored, chosen by {seed}" if restored else ""
    return f"{files} files checked{chosen}: {found}"


def _counted(findings: Sequence[Finding]) -> str:
    counts = Counter(str(finding.problem) for finding in findings)
    return ", ".join(f"{count} {problem}" for problem, count in sorted(counts.items()))


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "problem": str(finding.problem),
        "path": os.fsdecode(finding.path),
        "message": finding.message,
        "root": finding.root,
        "original": None if finding.original is None else os.fsdecode(finding.original),
        "version": finding.version,
    }
