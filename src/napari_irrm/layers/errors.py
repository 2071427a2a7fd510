"""Why a layer is refused."""

from __future__ import annotations

from irrm_core.errors import UsageError


class LayerRefusedError(UsageError):
    """A layer that cannot be rescaled; the message names it, says why and what to do."""
