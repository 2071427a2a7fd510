"""The device in use, in words."""

from __future__ import annotations

from dataclasses import dataclass

from irrm_core.errors import UsageError
from napari_irrm.jobs.loading import unnoticed


@dataclass(frozen=True)
class Device:
    """What a wish for a device gives.

    Attributes
    ----------
    text : str
        For people: the device and the reason, or why it cannot be used.
    usable : bool
        Whether it can be used.
    """

    text: str
    usable: bool = True


def look_at_device(wish: str = "auto") -> Device:
    """Find out which device a wish gives and why. Imports torch: call it in a thread."""
    from irrm_core.device import choose_device

    try:
        with unnoticed():
            choice = choose_device(wish)
    except UsageError as error:
        return Device(
            str(error).replace("use --device auto or cpu", "choose another"), usable=False
        )
    except (ImportError, OSError) as error:  # a broken environment
        return Device(
            f"PyTorch cannot be loaded ({error}); install it anew in the environment of napari",
            usable=False,
        )
    return Device(f"{choice.device.upper()}: {choice.reason}")


def device_text(wish: str = "auto") -> str:
    """Say which device a wish gives and why: ``"CPU: no CUDA device found"``.

    Imports torch: call it in a thread.
    """
    return look_at_device(wish).text
