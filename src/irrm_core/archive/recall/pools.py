"""Models for restoring from a store: its own copies, at the precision that was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.store import Store


class StorePools:
    """Gives each entry a pool of rescalers, of which each model is loaded once.

    Parameters
    ----------
    store : Store
        Whose copies of models are used: nothing but the store is needed.
    **options
        As `Rescaler` takes them: device, tile, threads.
    """

    def __init__(self, store: Store, **options: Any) -> None:
        self._store = store
        self._options = options
        self._pools: dict[str, RescalerPool] = {}

    def of(self, entry: Entry) -> RescalerPool:
        """Return the pool with the precision at which the gate judged this entry."""
        precision = "fp32" if entry.measured.get("precision") == "fp32" else "auto"
        if precision not in self._pools:
            from irrm_core.archive.choice import RescalerPool

            if not self._pools:
                self._store.register_models()
            self._pools[precision] = RescalerPool(precision=precision, **self._options)
        return self._pools[precision]
