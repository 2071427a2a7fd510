"""Weights: their identity, and reading and writing them as safetensors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from irrm_core.errors import ModelFileError

MAX_WEIGHTS_BYTES = 1 << 30
"""Larger files are refused before they are read; the largest known network has 45 MB."""


def weights_hash(state_dict: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of a set of weights, independent of the file that holds them.

    Over the tensors in the order of their names: name, dtype and shape on a line
    (``operations.0.weight float32 12,1,2,2``), then the values as little-endian bytes in C
    order.

    Parameters
    ----------
    state_dict : mapping of str to Tensor
        The stored tensors, before any conversion.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name in sorted(state_dict):
        tensor = state_dict[name].detach().cpu().contiguous()
        dtype = str(tensor.dtype).removeprefix("torch.")
        shape = ",".join(map(str, tensor.shape))
        digest.update(f"{name} {dtype} {shape}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file of floating-point tensors, as they are stored.

    Raises
    ------
    ModelFileError
        The file is missing, too large, damaged, or holds something else than finite floats.
    """
    return weights_from_bytes(read_limited(path), path)


def read_limited(path: Path) -> bytes:
    """Read a weights file whole.

    Bytes, not a memory map: a file that shrinks under a map ends the process.

    Raises
    ------
    ModelFileError
        It is missing, unreadable or too large.
    """
    try:
        size = path.stat().st_size
        if size <= MAX_WEIGHTS_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: the weights cannot be read: {error}") from error
    raise ModelFileError(f"{path}: {size:,} bytes are more than any known model has; refused")


def weights_from_bytes(content: bytes, origin: object) -> dict[str, Tensor]:
    """Return the tensors in the content of a safetensors file, as they are stored.

    Raises
    ------
    ModelFileError
        It is damaged, or holds something else than finite floats.
    """
    try:
        state = load(content)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise ModelFileError(
            f"{origin}: not a safetensors file, or damaged: {error}; fetch or import it again"
        ) from error
    return checked(state, origin)


def weights_to_bytes(state_dict: Mapping[str, Tensor]) -> bytes:
    """Return the tensors as the content of a safetensors file."""
    return save({name: t.detach().cpu().contiguous() for name, t in state_dict.items()})


def checked(state: Mapping[str, Tensor], origin: object) -> dict[str, Tensor]:
    """Return `state` if all of it is dense, floating-point, finite and of a sane size.

    Raises
    ------
    ModelFileError
        Something in it is not.
    """
    # An expanded view claims any shape from a few bytes; count before anything is copied.
    if sum(t.numel() for t in state.values()) * 2 > MAX_WEIGHTS_BYTES:
        raise ModelFileError(f"{origin}: more numbers than any known model has; refused")
    for name, tensor in state.items():
        if tensor.layout != torch.strided or tensor.dtype not in (
            torch.float16,
            torch.bfloat16,
            torch.float32,
            torch.float64,
        ):
            raise ModelFileError(f"{origin}: {name} is no dense floating-point tensor; refused")
        if tensor.device.type != "cpu":
            raise ModelFileError(f"{origin}: {name} has no values; refused")
        if not bool(torch.isfinite(tensor).all()):
            raise ModelFileError(f"{origin}: {name} holds NaN or infinity; refused")
    return dict(state)
