"""Mount a store as a read-only file system, and unmount it when asked to."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from irrm_core.archive.recall.places import refuse_around, refuse_inside
from irrm_core.errors import IrrmError, UsageError
from irrm_watcher.mount.restorer import Restorer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from irrm_core.archive.store import Store

DEFAULT_CACHE = 2 * 10**9
"""Bytes of restored files that are kept on the disk."""

_ENDED_BY_SIGNAL = 8  # what libfuse returns after an orderly end by a signal
_THREADS = 256  # opens that may wait for their turn while folders are still listed


def mount_store(
    mountpoint: Path,
    store: Store,
    catalogue: Path,
    *,
    roots: Mapping[str, Path],
    cache: Path | None = None,
    cache_size: int = DEFAULT_CACHE,
    jobs: int = 1,
    foreground: bool = True,
    dry_run: bool = False,
    **options: Any,
) -> None:
    """Show what a store holds as ``MOUNTPOINT/<root>/<path>``; return when it is unmounted.

    Files are restored when they are opened, into a cache on the disk. SIGTERM and
    ``fusermount3 -u`` unmount.

    Parameters
    ----------
    mountpoint : Path
        An empty folder outside the store and all watched folders.
    store : Store
        The store.
    catalogue : Path
        Its catalogue, read only; changes appear within seconds.
    roots : mapping of str to Path
        The watched folders.
    cache : Path, optional
        The folder for restored files; by default in the user's cache folder.
    cache_size : int
        Bytes that it may take.
    jobs : int
        Files restored at once; others wait.
    foreground : bool
        Stay in this process; else one of its own goes on in the background.
    dry_run : bool
        Return when all that can be checked was.
    **options
        As `RecallWorkers` takes them.

    Raises
    ------
    UsageError
        A folder lies where it must not, or is no empty folder.
    IrrmError
        There is no libfuse, or it refused.
    """
    mountpoint = mountpoint.absolute()
    _check_mountpoint(mountpoint, roots, store.path)
    cache = default_cache() if cache is None else cache.absolute()
    refuse_inside(cache, roots=roots, store=store.path, what="the cache")
    refuse_inside(cache, roots={}, store=mountpoint, what="the cache")
    fuse = load_fuse()
    if dry_run:
        return
    from irrm_watcher.mount.cache import RestoredCache
    from irrm_watcher.mount.contents import Contents
    from irrm_watcher.mount.filesystem import StoreFileSystem
    from irrm_watcher.mount.following import entries_shown, version_of
    from irrm_watcher.mount.sizes import Sizes

    with _own_folder(cache / store.id) as folder:
        restorer = Restorer(store.path, jobs, **options)
        system = StoreFileSystem(
            Contents(lambda: entries_shown(catalogue), lambda: version_of(catalogue)),
            Sizes(store.path),
            RestoredCache(folder, cache_size),
            restorer,
        )
        # Older ones know no such option, and have no such limit.
        threads = (fuse.fuse_version_major, fuse.fuse_version_minor) >= (3, 12)
        try:
            with restorer.unmounting_on_sigterm():
                fuse.FUSE(
                    system,
                    os.fspath(mountpoint),
                    foreground=foreground,
                    ro=True,
                    fsname="irrm",
                    subtype="irrm",
                    **({"max_threads": _THREADS} if threads else {}),
                )
        except RuntimeError as error:
            if error.args != (_ENDED_BY_SIGNAL,):
                raise IrrmError(
                    f"{mountpoint}: cannot be mounted (libfuse ended with {error}); it says why "
                    "above; see whether this user may use /dev/fuse"
                ) from error
        finally:
            restorer.end()


def default_cache() -> Path:
    """Return the folder for restored files where none is named."""
    import platformdirs

    return platformdirs.user_cache_path("irrm", appauthor=False) / "mount"


def load_fuse() -> Any:
    """Return the binding of libfuse.

    Raises
    ------
    IrrmError
        The binding or the library is not installed.
    """
    try:
        import mfusepy
    except ImportError as why:
        raise IrrmError(
            "mounting takes mfusepy, which is not installed: pip install 'napari-irrm[fuse]'"
        ) from why
    except (OSError, AttributeError) as why:
        raise IrrmError(
            f"mounting takes libfuse, which cannot be used ({why}); install it from the system's "
            "packages (Debian: libfuse3-3 and fuse3)"
        ) from why
    return mfusepy


def _check_mountpoint(mountpoint: Path, roots: Mapping[str, Path], store: Path) -> None:
    try:
        empty = not any(mountpoint.iterdir())
    except OSError as why:
        raise UsageError(
            f"{mountpoint}: cannot be a mount point ({why.strerror or why}); make an empty folder"
        ) from why
    if not empty:
        raise UsageError(f"{mountpoint}: is not empty, and what it holds would be hidden")
    refuse_inside(mountpoint, roots=roots, store=store, what="the mount point")
    refuse_around(mountpoint, roots=roots, store=store, what="the mount point")


@contextmanager
def _own_folder(folder: Path) -> Iterator[Path]:
    """Give the cache folder of a store, or while another mount has it, one for the time being."""
    from filelock import FileLock, Timeout

    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            yield folder.parent / temporary
        return
    try:
        yield folder
    finally:
        lock.release()
