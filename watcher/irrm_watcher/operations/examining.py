"""What `irrm-watch doctor` looks at: whether a configuration can work on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import CatalogueMissingError, IrrmError
from irrm_core.filesystem import filesystem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from irrm_watcher.config import Config, FolderConfig

_INOTIFY = Path("/proc/sys/fs/inotify")
_COUNTED = 200_000  # folders below a watched one; who has more needs no exact number


class Level(StrEnum):
    """How bad a finding is: ``problem`` stands in the way, ``advice`` does not."""

    ok = "ok"
    advice = "advice"
    problem = "problem"


@dataclass(frozen=True)
class Examined:
    """What one look found.

    Attributes
    ----------
    what : str
        That was looked at.
    level : Level
        How bad it is.
    message : str
        What was found, and what to do about it.
    """

    what: str
    level: Level
    message: str


def examine(config: Config) -> Iterator[Examined]:
    """Look at everything that a configuration needs; nothing is changed."""
    yield from _packages()
    yield from _store(config)
    yield _catalogue(config)
    for folder in config.folders:
        yield from _folder(folder)
    yield _watches(config)
    yield from _models(config)
    yield from _told(config)
    yield _mounting()


def _packages() -> Iterator[Examined]:
    for name, extra, use in (
        ("watchdog", "watcher", "to hear of new files"),
        ("imagecodecs", "codecs", "for JPEG XL and for some TIFF files"),
        ("zstandard", "codecs", "for class exact"),
    ):
        try:
            yield Examined(name, Level.ok, version(name))
        except PackageNotFoundError:
            yield Examined(
                name,
                Level.problem,
                f"is not installed, and needed {use}: pip install 'napari-irrm[{extra}]'",
            )


def _store(config: Config) -> Iterator[Examined]:
    from irrm_core.archive.store import Store

    place = config.store
    there = next(path for path in (place, *place.parents) if path.exists())
    if place.exists() and any(place.iterdir()):
        try:
            Store.open(place)
        except IrrmError as why:
            yield Examined("store", Level.problem, str(why))
            return
        yield Examined("store", Level.ok, f"{place}, on {filesystem_of(place).type}")
    elif there.is_dir():
        yield Examined("store", Level.ok, f"{place}: is made at the first start")
    else:
        yield Examined("store", Level.problem, f"{there}: is no folder; name another store")
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield Examined(
            "store", Level.problem, f"{there}: cannot be written; give this user the permission"
        )
    free, reserve = shutil.disk_usage(there).free, config.daemon.reserve
    told = f"{free / 1e9:.1f} GB free, {reserve / 1e9:.1f} GB kept in reserve"
    if free <= reserve:
        yield Examined(
            "space", Level.problem, f"{told}: nothing is archived; make room or lower `reserve`"
        )
    else:
        yield Examined("space", Level.ok, told)


def _catalogue(config: Config) -> Examined:
    from irrm_core.archive.catalogue import Catalogue
    from irrm_core.archive.catalogue.opening import refuse_network
    from irrm_watcher.catalogue.store import refuse_fresh_start

    try:
        refuse_network(config.catalogue)
        try:
            with Catalogue.open(config.catalogue) as catalogue:
                files = catalogue.summary().files
        except CatalogueMissingError:
            refuse_fresh_start(config.catalogue, config.store)
            return Examined(
                "catalogue", Level.ok, f"{config.catalogue}: is made at the first start"
            )
    except IrrmError as why:
        return Examined("catalogue", Level.problem, str(why))
    return Examined("catalogue", Level.ok, f"{config.catalogue}: {files} entries")


def _folder(folder: FolderConfig) -> Iterator[Examined]:
    what = f"folder {folder.name}"
    if not folder.path.is_dir():
        yield Examined(
            what,
            Level.problem,
            f"{folder.path}: is not there; mount its disk or correct `path`. Nothing is concluded "
            "about its files meanwhile",
        )
        return
    if not os.access(folder.path, os.R_OK | os.X_OK):
        yield Examined(
            what, Level.problem, f"{folder.path}: cannot be read; give this user the permission"
        )
        return
    system = filesystem_of(folder.path)
    how = "is polled, as other computers' changes come without events" if system.network else ""
    yield Examined(what, Level.ok, f"{folder.path}, on {system.type} {how}".rstrip())
    if not os.access(folder.path, os.W_OK):
        if folder.mode == "replace":
            yield Examined(
                what,
                Level.problem,
                f"{folder.path}: cannot be written, so originals cannot go into quarantine; give "
                'this user the permission, or set mode = "copy"',
            )
        else:
            yield Examined(
                what,
                Level.advice,
                f"{folder.path}: cannot be written, so it gets no marker; an empty mount is then "
                "told from an empty folder by its inode alone",
            )


def _watches(config: Config) -> Examined:
    what = "inotify"
    try:
        limit = int((_INOTIFY / "max_user_watches").read_text())
    except (OSError, ValueError):
        return Examined(what, Level.ok, "is not what this system uses")
    needed = 0
    for folder in config.folders:
        if folder.path.is_dir() and not filesystem_of(folder.path).network:
            for _ in os.walk(os.fsencode(folder.path)):
                needed += 1
                if needed > min(limit, _COUNTED):
                    break
    if needed > limit:
        return Examined(
            what,
            Level.advice,
            f"the watched folders hold more than the {limit} folders that the system lets one "
            "user watch, so they are polled; raise fs.inotify.max_user_watches with sysctl",
        )
    return Examined(what, Level.ok, f"{needed} folders to watch, {limit} watches allowed")


def _models(config: Config) -> Iterator[Examined]:
    from irrm_core.archive.choice import default_models
    from irrm_core.archive.classes.rule import DEFAULT_SCALE
    from irrm_core.zoo import find_card

    # Keys of the folder and of each of its rules, as they are used together.
    wanted: dict[str, None] = {}
    for folder in config.folders:
        for rule in (folder, *folder.rule):
            classes = rule.classes or folder.classes or ("lr",)
            model = rule.model or folder.model
            scale = rule.scale or folder.scale or DEFAULT_SCALE
            if "lr" not in classes:
                continue
            for name in (model,) if model else (*default_models(3, scale),):
                wanted[name] = None
    for name in wanted:
        try:
            card = find_card(name)
        except IrrmError as why:
            yield Examined(f"model {name}", Level.problem, str(why))
        else:
            yield Examined(f"model {name}", Level.ok, f"{card.id}, x{card.scale}")


def _told(config: Config) -> Iterator[Examined]:
    daemon = config.daemon
    if daemon.on_failure:
        try:
            program = shlex.split(daemon.on_failure)[0]
        except (ValueError, IndexError):
            program = daemon.on_failure
        found = shutil.which(program)
        yield Examined(
            "on_failure",
            Level.ok if found else Level.problem,
            found or f"{program}: is no program that can be run; give its whole path",
        )
    if daemon.metrics_file is not None:
        folder = daemon.metrics_file.parent
        well = folder.is_dir() and os.access(folder, os.W_OK)
        yield Examined(
            "metrics_file",
            Level.ok if well else Level.problem,
            str(daemon.metrics_file)
            if well
            else f"{folder}: is no folder that can be written; make it, or name another",
        )


def _mounting() -> Examined:
    from irrm_watcher.mount.mounting import load_fuse

    try:
        load_fuse()
    except IrrmError as why:
        return Examined("fuse", Level.advice, f"{why}; only `mount` takes it")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return Examined(
            "fuse", Level.advice, "/dev/fuse cannot be used by this user; only `mount` takes it"
        )
    return Examined("fuse", Level.ok, "can be used")
