"""The device in use, in words."""

from __future__ import annotations


def device_text(wish: str = "auto") -> str:
    """Say which device a wish gives and why: ``"CPU: no CUDA device found"``.

    Imports torch: call it in a thread.
    """
    raise NotImplementedError
