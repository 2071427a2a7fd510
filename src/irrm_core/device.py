"""Where the networks run, why there, and with how many threads."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.errors import UsageError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class DeviceChoice:
    """A device and why it was chosen.

    Attributes
    ----------
    device : str
        ``"cpu"``, ``"cuda"`` (or ``"cuda:1"`` and so on) or ``"mps"``, as torch names it.
    reason : str
        For people, such as ``"no CUDA device found"``.
    """

    device: str
    reason: str

    def __str__(self) -> str:
        return f"{self.device}: {self.reason}"


def choose_device(wish: str = "auto") -> DeviceChoice:
    """Choose the device for a wish.

    Parameters
    ----------
    wish : str
        ``"auto"`` takes the first of CUDA, MPS and CPU that works; ``"cpu"``, ``"cuda"``,
        ``"cuda:N"`` and ``"mps"`` insist.

    Raises
    ------
    UsageError
        The device is unknown or not there.
    """
    import torch

    kind, _, index = wish.partition(":")
    if kind not in DEVICES or (index and not (kind == "cuda" and index.isdecimal())):
        known = ", ".join(DEVICES)
        raise UsageError(f"unknown device {wish!r}; choose one of {known} or cuda:N")
    if kind == "cpu":
        return DeviceChoice("cpu", "asked for")
    cuda, no_cuda = _cuda()
    if kind == "cuda":
        if not cuda:
            raise UsageError(f"device {wish!r} cannot be used: {no_cuda}; use --device auto or cpu")
        if index and int(index) >= torch.cuda.device_count():
            count = torch.cuda.device_count()
            raise UsageError(f"device {wish!r} is not there: CUDA devices are 0 to {count - 1}")
        return DeviceChoice(wish, f"asked for ({torch.cuda.get_device_name(int(index or 0))})")
    mps = torch.backends.mps.is_available()
    if kind == "mps":
        if not mps:
            raise UsageError("device 'mps' cannot be used: no Apple GPU; use --device auto or cpu")
        return DeviceChoice("mps", "asked for")
    if cuda:
        return DeviceChoice("cuda", f"found {torch.cuda.get_device_name(0)}")
    if mps:
        return DeviceChoice("mps", "found an Apple GPU")
    return DeviceChoice("cpu", no_cuda)


def _cuda() -> tuple[bool, str]:
    import torch

    if torch.version.cuda is None and torch.version.hip is None:
        return False, "this build of torch has no CUDA"
    if not torch.cuda.is_available():
        return False, "no CUDA device found"
    return True, ""


def has_bfloat16(device: str) -> bool:
    """Whether the device computes in bfloat16 natively; emulation would be slower than fp32."""
    import torch

    kind = device.partition(":")[0]
    if kind == "cpu":
        capabilities = (
            torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        )
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return False


def subnet_dtype(device: str, precision: str, bits: int) -> torch.dtype:
    """Return the dtype in which the subnets compute.

    Parameters
    ----------
    device : str
        As torch names it.
    precision : str
        ``"fp32"``, or ``"auto"``: bfloat16 for 8-bit images on a device that has it. An LR
        of 16 bits holds finer steps than bfloat16 keeps, so it is always fp32.
    bits : int
        8 or 16: of the LR image.
    """
    import torch

    if precision == "auto" and bits == 8 and has_bfloat16(device):
        return torch.bfloat16
    return torch.float32


_threads_lock = threading.Lock()
_threads_set = False


def set_threads(count: int | None = None) -> int:
    """Set torch's thread count, once in a process.

    Without a count the environment's ``OMP_NUM_THREADS`` stands if there is one, else one
    thread for each core that this process may use. A second call changes nothing unless it
    names a count.

    Returns
    -------
    int
        The count in force.

    Raises
    ------
    UsageError
        `count` is not positive.
    """
    global _threads_set  # noqa: PLW0603  # torch's setting is the process's, so is this
    import torch

    if count is not None and count < 1:
        raise UsageError(f"{count} threads are impossible; give 1 or more")
    with _threads_lock:
        if count is not None:
            torch.set_num_threads(count)
        elif not _threads_set and "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(_usable_cores())
        _threads_set = True
        return torch.get_num_threads()


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
