"""``irrm-watch status``: how things stand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from irrm_core.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterator


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(status)


def status(
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    check_health: Annotated[
        bool,
        typer.Option(
            "--check-health",
            help="End with exit code 18 if things are not well: the daemon does not run, nothing "
            "was archived or looked at for longer than `stale`, something stands in the way.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing unless things are not well.")
    ] = False,
) -> None:
    """Show whether the daemon runs and is well, what waits, what is stored, and what failed.

    The daemon is not disturbed, and need not run.
    """
    from irrm_core.errors import UnhealthyError
    from irrm_watcher.config import load_config
    from irrm_watcher.operations.status import read_status

    document = read_status(load_config(config)).document()
    if json:
        console.write_json(document)
    elif not quiet:
        for line in _lines(document):
            console.write("".join(c if c.isprintable() else "?" for c in line))
    if check_health and not document["healthy"]:
        raise UnhealthyError(f"{document['store']}: {'; '.join(document['reasons'])}")


def _lines(document: dict[str, Any]) -> Iterator[str]:
    now = document["now"]
    yield f"health    {'well' if document['healthy'] else 'NOT WELL'}"
    for reason in document["reasons"]:
        yield f"          {reason}"
    yield f"daemon    {_daemon(document['daemon'], now)}"
    sizes, words = document["bytes"], console.size_in_words
    share = f" ({sizes['saved'] / sizes['original']:.0%})" if sizes["original"] else ""
    yield f"store     {document['store']}: {words(sizes['stored'])} for {words(sizes['original'])}"
    saved = abs(sizes["saved"])
    yield f"          {'saves' if sizes['saved'] >= 0 else 'costs'} {words(saved)}{share}"
    yield f"files     {_counted(document['states']) or 'none yet'}"
    if any(document["classes"].values()):
        yield f"classes   {_counted(document['classes'])}"
    waits = document["oldest_pending"]
    oldest = "" if waits is None else f", the oldest for {_span(now - waits)}"
    yield f"waiting   {document['backlog']} files{oldest}"
    yield f"success   {_ago(now, document['last_success'])}"
    if document["next_purge"] is not None:
        due = document["next_purge"]
        yield f"purge     {'is due' if due <= now else f'next in {_span(due - now)}'}"
    for folder in document["folders"]:
        yield from _folder(folder, now)
    for title in ("exact", "kept", "failed"):
        for item in document[title]:
            yield f"{title:<9} {item['files']}: {item['reason']}"


def _daemon(daemon: dict[str, Any], now: float) -> str:
    if daemon["pid"] is None:
        return "never ran"
    if not daemon["running"]:
        kind = "`once`" if daemon["once"] else "daemon"
        end = "ended" if daemon["ended_at"] is not None else "was killed or crashed; last seen"
        at = daemon["ended_at"] or daemon["beat_at"]
        return f"does not run; the last {kind} {end} {_ago(now, at)}"
    doing = f"at work on {daemon['busy']}" if daemon["busy"] else "idle"
    if daemon["resting"]:
        doing = f"resting: {daemon['resting']}"
    since = _span(now - daemon["started_at"])
    return f"runs for {since} (process {daemon['pid']} on {daemon['host']}), {doing}"


def _folder(folder: dict[str, Any], now: float) -> Iterator[str]:
    there = {True: "there", False: "AWAY", None: "not looked at yet"}[folder["present"]]
    looked = (
        "" if folder["scanned_at"] is None else f", looked at {_ago(now, folder['scanned_at'])}"
    )
    yield (
        f"folder    {folder['name']} ({folder['mode']}): {folder['path']} is {there}{looked}; "
        f"{folder['files']} files, {folder['backlog']} waiting"
    )
    if folder["away"]:
        yield f"          {folder['away']}"
    elif folder["watching"]:
        yield f"          {folder['watching']}"
    if folder["passed"]:
        yield f"          {folder['passed']} passed over, such as {folder['passed_first']}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _ago(now: float, at: float | None) -> str:
    if at is None:
        return "never"
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    return f"{_span(now - at)} ago ({moment})"


def _span(seconds: float) -> str:
    """Return a duration for people."""
    seconds = max(0.0, seconds)
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
