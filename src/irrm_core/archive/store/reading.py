"""Restoring what is stored, to see whether it still is what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.store.finding import Finding, Problem
from irrm_core.errors import Cancelled, IrrmError, NotRestorableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.store.folder import Store
    from irrm_core.progress import Cancel, Progress


def check_content(
    store: Store, entries: list[Entry], *, device: str, progress: Progress, cancel: Cancel
) -> Iterator[Finding]:
    """Restore each entry and yield a finding for each that does not come back as recorded."""
    from irrm_core.archive.store.checking import about

    pools: dict[str, RescalerPool] = {}
    progress.begin("restoring files", len(entries))
    for entry in entries:
        cancel.check()
        path = store.stored(entry.stored_path or b"")
        try:
            if entry.storage == "lr":
                _restore(path, _pool(store, entry, device, pools), cancel)
            else:
                _decode(path, entry, cancel)
        except Cancelled:
            raise
        except IrrmError as error:
            yield about(entry, Problem.differs, str(error))
        progress.advance()
    progress.end()


def _pool(store: Store, entry: Entry, device: str, pools: dict[str, RescalerPool]) -> RescalerPool:
    from irrm_core.archive.choice import RescalerPool

    if not pools:
        store.register_models()
    # At the precision at which the gate judged it, as it would be restored.
    precision = "fp32" if entry.measured.get("precision") == "fp32" else "auto"
    if precision not in pools:
        pools[precision] = RescalerPool(device=device, precision=precision)
    return pools[precision]


def _restore(path: Path, pool: RescalerPool, cancel: Cancel) -> None:
    from irrm_core.archive.lrfile import naming, read_lr

    lr, _ = read_lr(path)
    with naming(path):
        if not lr.record.digest:
            raise NotRestorableError("its record has no digest to compare with")
        rescaler = pool.for_weights(lr.record.weights_hash)
        rescaler.restore(lr.image, lr.record, lr.side_data, check=True, cancel=cancel)


def _decode(path: Path, entry: Entry, cancel: Cancel) -> None:
    from irrm_core.archive.exact import decode_exact

    told = decode_exact(path, cancel=cancel)
    if told.sha256 != entry.sha256:
        raise NotRestorableError(f"{path}: holds another file than the catalogue says")
