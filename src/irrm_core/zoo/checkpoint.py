"""Published checkpoints: read without running anything in them, and made into models."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irrm_core.errors import ModelFileError
from irrm_core.networks import HaarDownsampling
from irrm_core.zoo.card import LatentPolicy, ModelCard, first_id
from irrm_core.zoo.halo import measure_halo
from irrm_core.zoo.model import assemble
from irrm_core.zoo.recognise import recognise
from irrm_core.zoo.registry import user_folder
from irrm_core.zoo.store import save_model
from irrm_core.zoo.weights import MAX_WEIGHTS_BYTES, checked, read_weights

# Both were trained with unit noise in the reverse pass; with zero, FIRN x4 loses 10 dB.
PUBLISHED_LATENT = LatentPolicy("gaussian", 1.0)


def import_checkpoint(
    path: str | Path,
    name: str,
    latent: LatentPolicy | None = None,
    *,
    images: Sequence[NDArray[np.float64]] | None = None,
    folder: str | Path | None = None,
    training_data: str = "unknown",
    licence: str = "unknown",
) -> ModelCard:
    """Make a model of a published checkpoint.

    Parameters
    ----------
    path : str or Path
        A ``.pth`` of IRN or FIRN, or the same tensors as safetensors.
    name : str
        Name of the model; ``name@version`` for a certain version.
    latent : LatentPolicy, optional
        What the network was trained to be fed; noise of std 1 by default, as the
        published ones were.
    images : sequence of ndarray, optional
        Pictures (H, W, C) or (H, W) in [0, 1] to measure the halo on; by default one
        that is made for it.
    folder : str or Path, optional
        Folder of models; the user's by default.
    training_data, licence : str
        For the card.

    Returns
    -------
    ModelCard
        The card as written.

    Raises
    ------
    ModelFileError
        The file is damaged, holds more than weights, or is no known network.
    ValueError
        The name cannot be a model's.
    """
    source = Path(path)
    first_id(name)
    recognised = recognise(read_checkpoint(source), source)
    network = assemble(recognised.architecture, recognised.parameters, recognised.state, source)
    _check_haar(recognised.state, source)
    policy = latent or PUBLISHED_LATENT
    return save_model(
        folder or user_folder(),
        network,
        name=name,
        architecture=recognised.architecture,
        parameters=recognised.parameters,
        latent=policy,
        halo=measure_halo(network, policy, images),
        training_data=training_data,
        licence=licence,
    )


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a ``.pth`` or safetensors file; no code in it is run.

    Raises
    ------
    ModelFileError
        The file is missing, too large, damaged, or holds more than weights.
    """
    if path.suffix == ".safetensors":
        return read_weights(path)
    try:
        _check_size(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except ModelFileError:
        raise
    except pickle.UnpicklingError as error:
        raise ModelFileError(
            f"{path}: refused; it is damaged or holds more than weights, and nothing in it was run"
        ) from error
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: no such checkpoint") from error
    except Exception as error:
        # torch.load answers damage with a dozen kinds of exceptions.
        raise ModelFileError(f"{path}: not a checkpoint, or damaged: {error}") from error
    return checked(_tensors(content, path), path)


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size <= MAX_WEIGHTS_BYTES and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = max(size, sum(entry.file_size for entry in archive.infolist()))
    if size > MAX_WEIGHTS_BYTES:
        raise ModelFileError(f"{path}: {size:,} bytes are more than any known model has; refused")


def _tensors(content: Any, path: Path) -> Mapping[str, Tensor]:
    for key in ("state_dict", "params", "model"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if (
        not isinstance(content, Mapping)
        or not content
        or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items())
    ):
        raise ModelFileError(f"{path}: no state dict; a checkpoint maps names to tensors")
    return content


def _check_haar(state: Mapping[str, Tensor], path: Path) -> None:
    """Refuse foreign wavelets: our Haar computes with sums and does not read the kernels."""
    for name, tensor in state.items():
        if name.endswith("haar_weights"):
            expected = HaarDownsampling(tensor.shape[0] // 4).haar_weights
            if not torch.equal(tensor.to(expected.dtype), expected):
                raise ModelFileError(f"{path}: {name} is not the Haar transform")
