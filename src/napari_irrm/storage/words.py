"""Savings, dates and entries in words."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State, StorageClass
from napari_irrm.words import count_text, psnr_text, size_text

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry, Found, Summary

_STATES = {
    State.seen: "waits until it is quiet",
    State.stable: "waits its turn",
    State.claimed: "is worked on",
    State.encoded: "is being judged",
    State.verified: "is being stored",
    State.committed: "original in its place",
    State.quarantined: "original in quarantine",
    State.purged: "original deleted",
    State.kept: "left alone",
    State.failed: "failed",
}


def sizes_text(size: int, stored: int) -> str:
    """Return two sizes with one unit where they have the same: ``"241 → 70 kB"``."""
    before, _, unit = size_text(size).partition(" ")
    after = size_text(stored)
    same = after.endswith(f" {unit}")
    return f"{before} → {after}" if same else f"{before} {unit} → {after}"


def saved_text(size: int, stored: int) -> str:
    """Return what is saved of `size` bytes: ``"74 % saved"`` (with a space that does not break)."""
    if not size:
        return "nothing saved"
    part = round(100 * (1 - stored / size))
    return f"{part}\u00a0% saved" if part >= 0 else f"{-part}\u00a0% larger"


def date_text(seconds: float) -> str:
    """Return a moment as a day and a time of this place: ``"2026-11-21 15:04"``."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def name_text(path: bytes) -> str:
    """Return a path of a catalogue for people: printable, whatever its bytes are."""
    return path.decode("utf-8", "backslashreplace")


def title_of(entry: Entry) -> str:
    """Return the name of a file without its folders, with its version if there were others."""
    name = name_text(entry.path.rpartition(b"/")[2])
    return name if entry.version == 1 else f"{name} (version {entry.version})"


def place_of(entry: Entry) -> str:
    """Return the watched folder of a file and the folders below it."""
    folder = name_text(entry.path.rpartition(b"/")[0])
    return f"{entry.root}/{folder}" if folder else entry.root


def psnr_of(entry: Entry) -> float | None:
    """Return what the gate measured in the worst channel, in dB; None where nothing was judged."""
    told = entry.measured.get("psnr") if entry.storage is StorageClass.lr else None
    values = told if isinstance(told, list) else [told]
    numbers = [value for value in values if isinstance(value, int | float)]
    return min(numbers, default=None)


def facts_of(entry: Entry) -> str:
    """Return how a file is stored, in one line."""
    if not entry.archived:
        reason = f": {entry.reason}" if entry.reason else ""
        return f"{_STATES[entry.state]}{reason}"
    stored = entry.stored_size or 0
    kind = f"LR ×{entry.scale}" if entry.storage is StorageClass.lr else "exact"
    told = [f"{kind} · {sizes_text(entry.size, stored)}"]
    psnr = psnr_of(entry)
    if psnr is not None:
        told.append(psnr_text(psnr))
    return " · ".join(told)


def details_of(entry: Entry) -> str:
    """Return all that people may want to know of an entry, in lines."""
    lines = [f"{entry.root}/{name_text(entry.path)}", facts_of(entry)]
    if entry.archived:
        lines[1] += f" · {saved_text(entry.size, entry.stored_size or 0)}"
        if entry.archived_at is not None:
            lines.append(f"archived {date_text(entry.archived_at)}, {_STATES[entry.state]}")
        if entry.model:
            lines.append(f"restored by {entry.model}")
    return "\n".join(lines)


def savings(summary: Summary) -> str:
    """Return what a store saves, in a sentence or two."""
    archived = summary.original_bytes
    if not archived:
        return f"Nothing is archived yet; {count_text(summary.backlog, 'file')} waiting."
    classes = summary.classes
    told = (
        f"{size_text(archived)} are stored in {size_text(summary.stored_bytes)}: "
        f"{size_text(summary.saved_bytes)} less, {saved_text(archived, summary.stored_bytes)}. "
        f"{count_text(classes.get(StorageClass.lr, 0), 'file')} as LR, "
        f"{classes.get(StorageClass.exact, 0):,} exact, "
        f"{classes.get(StorageClass.kept, 0):,} left alone"
    )
    more = [
        (summary.backlog, "waiting"),
        (summary.failures, "failed"),
    ]
    told += "".join(f", {count:,} {what}" for count, what in more if count)
    freed = summary.freed_bytes
    return f"{told}." + (f" {size_text(freed)} of originals deleted." if freed else "")


def found_text(found: Found, chosen: int) -> str:
    """Return what a search found, and how many of it are chosen, in one line."""
    told = f"{count_text(len(found.numbers), 'file')}, {size_text(found.size)}"
    if found.stored_size:
        saved = saved_text(found.size, found.stored_size)
        told += f" in {size_text(found.stored_size)} ({saved})"
    return f"{chosen:,} of {told}, chosen" if chosen else told


def printable(path: str | os.PathLike[str]) -> str:
    """Return a path that any text field takes."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode()
